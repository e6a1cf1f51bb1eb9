// Images that are stored otherwise than MNIST's, as they should be.
#pragma once

#include <cstdint>
#include <vector>

#include <scrawl/glyph.hpp>

namespace scrawl {

/// Swaps rows and columns of each image: EMNIST stores columns first.
void transpose_images(std::vector<std::uint8_t>& pixels);

/// Makes ink of paper: 255 minus each pixel.
void invert_images(std::vector<std::uint8_t>& pixels);

}  // namespace scrawl
