#include "picture/decoding_cost.hpp"

#include <limits>

#include <scrawl/error.hpp>

#include "picture/format.hpp"
#include "picture/inspect.hpp"

namespace scrawl {

namespace {

/// Reading works on a copy of about a megapixel, whatever the picture's size.
constexpr std::size_t reading_cost = std::size_t{64} << 20;

/// A decoder's own buffers, its 32-bit pixels, those with the alpha laid over white, and ours.
constexpr std::size_t cost_of_pixel = 24;

}  // namespace

std::size_t decoding_cost(std::span<const std::byte> bytes) {
  const PictureSize size = read_picture_size(bytes, detect_format(bytes));
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  const std::size_t most_pixels = (most - reading_cost) / cost_of_pixel;
  if (size.width != 0 && size.height > most_pixels / size.width) return most;
  return reading_cost + size.width * size.height * cost_of_pixel;
}

}  // namespace scrawl
