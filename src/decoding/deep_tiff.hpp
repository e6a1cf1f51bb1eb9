// TIFF pictures of 32 or 64 bits a sample, as measuring instruments and programs for science write
// them; Leptonica has no place for these.
#pragma once

#include <cstddef>
#include <optional>

#include "decoding/bytes.hpp"
#include "decoding/inspect.hpp"
#include "picture/picture.hpp"

namespace scrawl {

struct DeepTiffHeader {
  PictureSize size{0, 0};
  std::size_t bits = 0;     ///< of a sample: 32, or 64 where it is a floating-point number
  std::size_t samples = 0;  ///< of a pixel: 1 gray, 2 with alpha, 3 colors, 4 with alpha
};

/// Nothing where the directory, from 0, is of another kind, or libtiff is not there.
std::optional<DeepTiffHeader> read_deep_tiff_header(Bytes tiff, std::size_t directory);

/// Numbers from 0 to 1, to 255 or to 65535 are taken as those of a picture; of others the lowest is
/// black and the highest white. Alpha is left out. Throws Error where it is damaged.
Picture decode_deep_tiff(Bytes tiff, std::size_t directory);

}  // namespace scrawl
