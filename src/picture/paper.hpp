// The paper behind the ink: how light the picture would be without it.
#pragma once

#include "picture/plane.hpp"

namespace scrawl {

/// A morphological closing: it fills what is darker than its surroundings and narrower than a
/// quarter of the picture, and so keeps the gradients and shadows of the light, and removes
/// strokes.
Plane find_paper(const Plane& lightness);

}  // namespace scrawl
