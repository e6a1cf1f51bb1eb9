#include "pages/glyph_bank.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "network_training/workers.hpp"
#include "pages/trace.hpp"

namespace scrawl::pages {

namespace {

constexpr float outline_level = 110;

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

}  // namespace

std::vector<GlyphBank::BankPoint> GlyphBank::pack(const Shape& shape) {
  std::vector<BankPoint> points;
  points.reserve(shape.points.size());
  std::uint32_t i = 0;
  for (const std::uint32_t end : shape.ends)
    for (; i < end; ++i) {
      const PenPoint& p = shape.points[i];
      points.push_back({to_byte(p.x * 8), to_byte(p.y * 8), to_byte(p.radius * 16), i + 1 == end});
    }
  return points;
}

void GlyphBank::unpack(const std::vector<BankPoint>& points, Shape& shape) {
  shape.clear();
  std::uint8_t left = 255, top = 255, bottom = 0;
  for (const BankPoint& p : points) {
    left = std::min(left, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
  const float scale = 1 / std::max(8.0F, static_cast<float>(bottom - top));
  for (const BankPoint& p : points) {
    shape.add({static_cast<float>(p.x - left) * scale, static_cast<float>(p.y - bottom) * scale},
              0.5F * static_cast<float>(p.radius) * scale);
    if (p.last != 0) shape.end();
  }
}

GlyphBank::GlyphBank(const DatasetView& dataset, std::span<const std::uint32_t> indices,
                     std::vector<Font> fonts, int threads)
    : traced_(indices.size()), fonts_(std::move(fonts)) {
  for (std::size_t i = 0; i < fonts_.size(); ++i)
    (fonts_[i].script ? script_fonts_ : print_fonts_).push_back(i);
  constexpr std::size_t share = 256;
  Workers workers(threads);
  workers.run((indices.size() + share - 1) / share, [&](std::size_t task, std::size_t) {
    for (std::size_t i = task * share; i < std::min(indices.size(), (task + 1) * share); ++i) {
      const GlyphView glyph = dataset.image(indices[i]);
      traced_[i] = {pack(trace_strokes(glyph)), pack(trace_outlines(glyph, outline_level))};
    }
  });
  for (std::uint32_t i = 0; i < indices.size(); ++i)
    if (!traced_[i].strokes.empty() && !traced_[i].outlines.empty())
      by_digit_[dataset.labels[indices[i]]].push_back(i);
}

void GlyphBank::strokes(int digit, std::size_t index, Shape& shape) const {
  unpack(traced_[by_digit_[static_cast<std::size_t>(digit)][index]].strokes, shape);
}

void GlyphBank::outlines(int digit, std::size_t index, Shape& shape) const {
  unpack(traced_[by_digit_[static_cast<std::size_t>(digit)][index]].outlines, shape);
  shape.filled = true;
}

}  // namespace scrawl::pages
