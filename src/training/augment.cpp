#include "training/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include "network/clones.hpp"

namespace scrawl {

namespace {

constexpr std::size_t side = glyph_side;
constexpr std::size_t padded = 32;  // a row in memory: whole vectors
constexpr std::size_t border = 2;   // of paper around the glyph that is sampled

/// Gray levels from 0 to 1: (28, 32), of whose columns the last four are not used.
using Plane = std::array<float, side * padded>;

/// From where in the glyph each pixel comes: (28, 32) each, in pixels.
struct Map {
  Plane x;
  Plane y;
};

// Of values, not references: gcc takes std::min and std::max for branches, and makes no vectors of
// loops with them.
float smaller(float a, float b) {
  return b < a ? b : a;
}

float larger(float a, float b) {
  return a < b ? b : a;
}

/// Uniform from -most to most.
float around_zero(Random& random, float most) {
  return (2 * random.uniform() - 1) * most;
}

/// From the pixel to its source, both from the middle of the glyph: a (2, 2) matrix and a shift.
struct Affine {
  float xx = 1;
  float xy = 0;
  float yx = 0;
  float yy = 1;
  float x = 0;
  float y = 0;
};

Affine random_affine(const Augmentation& a, Random& random) {
  const float angle = around_zero(random, a.rotation) * std::numbers::pi_v<float> / 180;
  const float size = std::exp(around_zero(random, a.scale));
  const float width = std::exp(around_zero(random, a.scale / 2));
  const float slant = around_zero(random, a.shear);
  const float c = std::cos(angle) * size;
  const float s = std::sin(angle) * size;
  Affine affine;
  affine.xx = c * width;
  affine.xy = c * slant - s;
  affine.yx = s * width;
  affine.yy = s * slant + c;
  affine.x = around_zero(random, a.shift);
  affine.y = around_zero(random, a.shift);
  return affine;
}

// ---- The elastic field: cubic B-splines over points 7 pixels apart, so seven in each direction
// bear on a glyph.

constexpr std::size_t points = 7;
constexpr float point_distance = 7;

/// How much each point bears on each of the 28 pixels of a row or column: (7, 32).
using SplineWeights = std::array<float, points * padded>;

constexpr SplineWeights spline_weights() {
  SplineWeights weights{};
  for (std::size_t pixel = 0; pixel < side; ++pixel) {
    const float at = static_cast<float>(pixel) / point_distance;
    const auto cell = static_cast<std::size_t>(at);
    const float t = at - static_cast<float>(cell);
    const float taps[4] = {(1 - t) * (1 - t) * (1 - t) / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
                           (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6, t * t * t / 6};
    for (std::size_t i = 0; i < 4; ++i) weights[(cell + i) * padded + pixel] = taps[i];
  }
  return weights;
}

constexpr SplineWeights spline = spline_weights();

/// Moves of the points, in pixels.
using Points = std::array<float, points * points>;

Points random_points(float amplitude, Random& random) {
  Points moves;
  for (float& move : moves) move = around_zero(random, amplitude);
  return moves;
}

SCRAWL_CLONES void set_map(const Affine& affine, Map& map) {
  constexpr float middle = (side - 1) / 2.0F;
  for (std::size_t y = 0; y < side; ++y) {
    const float from_middle = static_cast<float>(y) - middle;
    for (std::size_t x = 0; x < padded; ++x) {
      const float dx = static_cast<float>(x) - middle;
      map.x[y * padded + x] = affine.xx * dx + affine.xy * from_middle + affine.x + middle;
      map.y[y * padded + x] = affine.yx * dx + affine.yy * from_middle + affine.y + middle;
    }
  }
}

SCRAWL_CLONES void add_field(const Points& moves, Plane& map) {
  for (std::size_t y = 0; y < side; ++y) {
    float* __restrict row = map.data() + y * padded;
    std::array<float, points> move{};  // of each point column, at this height
    for (std::size_t i = 0; i < points; ++i) {
      for (std::size_t j = 0; j < points; ++j) {
        move[j] += spline[i * padded + y] * moves[i * points + j];
      }
    }
    for (std::size_t j = 0; j < points; ++j) {
      for (std::size_t x = 0; x < padded; ++x) row[x] += move[j] * spline[j * padded + x];
    }
  }
}

/// Bilinear; beyond the glyph there is paper.
SCRAWL_CLONES void sample(GlyphView glyph, const Map& map, Plane& out) {
  constexpr std::size_t width = side + 2 * border;
  constexpr float last = width - 1.001F;
  std::array<float, width * width> source{};
  for (std::size_t y = 0; y < side; ++y) {
    float* row = source.data() + (y + border) * width + border;
    for (std::size_t x = 0; x < side; ++x) row[x] = static_cast<float>(glyph[y * side + x]) / 255;
  }
  const float* __restrict from = source.data();
  float* __restrict to = out.data();
  for (std::size_t i = 0; i < side * padded; ++i) {
    const float x = smaller(larger(map.x[i] + border, 0.0F), last);
    const float y = smaller(larger(map.y[i] + border, 0.0F), last);
    const auto left = static_cast<std::int32_t>(x);
    const auto top = static_cast<std::int32_t>(y);
    const float u = x - static_cast<float>(left);
    const float v = y - static_cast<float>(top);
    const std::int32_t at = top * static_cast<std::int32_t>(width) + left;
    constexpr auto below = static_cast<std::int32_t>(width);
    const float upper = from[at] + u * (from[at + 1] - from[at]);
    const float lower = from[at + below] + u * (from[at + below + 1] - from[at + below]);
    to[i] = upper + v * (lower - upper);
  }
}

/// Grows strokes (amount above 0) toward the largest of each pixel's eight neighbors, corners
/// counting less, or shrinks them toward the smallest of the four.
SCRAWL_CLONES void change_thickness(float amount, Plane& plane) {
  constexpr std::size_t stride = padded + 2;
  std::array<float, (side + 2) * stride> source{};
  for (std::size_t y = 0; y < side; ++y) {
    std::copy_n(plane.data() + y * padded, side, source.data() + (y + 1) * stride + 1);
  }
  const float fraction = std::abs(amount);
  for (std::size_t y = 0; y < side; ++y) {
    const float* __restrict above = source.data() + y * stride;
    const float* __restrict here = above + stride;
    const float* __restrict under = here + stride;
    float* __restrict to = plane.data() + y * padded;
    for (std::size_t x = 0; x < padded; ++x) {
      const float center = here[x + 1];
      const float large = larger(larger(here[x], here[x + 2]), larger(above[x + 1], under[x + 1]));
      const float small =
          smaller(smaller(here[x], here[x + 2]), smaller(above[x + 1], under[x + 1]));
      const float corner =
          0.7F * larger(larger(above[x], above[x + 2]), larger(under[x], under[x + 2]));
      const float goal =
          amount > 0 ? larger(center, larger(large, corner)) : smaller(center, small);
      to[x] = center + fraction * (goal - center);
    }
  }
}

/// The darkest ink; column by column first, since those are vectors.
SCRAWL_CLONES float peak_of(const Plane& plane) {
  std::array<float, padded> most{};
  for (std::size_t y = 0; y < side; ++y) {
    const float* row = plane.data() + y * padded;
    for (std::size_t x = 0; x < padded; ++x) most[x] = larger(most[x], row[x]);
  }
  return *std::ranges::max_element(most);
}

/// Makes the darkest ink as dark as it was: a thin stroke stays a stroke.
SCRAWL_CLONES void restore_peak(float peak, Plane& plane) {
  constexpr float most = 3;
  const float now = peak_of(plane);
  if (now <= 0) return;
  const float gain = std::min(most, peak / now);
  for (float& value : plane) value = smaller(1.0F, value * gain);
}

SCRAWL_CLONES void bend(float amount, Plane& plane) {
  for (float& value : plane) value += amount * value * (1 - value);
}

void add_noise(float std_dev, Random& random, Plane& plane) {
  // The sum of four uniform numbers is near enough to normal; its deviation is 1 / sqrt(3).
  std::array<std::int32_t, side * padded> sums;  // of four 16-bit numbers
  for (std::int32_t& sum : sums) {
    const std::uint64_t bits = random.next();
    const std::uint64_t pairs = (bits & 0x0000FFFF0000FFFF) + ((bits >> 16) & 0x0000FFFF0000FFFF);
    sum = static_cast<std::int32_t>((pairs & 0xFFFFFFFF) + (pairs >> 32));
  }
  for (std::size_t i = 0; i < plane.size(); ++i) {
    const float sum = static_cast<float>(sums[i]) / 65536 - 2;
    plane[i] += sum * 1.7320508F * std_dev;
  }
}

void erase_rectangle(Random& random, Plane& plane) {
  const std::size_t height = 3 + random.below(6);
  const std::size_t width = 3 + random.below(6);
  const std::size_t top = random.below(side - height + 1);
  const std::size_t left = random.below(side - width + 1);
  for (std::size_t y = top; y < top + height; ++y) {
    std::fill_n(plane.data() + y * padded + left, width, 0.0F);
  }
}

SCRAWL_CLONES void to_bytes(const Plane& plane, std::uint8_t* out) {
  std::array<std::uint8_t, side * padded> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    // Kept in range as an integer: as a number with a point, gcc makes branches of it.
    const auto level = static_cast<std::int32_t>(plane[i] * 255 + 0.5F);
    const std::int32_t ink = level < 0 ? 0 : level;
    bytes[i] = static_cast<std::uint8_t>(ink > 255 ? 255 : ink);
  }
  for (std::size_t y = 0; y < side; ++y) {
    std::copy_n(bytes.data() + y * padded, side, out + y * side);
  }
}

void change_strokes(float most, Random& random, Plane& plane) {
  const float amount = around_zero(random, most);
  const float peak = peak_of(plane);
  // More than half a pixel takes two passes.
  for (float left = std::abs(amount); left > 0; left -= 1) {
    if (amount > 0) {
      change_thickness(std::min(left, 1.0F), plane);
    } else {
      constexpr float max_lost = 0.8F;  // of a stroke one pixel wide
      change_thickness(-std::min(left, max_lost), plane);
      restore_peak(peak, plane);
    }
  }
}

}  // namespace

void augment(GlyphView glyph, const Augmentation& a, Random random, std::uint8_t* out) {
  if (a == Augmentation()) {
    std::ranges::copy(glyph, out);
    return;
  }
  Map map;
  Plane plane;
  set_map(random_affine(a, random), map);
  if (a.elastic > 0) {
    add_field(random_points(a.elastic, random), map.x);
    add_field(random_points(a.elastic, random), map.y);
  }
  sample(glyph, map, plane);
  if (a.thickness > 0) change_strokes(a.thickness, random, plane);
  if (a.contrast > 0) bend(around_zero(random, a.contrast), plane);
  if (a.noise > 0) add_noise(a.noise * random.uniform(), random, plane);
  if (a.erase > 0 && random.uniform() < a.erase) erase_rectangle(random, plane);
  to_bytes(plane, out);
}

}  // namespace scrawl
