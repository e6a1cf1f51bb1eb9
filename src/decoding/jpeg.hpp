// JPEG pictures, decoded by libjpeg row by row, straight into the picture.
#pragma once

#include "decoding/bytes.hpp"
#include "decoding/inspect.hpp"
#include "picture/picture.hpp"

namespace scrawl {

/// Decodes a picture of this size, 1 or 3 channels. Throws Error, with libjpeg's words, when it is
/// of another size or damaged, be it ever so little.
Picture decode_jpeg(Bytes bytes, PictureSize size);

}  // namespace scrawl
