// Colours for where a picture is to be laid over.
#pragma once

#include "picture/picture.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// Gives the pixels where `covered` is 0 the colours of what is around them, taken from where
/// `known` is not 0; both are planes of the picture's size.
void spread_colours(Picture& picture, const Plane& known, const Plane& covered);

}  // namespace scrawl
