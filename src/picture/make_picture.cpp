// Pictures of pixels that a program has in memory.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <span>
#include <stdexcept>

#include <scrawl/error.hpp>
#include <scrawl/picture.hpp>

#include "picture/over_white.hpp"

namespace scrawl {

namespace {

void check(std::size_t size, std::size_t width, std::size_t height, std::size_t channels,
           std::size_t stride) {
  if (channels < 1 || channels > 4)
    throw std::invalid_argument(fmt::format("pixels: {} channels, expected 1 to 4", channels));
  if (width == 0 || height == 0)
    throw Error(fmt::format("pixels: {} x {} pixels are no picture", width, height));
  if (width > max_picture_pixels / height)
    throw Error(fmt::format("pixels: {} x {}; at most {} million can be read: make it smaller",
                            width, height, max_picture_pixels / 1'000'000));
  if (stride < width * channels)
    throw std::invalid_argument(fmt::format("pixels: {} bytes from row to row, a row alone has {}",
                                            stride, width * channels));
  if (size < width * channels || (size - width * channels) / stride < height - 1)
    throw std::invalid_argument(
        fmt::format("pixels: {} bytes, too few for {} x {} x {}", size, height, width, channels));
}

}  // namespace

Picture make_picture(std::span<const std::uint8_t> bytes, std::size_t width, std::size_t height,
                     std::size_t channels, std::size_t stride) {
  if (stride == 0) stride = width * channels;
  check(bytes.size(), width, height, channels, stride);
  const std::size_t colours = channels < 3 ? 1 : 3;
  Picture picture{static_cast<int>(width), static_cast<int>(height), static_cast<int>(colours), {}};
  picture.pixels.resize(width * height * colours);
  std::uint8_t* out = picture.pixels.data();
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* in = bytes.data() + y * stride;
    if (channels == colours) {
      out = std::copy_n(in, width * channels, out);
      continue;
    }
    for (std::size_t x = 0; x < width; ++x, in += channels) {
      for (std::size_t c = 0; c < colours; ++c) *out++ = lay_over_white(in[c], in[colours]);
    }
  }
  return picture;
}

}  // namespace scrawl
