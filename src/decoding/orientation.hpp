// How a camera was held.
#pragma once

#include "decoding/bytes.hpp"
#include "decoding/format.hpp"
#include "picture/picture.hpp"

namespace scrawl {

/// EXIF's orientation, 1 (upright) to 8; 1 where the file says nothing, or nonsense.
int read_orientation(Bytes bytes, Format format);

/// Turns and mirrors a picture of such an orientation.
Picture make_upright(Picture picture, int orientation);

}  // namespace scrawl
