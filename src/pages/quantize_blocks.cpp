// The blocks and ripples of JPEG files.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "network/clones.hpp"
#include "pages/degrade.hpp"

namespace scrawl::pages {

namespace {

constexpr std::size_t side = 8;

using Row = float __attribute__((vector_size(side * sizeof(float))));
using Block = std::array<Row, side>;

// JPEG's steps for brightness at quality 50, row by row (ITU T.81, annex K).
constexpr std::array<std::array<float, side>, side> usual_steps{{
    {16, 11, 10, 16, 24, 40, 51, 61},
    {12, 12, 14, 19, 26, 58, 60, 55},
    {14, 13, 16, 24, 40, 57, 69, 56},
    {14, 17, 22, 29, 51, 87, 80, 62},
    {18, 22, 37, 56, 68, 109, 103, 77},
    {24, 35, 55, 64, 81, 104, 113, 92},
    {49, 64, 78, 87, 103, 121, 120, 101},
    {72, 92, 95, 98, 112, 100, 103, 99},
}};

struct Transform {
  Block cosines;  // row k: the cosine of frequency k; orthonormal
  Block transposed;
  Block steps;
  Block inverse_steps;
};

Transform make_transform(int quality) {
  const float q = static_cast<float>(quality);
  const float scale = (quality < 50 ? 5000 / q : 200 - 2 * q) / 100;
  Transform t{};
  for (std::size_t k = 0; k < side; ++k)
    for (std::size_t x = 0; x < side; ++x) {
      const float angle = static_cast<float>((2 * x + 1) * k) * std::numbers::pi_v<float> / 16;
      t.cosines[k][x] = (k == 0 ? std::sqrt(0.125F) : 0.5F) * std::cos(angle);
      t.transposed[x][k] = t.cosines[k][x];
      t.steps[k][x] = std::max(1.0F, std::floor(usual_steps[k][x] * scale + 0.5F));
      t.inverse_steps[k][x] = 1 / t.steps[k][x];
    }
  return t;
}

/// out = a b
__attribute__((always_inline)) inline void multiply(const Block& a, const Block& b, Block& out) {
  for (std::size_t y = 0; y < side; ++y) {
    Row sum = a[y][0] * b[0];
    for (std::size_t k = 1; k < side; ++k) sum += a[y][k] * b[k];
    out[y] = sum;
  }
}

SCRAWL_CLONES void quantize(const Transform& t, Block& block) {
  constexpr float round_by = 12582912.0F;  // 1.5 * 2^23: adding it and taking it away rounds
  Block half, values;
  multiply(t.cosines, block, half);
  multiply(half, t.transposed, values);
  for (std::size_t y = 0; y < side; ++y) {
    const Row scaled = values[y] * t.inverse_steps[y] + round_by;
    values[y] = (scaled - round_by) * t.steps[y];
  }
  multiply(t.transposed, values, half);
  multiply(half, t.cosines, block);
}

}  // namespace

void quantize_blocks(Canvas& canvas, int quality) {
  const Transform transform = make_transform(quality);
  constexpr int n = side;
  Block block;
  for (int y = 0; y < canvas.height(); y += n) {
    for (int x = 0; x < canvas.width(); x += n) {
      const int rows = std::min(n, canvas.height() - y);
      const int columns = std::min(n, canvas.width() - x);
      for (int dy = 0; dy < n; ++dy) {  // beyond the edge as at it
        const float* row = canvas.row(y + std::min(dy, rows - 1)) + x;
        for (int dx = 0; dx < n; ++dx)
          block[static_cast<std::size_t>(dy)][dx] = row[std::min(dx, columns - 1)];
      }
      quantize(transform, block);
      for (int dy = 0; dy < rows; ++dy)
        for (int dx = 0; dx < columns; ++dx)
          canvas.row(y + dy)[x + dx] = block[static_cast<std::size_t>(dy)][dx];
    }
  }
}

}  // namespace scrawl::pages
