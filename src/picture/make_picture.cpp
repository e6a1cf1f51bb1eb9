// Pictures of pixels that a program has in memory.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fmt/core.h>
#include <span>
#include <stdexcept>

#include <scrawl/error.hpp>

#include "picture/over_white.hpp"
#include "picture/picture.hpp"

namespace scrawl {

namespace {

/// What makes a gray or red, green and blue pixel of one in memory.
struct PixelLayout {
  std::size_t bytes;                  // of a pixel
  std::size_t colors;                 // 1 or 3
  std::array<std::uint8_t, 3> order;  // where gray, or red, green and blue are
  bool has_alpha;                     // behind the colors
};

PixelLayout pixel_layout(PixelFormat format) {
  switch (format) {
    case PixelFormat::gray:
      return {1, 1, {0}, false};
    case PixelFormat::gray_alpha:
      return {2, 1, {0}, true};
    case PixelFormat::rgb:
      return {3, 3, {0, 1, 2}, false};
    case PixelFormat::rgba:
      return {4, 3, {0, 1, 2}, true};
    case PixelFormat::bgr:
      return {3, 3, {2, 1, 0}, false};
    case PixelFormat::bgra:
      return {4, 3, {2, 1, 0}, true};
    case PixelFormat::gray16:
      return {2, 1, {0}, false};
  }
  throw std::invalid_argument(fmt::format("pixels: no format {}", static_cast<int>(format)));
}

void check(const PixelView& view, std::size_t row) {
  if (view.width == 0 || view.height == 0)
    throw Error(fmt::format("pixels: {} x {} pixels are no picture", view.width, view.height));
  if (view.width > max_picture_pixels / view.height)
    throw TooLargeError(
        fmt::format("pixels: {} x {}; at most {} million can be read: make it smaller", view.width,
                    view.height, max_picture_pixels / 1'000'000));
  if (view.stride != 0 && static_cast<std::size_t>(std::abs(view.stride)) < row)
    throw std::invalid_argument(
        fmt::format("pixels: {} bytes from row to row, a row alone has {}", view.stride, row));
}

std::uint8_t* copy_row(const std::uint8_t* in, std::size_t width, const PixelLayout& layout,
                       std::uint8_t* out) {
  for (std::size_t x = 0; x < width; ++x, in += layout.bytes) {
    for (std::size_t c = 0; c < layout.colors; ++c) {
      const std::uint8_t level = in[layout.order[c]];
      *out++ = layout.has_alpha ? lay_over_white(level, in[layout.colors]) : level;
    }
  }
  return out;
}

std::uint8_t* copy_row_of_16_bits(const std::uint8_t* in, std::size_t width, std::uint8_t* out) {
  for (std::size_t x = 0; x < width; ++x, in += 2) {
    std::uint16_t level = 0;
    std::memcpy(&level, in, sizeof level);
    *out++ = static_cast<std::uint8_t>((level * 255U + 32767U) / 65535U);
  }
  return out;
}

}  // namespace

Picture make_picture(const PixelView& view) {
  const PixelLayout layout = pixel_layout(view.format);
  const std::size_t row = view.width * layout.bytes;
  check(view, row);
  const std::ptrdiff_t stride = view.stride == 0 ? static_cast<std::ptrdiff_t>(row) : view.stride;
  Picture picture{static_cast<int>(view.width),
                  static_cast<int>(view.height),
                  static_cast<int>(layout.colors),
                  {}};
  picture.pixels.resize(view.width * view.height * layout.colors);
  std::uint8_t* out = picture.pixels.data();
  const auto* in = static_cast<const std::uint8_t*>(view.pixels);
  for (std::size_t y = 0; y < view.height; ++y, in += stride) {
    if (view.format == PixelFormat::gray16) {
      out = copy_row_of_16_bits(in, view.width, out);
    } else if (view.format == PixelFormat::gray || view.format == PixelFormat::rgb) {
      std::memcpy(out, in, row);
      out += row;
    } else {
      out = copy_row(in, view.width, layout, out);
    }
  }
  return picture;
}

Picture make_picture(std::span<const std::uint8_t> bytes, std::size_t width, std::size_t height,
                     std::size_t channels, std::size_t stride) {
  if (channels < 1 || channels > 4)
    throw std::invalid_argument(fmt::format("pixels: {} channels, expected 1 to 4", channels));
  const PixelView view{bytes.data(), width, height, static_cast<std::ptrdiff_t>(stride),
                       static_cast<PixelFormat>(channels - 1)};
  const std::size_t row = width * channels;
  check(view, row);
  if (stride == 0) stride = row;
  if (bytes.size() < row || (bytes.size() - row) / stride < height - 1)
    throw std::invalid_argument(fmt::format("pixels: {} bytes, too few for {} x {} x {}",
                                            bytes.size(), height, width, channels));
  return make_picture(view);
}

}  // namespace scrawl
