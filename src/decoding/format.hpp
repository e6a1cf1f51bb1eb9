// Picture formats, told apart by the first bytes of a file.
#pragma once

#include <string_view>

#include "decoding/bytes.hpp"

namespace scrawl {

enum class Format { png, jpeg, tiff, bmp, gif, webp, pnm, heif };

std::string_view to_string(Format format);

/// Throws Error, with what was found instead, when it is none of them.
Format detect_format(Bytes bytes);

}  // namespace scrawl
