#include "pages/rasterize.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "network/clones.hpp"

namespace scrawl::pages {

namespace {

constexpr int lanes = 8;  // pixels at once

/// Where a pen goes straight from `a` to `b`. The pen's size and tone go evenly from one to the
/// other.
SCRAWL_CLONES void rasterize_segment(const PenPoint& a, const PenPoint& b, Coverage& coverage) {
  const float thin = std::min(1.0F, a.radius + b.radius);  // of less than a pixel
  const float ra = std::max(a.radius, 0.5F);
  const float rb = std::max(b.radius, 0.5F);
  const float reach = std::max(ra, rb) + 0.5F;
  const float ox = static_cast<float>(coverage.left);
  const float oy = static_cast<float>(coverage.top);
  const auto whole = [](float at, int most) {
    return static_cast<int>(std::clamp(at, 0.0F, static_cast<float>(most)));
  };
  const int x0 = whole(std::min(a.x, b.x) - ox - reach, coverage.width);
  const int x1 = whole(std::max(a.x, b.x) - ox + reach + 1, coverage.width);
  const int y0 = whole(std::min(a.y, b.y) - oy - reach, coverage.height);
  const int y1 = whole(std::max(a.y, b.y) - oy + reach + 1, coverage.height);
  const float dx = b.x - a.x;
  const float dy = b.y - a.y;
  const float length2 = dx * dx + dy * dy;
  const float inverse = length2 > 0 ? 1 / length2 : 0;
  const float tone = thin * 0.5F * (a.tone + b.tone);
  // Of a long slanted line each row has but a piece.
  const bool slanted = x1 - x0 > 4 * lanes && std::abs(dy) > 0.01F;
  for (int y = y0; y < y1; ++y) {
    const float py = static_cast<float>(y) + 0.5F + oy - a.y;
    float* row = coverage.row(y);
    int begin = x0;
    int end = x1;
    if (slanted) {
      const float from = std::clamp((py - reach) / dy, 0.0F, 1.0F) * dx + a.x - ox;
      const float to = std::clamp((py + reach) / dy, 0.0F, 1.0F) * dx + a.x - ox;
      begin = std::max(x0, static_cast<int>(std::max(0.0F, std::min(from, to) - reach - 1)));
      end = std::min(x1, static_cast<int>(std::max(0.0F, std::max(from, to) + reach + 2)));
    }
    for (int x = begin; x < end; x += lanes) {
      const float first = static_cast<float>(x) + 0.5F + ox - a.x;
      for (int i = 0; i < lanes; ++i) {
        const float px = first + static_cast<float>(i);
        float t = (px * dx + py * dy) * inverse;
        t = t < 0 ? 0 : t;
        t = t > 1 ? 1 : t;
        const float ex = px - t * dx;
        const float ey = py - t * dy;
        float share = ra + t * (rb - ra) + 0.5F - std::sqrt(ex * ex + ey * ey);
        share = share < 0 ? 0 : share;
        share = (share > 1 ? 1 : share) * tone;
        row[x + i] = share > row[x + i] ? share : row[x + i];
      }
    }
  }
}

/// Adds to each pixel of a row what the inside to the right of an edge from (x0, top) to
/// (x1, bottom), both within the row of pixels, changes from the pixel before. `height` is signed.
void add_edge(float x0, float x1, float height, float* row, int width) {
  const float low = std::min(x0, x1);
  const float high = std::max(x0, x1);
  const int first = static_cast<int>(low);
  const int last = static_cast<int>(high);
  if (first >= width) return;
  if (first == last) {
    const float share = 1 - (0.5F * (low + high) - static_cast<float>(first));
    row[first] += height * share;
    row[first + 1] += height * (1 - share);
    return;
  }
  const float slope = 1 / (high - low);
  float covered = 0;  // share of the edge's height whose inside has begun, at the last pixel
  float before = 0;   // what the pixel before has of ink
  for (int x = first; x <= std::min(last, width); ++x) {
    const float right = std::min(static_cast<float>(x + 1), high);
    const float left = std::max(static_cast<float>(x), low);
    const float until = (right - low) * slope;
    // The mean over the pixel: what began before is whole, what begins in it in part.
    const float mean =
        covered + (until - covered) * (static_cast<float>(x + 1) - 0.5F * (left + right));
    row[x] += height * (mean - before);
    before = mean;
    covered = until;
  }
  if (last < width) row[last + 1] += height * (1 - before);
}

void add_line(PenPoint a, PenPoint b, Coverage& coverage) {
  const float ox = static_cast<float>(coverage.left);
  const float oy = static_cast<float>(coverage.top);
  float sign = 1;
  if (a.y > b.y) {
    std::swap(a, b);
    sign = -1;
  }
  const float ay = a.y - oy;
  const float by = b.y - oy;
  if (by - ay < 1e-6F) return;
  const float slope = (b.x - a.x) / (by - ay);
  const int first = std::max(0, static_cast<int>(std::floor(ay)));
  const float most = static_cast<float>(coverage.width);
  for (int y = first; y < coverage.height && static_cast<float>(y) < by; ++y) {
    const float top = std::max(ay, static_cast<float>(y));
    const float bottom = std::min(by, static_cast<float>(y + 1));
    if (bottom <= top) continue;
    const float x0 = std::clamp(a.x - ox + (top - ay) * slope, 0.0F, most);
    const float x1 = std::clamp(a.x - ox + (bottom - ay) * slope, 0.0F, most);
    add_edge(x0, x1, sign * (bottom - top), coverage.row(y), coverage.width);
  }
}

}  // namespace

void Coverage::reset(int x, int y, int w, int h) {
  left = x;
  top = y;
  width = w;
  height = h;
  stride = (w + 2 * lanes - 1) / lanes * lanes + lanes;
  shares.assign(static_cast<std::size_t>(stride) * (h + 1), 0.0F);
}

void rasterize_strokes(const Shape& shape, Coverage& coverage) {
  std::uint32_t i = 0;
  for (const std::uint32_t end : shape.ends) {
    if (end - i == 1) rasterize_segment(shape.points[i], shape.points[i], coverage);
    for (; i + 1 < end; ++i) rasterize_segment(shape.points[i], shape.points[i + 1], coverage);
    i = end;
  }
}

void rasterize_outlines(const Shape& shape, Coverage& coverage) {
  std::uint32_t begin = 0;
  for (const std::uint32_t end : shape.ends) {
    for (std::uint32_t i = begin; i < end; ++i)
      add_line(shape.points[i], shape.points[i + 1 < end ? i + 1 : begin], coverage);
    begin = end;
  }
  for (int y = 0; y < coverage.height; ++y) {
    float* row = coverage.row(y);
    float sum = 0;
    for (int x = 0; x < coverage.width; ++x) {
      sum += row[x];
      row[x] = std::min(std::abs(sum), 1.0F);
    }
    std::fill(row + coverage.width, row + coverage.stride, 0.0F);
  }
}

}  // namespace scrawl::pages
