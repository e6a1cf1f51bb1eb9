#include "dataset/transform.hpp"

#include <cstddef>
#include <utility>

namespace scrawl {

void transpose_images(std::vector<std::uint8_t>& pixels) {
  for (std::size_t start = 0; start + glyph_pixels <= pixels.size(); start += glyph_pixels) {
    std::uint8_t* const image = pixels.data() + start;
    for (std::size_t y = 0; y < glyph_side; ++y)
      for (std::size_t x = 0; x < y; ++x)
        std::swap(image[y * glyph_side + x], image[x * glyph_side + y]);
  }
}

void invert_images(std::vector<std::uint8_t>& pixels) {
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
}

}  // namespace scrawl
