#include "picture/local_contrast.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "network/clones.hpp"

namespace scrawl {

namespace {

constexpr int reach = 32;  // pixels to each side of a window's middle
constexpr float least_share = 0.35F;
constexpr float least_deviation = 2.5F;
constexpr float most = 5;            // deviations
constexpr float byte_scale = 25.4F;  // of a deviation
constexpr float byte_zero = 128;

/// Adds a row to the sums of columns, or takes it out again. Sums of squares are exact: 65 x 65
/// pixels of 255^2 are below 2^32, and differences may wrap round.
SCRAWL_CLONES void add_row(const std::uint8_t* row, int count, std::uint32_t* sums,
                           std::uint32_t* squares) {
  for (int x = 0; x < count; ++x) {
    const std::uint32_t level = row[x];
    sums[x] += level;
    squares[x] += level * level;
  }
}

SCRAWL_CLONES void take_row(const std::uint8_t* row, int count, std::uint32_t* sums,
                            std::uint32_t* squares) {
  for (int x = 0; x < count; ++x) {
    const std::uint32_t level = row[x];
    sums[x] -= level;
    squares[x] -= level * level;
  }
}

/// Sums of columns to sums of windows: window x holds columns x - reach to x + reach that there
/// are.
void sum_windows(const std::vector<std::uint32_t>& columns, int width,
                 std::vector<std::uint32_t>& windows) {
  std::uint32_t sum = 0;
  for (int x = 0; x < std::min(reach, width); ++x) sum += columns[static_cast<std::size_t>(x)];
  // `columns` has `reach` zeros behind its end, and is entered behind as many before its beginning.
  const std::uint32_t* in = columns.data() + reach;
  for (int x = 0; x < width; ++x) {
    sum += in[x];
    if (x > reach) sum -= in[x - 2 * reach - 1];
    windows[static_cast<std::size_t>(x)] = sum;
  }
}

SCRAWL_CLONES float add_variances(const std::uint32_t* sums, const std::uint32_t* squares,
                                  const float* shares, float rows_share, int count) {
  float total = 0;
  for (int x = 0; x < count; ++x) {
    const float share = shares[x] * rows_share;
    const float mean = static_cast<float>(sums[x]) * share;
    total += std::max(0.0F, static_cast<float>(squares[x]) * share - mean * mean);
  }
  return total;
}

SCRAWL_CLONES void scale_row(const std::uint8_t* grey, const std::uint32_t* sums,
                             const std::uint32_t* squares, const float* shares, float rows_share,
                             float least_variance, int count, std::uint8_t* out) {
  for (int x = 0; x < count; ++x) {
    const float share = shares[x] * rows_share;
    const float mean = static_cast<float>(sums[x]) * share;
    const float variance = static_cast<float>(squares[x]) * share - mean * mean;
    const float floored = variance > least_variance ? variance : least_variance;
    float value = (mean - static_cast<float>(grey[x])) / std::sqrt(floored);
    value = value < -most ? -most : value;
    value = value > most ? most : value;
    out[x] = static_cast<std::uint8_t>(static_cast<int>(byte_zero + 0.5F + byte_scale * value));
  }
}

/// Calls visit(y, sums, squares, rows) for each row with the sums of its windows.
template <typename Visit>
void for_each_row(const Plane& grey, Visit&& visit) {
  const int width = grey.width;
  const auto padded = static_cast<std::size_t>(width + reach + 1);
  std::vector<std::uint32_t> sums(padded), squares(padded), window_sums(padded),
      window_squares(padded);
  for (int y = 0; y < std::min(reach, grey.height); ++y)
    add_row(grey.row(y), width, sums.data(), squares.data());
  for (int y = 0; y < grey.height; ++y) {
    if (y + reach < grey.height) add_row(grey.row(y + reach), width, sums.data(), squares.data());
    if (y > reach) take_row(grey.row(y - reach - 1), width, sums.data(), squares.data());
    sum_windows(sums, width, window_sums);
    sum_windows(squares, width, window_squares);
    const int rows = std::min(grey.height - 1, y + reach) - std::max(0, y - reach) + 1;
    visit(y, window_sums.data(), window_squares.data(), 1 / static_cast<float>(rows));
  }
}

}  // namespace

Plane local_contrast(const Plane& grey) {
  const int width = grey.width;
  std::vector<float> shares;  // of each window's columns
  for (int x = 0; x < width; ++x)
    shares.push_back(
        1.0F / static_cast<float>(std::min(width - 1, x + reach) - std::max(0, x - reach) + 1));
  double variances = 0;
  for_each_row(grey,
               [&](int, const std::uint32_t* sums, const std::uint32_t* squares, float share) {
                 variances += add_variances(sums, squares, shares.data(), share, width);
               });
  const auto mean = static_cast<float>(variances / static_cast<double>(grey.pixels.size()));
  const float least = std::max(least_deviation * least_deviation, least_share * least_share * mean);
  Plane contrast(width, grey.height);
  for_each_row(
      grey, [&](int y, const std::uint32_t* sums, const std::uint32_t* squares, float share) {
        scale_row(grey.row(y), sums, squares, shares.data(), share, least, width, contrast.row(y));
      });
  return contrast;
}

}  // namespace scrawl
