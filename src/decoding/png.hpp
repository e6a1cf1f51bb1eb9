// PNG pictures, decoded by libpng straight into the picture.
#pragma once

#include "decoding/bytes.hpp"
#include "decoding/inspect.hpp"
#include "picture/picture.hpp"

namespace scrawl {

/// Decodes a picture of this size: 1 channel where it has no color, alpha laid over what
/// background_for chooses. A single transparent color (tRNS without a palette) is seen as it is.
/// Throws Error, with libpng's words, when it is of another size or damaged.
Picture decode_png(Bytes bytes, PictureSize size);

}  // namespace scrawl
