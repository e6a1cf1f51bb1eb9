// The paper behind the ink: how light the picture would be without it.
#pragma once

#include "picture/plane.hpp"

namespace scrawl {

/// A morphological closing: it fills what is darker than its surroundings and narrower than a
/// quarter of the picture, and so keeps the gradients and shadows of the light, and removes
/// strokes.
Plane find_paper(const Plane& lightness);

/// The same at a third of the resolution, with a window of `side` pixels: follows shadows closely,
/// and takes dark things that are wider (a desk beside the sheet) for paper; strokes have to be
/// narrower.
Plane find_paper_between_strokes(const Plane& lightness, int side);

/// The side of find_paper's window in pixels.
int paper_window(const Plane& lightness);

}  // namespace scrawl
