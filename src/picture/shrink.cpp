#include "picture/shrink.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace scrawl {

namespace {

/// Adds to sums[x, c] the `factor` pixels of `row` that fall on x. A constant number of channels
/// lets the compiler unroll: this loop is what a large photo costs.
template <int channels>
void add_row(const std::uint8_t* row, int factor, std::vector<std::uint32_t>& sums) {
  for (std::size_t x = 0; x < sums.size(); x += channels) {
    std::uint32_t total[channels] = {};
    for (int i = 0; i < factor; ++i)
      for (int c = 0; c < channels; ++c) total[c] += *row++;
    for (int c = 0; c < channels; ++c) sums[x + c] += total[c];
  }
}

}  // namespace

int shrink_factor(int width, int height, int side) {
  const int needed = (std::max(width, height) + side - 1) / side;
  return std::min({needed, width, height});
}

Picture shrink(const Picture& picture, int factor) {
  Picture small{picture.width / factor, picture.height / factor, picture.channels, {}};
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(small.width) * small.channels);
  small.pixels.reserve(sums.size() * small.height);
  const std::uint32_t area = static_cast<std::uint32_t>(factor) * factor;
  const std::size_t stride = static_cast<std::size_t>(picture.width) * picture.channels;
  for (std::size_t y = 0; y < static_cast<std::size_t>(small.height) * factor; y += factor) {
    std::fill(sums.begin(), sums.end(), area / 2);  // to round
    for (int i = 0; i < factor; ++i) {
      const std::uint8_t* row = picture.pixels.data() + (y + i) * stride;
      picture.channels == 1 ? add_row<1>(row, factor, sums) : add_row<3>(row, factor, sums);
    }
    for (const std::uint32_t sum : sums)
      small.pixels.push_back(static_cast<std::uint8_t>(sum / area));
  }
  return small;
}

Plane shrink(const Plane& plane, int factor) {
  Picture small = shrink(Picture{plane.width, plane.height, 1, plane.pixels}, factor);
  Plane result(small.width, small.height);
  result.pixels = std::move(small.pixels);
  return result;
}

}  // namespace scrawl
