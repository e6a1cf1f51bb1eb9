#include "pages/canvas.hpp"

#include <algorithm>
#include <cmath>

#include "network/clones.hpp"
#include "pages/noise.hpp"

namespace scrawl::pages {

namespace {

/// Moves levels toward the ink's by its shares.
SCRAWL_CLONES void blend(const float* shares, float opacity, float level, int count, float* row) {
  for (int x = 0; x < count; ++x) row[x] += (level - row[x]) * (shares[x] * opacity);
}

/// Takes ink away where the paper's grain is low.
SCRAWL_CLONES void roughen(float grain, std::uint32_t seed, int count, float* shares) {
  for (int x = 0; x < count; ++x) {
    const std::uint32_t bits = hash_of(seed + static_cast<std::uint32_t>(x));
    shares[x] *= 1 - grain * static_cast<float>(bits >> 8) * 0x1p-24F;
  }
}

}  // namespace

void Canvas::lay(const Ink& ink) {
  const int count = coverage_.width;
  for (int y = 0; y < coverage_.height; ++y) {
    float* shares = coverage_.row(y);
    if (ink.grain > 0)
      roughen(ink.grain, ink.seed + 0x9E37U * static_cast<std::uint32_t>(coverage_.top + y), count,
              shares);
    blend(shares, ink.opacity, ink.level, count, row(coverage_.top + y) + coverage_.left);
  }
}

Rectangle Canvas::draw(const Shape& shape, const Ink& ink) {
  seen_.clear();
  seen_.filled = shape.filled;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : shape.ends) {
    for (std::uint32_t i = begin; i < end; ++i) {
      const PenPoint& p = shape.points[i];
      const Point at = view({p.x, p.y});
      seen_.points.push_back({at.x, at.y, p.radius * view.scale, p.tone});
    }
    seen_.end();
    begin = end;
  }
  return lay_seen(ink);
}

Rectangle Canvas::lay_seen(const Ink& ink) {
  const Rectangle all = extent(seen_);
  const auto limit = [](float at, int most) {
    return static_cast<int>(std::clamp(at, 0.0F, static_cast<float>(most)));
  };
  const int left = limit(all.left - 1, width_);
  const int top = limit(all.top - 1, height_);
  const int right = limit(std::ceil(all.right + 1), width_);
  const int bottom = limit(std::ceil(all.bottom + 1), height_);
  if (right <= left || bottom <= top) return all;
  coverage_.reset(left, top, right - left, bottom - top);
  seen_.filled ? rasterize_outlines(seen_, coverage_) : rasterize_strokes(seen_, coverage_);
  lay(ink);
  return all;
}

Rectangle Canvas::draw_line(Point a, Point b, float width, const Ink& ink) {
  const int pieces = view.straight() ? 1 : 16;
  const float radius = 0.5F * width * view.scale;
  seen_.clear();
  for (int i = 0; i <= pieces; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(pieces);
    seen_.add(view({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)}), std::max(radius, 0.1F));
  }
  seen_.end();
  return lay_seen(ink);
}

}  // namespace scrawl::pages
