// HEIC and AVIF pictures, as phones make them, where the build has libheif.
#pragma once

#include <cstddef>

#include "decoding/bytes.hpp"
#include "picture/picture.hpp"

namespace scrawl {

/// Decodes the primary image, upright, alpha over white; read_heif_size has found no more than
/// `max_pixels` in it. libheif decodes it whole: it has no way to hand out rows or, before 1.19,
/// tiles. Throws Error when it is damaged, or this build has no libheif.
Picture decode_heif(Bytes bytes, std::size_t max_pixels);

}  // namespace scrawl
