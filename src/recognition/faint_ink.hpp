// Ink that shines through from the back of the paper.
#pragma once

#include <vector>

#include "picture/picture.hpp"
#include "picture/plane.hpp"
#include "recognition/detection.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// Leaves out what is so faint beside the others that it shines through. The network sees local
/// contrast, which does not tell. Faint is what is so in brightness and in each color: yellow ink,
/// as bright as white paper, is as dark as other ink in blue. `gray` is the brightness of
/// `picture`, turned by `turned`, in which the detections are.
void drop_faint(std::vector<Detection>& detections, const Plane& gray, const Picture& picture,
                Turn turned);

}  // namespace scrawl
