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

/// Of levels and of their squares, for each column or each window.
struct Sums {
  explicit Sums(int count)
      : levels(static_cast<std::size_t>(count)), squares(static_cast<std::size_t>(count)) {}

  std::vector<std::uint32_t> levels;
  std::vector<std::uint32_t> squares;
};

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
/// are. `columns` has `reach` zeros behind its end.
void sum_windows(const Sums& columns, int width, Sums& windows) {
  std::uint32_t sum = 0;
  std::uint32_t square = 0;
  for (int x = 0; x < std::min(reach, width); ++x) {
    sum += columns.levels[static_cast<std::size_t>(x)];
    square += columns.squares[static_cast<std::size_t>(x)];
  }
  const std::uint32_t* level_in = columns.levels.data() + reach;
  const std::uint32_t* square_in = columns.squares.data() + reach;
  std::uint32_t* levels = windows.levels.data();
  std::uint32_t* squares = windows.squares.data();
  for (int x = 0; x < std::min(reach + 1, width); ++x) {
    levels[x] = sum += level_in[x];
    squares[x] = square += square_in[x];
  }
  constexpr int wide = 2 * reach + 1;
  for (int x = reach + 1; x < width; ++x) {
    levels[x] = sum += level_in[x] - level_in[x - wide];
    squares[x] = square += square_in[x] - square_in[x - wide];
  }
}

SCRAWL_CLONES double sum_of_variances(const std::uint32_t* sums, const std::uint32_t* squares,
                                      const float* shares, float rows_share, int count) {
  constexpr int lanes = 16;
  float totals[lanes] = {};
  const auto variance = [&](int x) {
    const float share = shares[x] * rows_share;
    const float mean = static_cast<float>(sums[x]) * share;
    return static_cast<float>(squares[x]) * share - mean * mean;
  };
  int x = 0;
  for (; x + lanes <= count; x += lanes)
    for (int i = 0; i < lanes; ++i) totals[i] += variance(x + i);
  for (; x < count; ++x) totals[0] += variance(x);
  double sum = 0;
  for (const float total : totals) sum += static_cast<double>(total);
  return sum;
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

/// Sums of windows, row by row.
class Windows {
 public:
  explicit Windows(const Plane& grey)
      : grey_(grey), columns_(grey.width + reach), windows_(grey.width) {
    for (int y = 0; y < std::min(reach, grey.height); ++y)
      add_row(grey.row(y), grey.width, columns_.levels.data(), columns_.squares.data());
  }

  /// Goes on to row y, the one after the last; the first is 0.
  void enter_row(int y) {
    if (y + reach < grey_.height)
      add_row(grey_.row(y + reach), grey_.width, columns_.levels.data(), columns_.squares.data());
    if (y > reach)
      take_row(grey_.row(y - reach - 1), grey_.width, columns_.levels.data(),
               columns_.squares.data());
    const int rows = std::min(grey_.height - 1, y + reach) - std::max(0, y - reach) + 1;
    rows_share_ = 1 / static_cast<float>(rows);
  }

  const Sums& of_row() {
    sum_windows(columns_, grey_.width, windows_);
    return windows_;
  }
  float rows_share() const { return rows_share_; }

 private:
  const Plane& grey_;
  Sums columns_;
  Sums windows_;
  float rows_share_ = 1;
};

/// For each x one over the columns that its window has.
std::vector<float> shares_of_columns(int width) {
  std::vector<float> shares;
  shares.reserve(static_cast<std::size_t>(width));
  for (int x = 0; x < width; ++x)
    shares.push_back(
        1 / static_cast<float>(std::min(width - 1, x + reach) - std::max(0, x - reach) + 1));
  return shares;
}

/// In every fourth row; windows are so large that those between hardly differ.
double mean_variance(const Plane& grey, const std::vector<float>& shares) {
  constexpr int every = 4;
  Windows windows(grey);
  double sum = 0;
  int rows = 0;
  for (int y = 0; y < grey.height; ++y) {
    windows.enter_row(y);
    if (y % every != every / 2 && grey.height >= every) continue;
    const Sums& row = windows.of_row();
    sum += sum_of_variances(row.levels.data(), row.squares.data(), shares.data(),
                            windows.rows_share(), grey.width);
    ++rows;
  }
  return sum / (static_cast<double>(rows) * grey.width);
}

}  // namespace

Plane local_contrast(const Plane& grey) {
  Plane contrast(grey.width, grey.height);
  if (grey.pixels.empty()) return contrast;
  const std::vector<float> shares = shares_of_columns(grey.width);
  const auto mean = static_cast<float>(mean_variance(grey, shares));
  const float least = std::max(least_deviation * least_deviation, least_share * least_share * mean);
  Windows windows(grey);
  for (int y = 0; y < grey.height; ++y) {
    windows.enter_row(y);
    const Sums& row = windows.of_row();
    scale_row(grey.row(y), row.levels.data(), row.squares.data(), shares.data(),
              windows.rows_share(), least, grey.width, contrast.row(y));
  }
  return contrast;
}

}  // namespace scrawl
