#include "picture/fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "picture/stroke.hpp"

namespace scrawl {

namespace {

constexpr int field_side = static_cast<int>(glyph_side);

/// The longer side of a digit in MNIST, in pixels of the field.
constexpr double digit_side = 20;

/// MNIST's strokes are 1.7 (the 5th percentile) to 3.7 pixels wide (the 95th), 2.4 in the median,
/// by measure_stroke_width; thinner ones are brought to this.
constexpr double thinnest_stroke = 2;

/// Strokes are widened at this many times the field's resolution.
constexpr int fine = 4;
constexpr int fine_side = field_side * fine;

/// How a digit is drawn: scaled, made stronger, and then its strokes widened.
struct Fit {
  double scale = 1;  ///< pixels of the fine field for each of the digit's
  double gain = 1;
  int radius = 0;  ///< in pixels of the fine field, on each side of a stroke
};

/// With strokes made wider by r on each side, the digit's side grows by 2r: what stays in
/// proportion is the distance between the strokes' middles.
Fit choose_fit(const Plane& digit) {
  const double side = std::max(digit.width, digit.height);
  const double stroke = measure_stroke_width(digit);
  const bool is_dot = stroke * 2 > side;
  if (is_dot || stroke * digit_side / side >= thinnest_stroke) return {digit_side / side * fine};
  const double scale = (digit_side - thinnest_stroke) / (side - stroke) * fine;
  // A stroke less than 2 pixels wide may cover half its width of each of two pixels, and none
  // whole.
  const double gain = std::max(1.0, 2 / (stroke * scale));
  const double missing = thinnest_stroke * fine - stroke * scale;
  return {scale, gain, static_cast<int>(std::lround(missing / 2))};
}

/// The pixels of an axis that a pixel of its scaled copy covers: `first` whole or in part, and so
/// on.
struct Cover {
  int first;
  std::vector<float> shares;  ///< of each from `first` on; their sum is 1 inside the axis
};

/// Between two pixels of the axis, as far as they are there: what is smaller than in MNIST is
/// enlarged smoothly.
Cover between_pixels(double at, int size) {
  const int first = static_cast<int>(std::floor(at));
  const double share = at - first;
  Cover cover{std::max(0, first), {}};
  if (first >= 0 && first < size) cover.shares.push_back(static_cast<float>(1 - share));
  if (first + 1 >= 0 && first + 1 < size) cover.shares.push_back(static_cast<float>(share));
  return cover;
}

/// Covers of all pixels of the fine field's axis, in the middle of which `size` pixels are to be
/// drawn. They start with a pixel of the field, so that a digit of 20 pixels, one from MNIST for
/// instance, is copied as it is.
std::vector<Cover> cover_axis(int size, double scale) {
  const long start = std::lround((field_side - size * scale / fine) / 2) * fine;
  std::vector<Cover> covers;
  for (int i = 0; i < fine_side; ++i) {
    if (scale > fine) {
      covers.push_back(between_pixels((static_cast<double>(i - start) + 0.5) / scale - 0.5, size));
      continue;
    }
    const double begin = static_cast<double>(i - start) / scale;
    const double from = std::clamp(begin, 0.0, static_cast<double>(size));
    const double to = std::clamp(begin + 1 / scale, 0.0, static_cast<double>(size));
    Cover cover{static_cast<int>(from), {}};
    for (int k = cover.first; k < to; ++k)
      cover.shares.push_back(
          static_cast<float>((std::min(to, k + 1.0) - std::max(from, 1.0 * k)) * scale));
    covers.push_back(std::move(cover));
  }
  return covers;
}

/// Draws `ink`, scaled, in the middle of the fine field: each pixel is the mean of the area that it
/// covers.
Plane draw_scaled(const Plane& ink, double scale) {
  const std::vector<Cover> columns = cover_axis(ink.width, scale);
  const std::vector<Cover> rows = cover_axis(ink.height, scale);
  std::vector<float> narrow;  // (ink.height, fine_side): scaled across, not yet down
  for (int y = 0; y < ink.height; ++y) {
    for (const Cover& cover : columns) {
      float sum = 0;
      for (std::size_t k = 0; k < cover.shares.size(); ++k)
        sum += cover.shares[k] * ink.row(y)[cover.first + k];
      narrow.push_back(sum);
    }
  }
  Plane field(fine_side, fine_side);
  std::vector<float> sums(fine_side);
  for (int y = 0; y < fine_side; ++y) {
    std::fill(sums.begin(), sums.end(), 0.5F);  // to round
    for (std::size_t k = 0; k < rows[y].shares.size(); ++k) {
      const float* in = narrow.data() + (rows[y].first + k) * fine_side;
      for (int x = 0; x < fine_side; ++x) sums[x] += rows[y].shares[k] * in[x];
    }
    std::transform(sums.begin(), sums.end(), field.row(y),
                   [](float sum) { return static_cast<std::uint8_t>(std::min(sum, 255.0F)); });
  }
  return field;
}

Plane strengthen(Plane ink, double gain) {
  for (std::uint8_t& level : ink.pixels)
    level = static_cast<std::uint8_t>(std::min(255.0, level * gain));
  return ink;
}

/// Makes the soft edges of an enlarged digit as steep as those of one that is not: MNIST's are.
void sharpen(Plane& field, double enlarged) {
  constexpr double middle = 110;
  const double steeper = 1 + 1.5 * (enlarged - 1);
  for (std::uint8_t& level : field.pixels) {
    const double steep = middle + (level - middle) * steeper;
    level = static_cast<std::uint8_t>(std::clamp(steep, 0.0, 255.0));
  }
}

/// Brings the fine field to the field's resolution.
Plane average_blocks(const Plane& in) {
  Plane out(in.width / fine, in.height / fine);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int sum = fine * fine / 2;  // to round
      for (int i = 0; i < fine * fine; ++i) sum += in.row(y * fine + i / fine)[x * fine + i % fine];
      out.row(y)[x] = static_cast<std::uint8_t>(sum / (fine * fine));
    }
  }
  return out;
}

/// Moves the field by whole pixels, as MNIST's makers did, so that the centre of mass comes to
/// pixel (14, 14), counted from 0. What is moved out is cut off; a digit of 20 pixels never is.
Glyph centre(const Plane& field) {
  double sum = 0;
  double across = 0;
  double down = 0;
  for (int y = 0; y < field_side; ++y) {
    for (int x = 0; x < field_side; ++x) {
      const double level = field.row(y)[x];
      sum += level;
      across += level * x;
      down += level * y;
    }
  }
  Glyph glyph{};
  if (sum == 0) return glyph;
  const int dx = field_side / 2 - static_cast<int>(std::lround(across / sum));
  const int dy = field_side / 2 - static_cast<int>(std::lround(down / sum));
  for (int y = std::max(0, dy); y < std::min(field_side, field_side + dy); ++y)
    for (int x = std::max(0, dx); x < std::min(field_side, field_side + dx); ++x)
      glyph[static_cast<std::size_t>(y) * glyph_side + x] = field.row(y - dy)[x - dx];
  return glyph;
}

}  // namespace

Glyph fit_digit(const Plane& digit) {
  const Fit fit = choose_fit(digit);
  Plane field = draw_scaled(digit, fit.scale);
  if (fit.scale > fine) sharpen(field, fit.scale / fine);
  if (fit.radius > 0) field = widen_strokes(strengthen(field, fit.gain), fit.radius);
  return centre(average_blocks(field));
}

}  // namespace scrawl
