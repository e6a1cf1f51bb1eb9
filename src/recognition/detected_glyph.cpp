#include "recognition/detected_glyph.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "picture/component.hpp"
#include "picture/glyph.hpp"
#include "picture/histogram.hpp"
#include "picture/ink.hpp"

namespace scrawl {

namespace {

/// Pixels of `plane` in `area`, widened by `margin` on each side, as far as they are there.
Box box_around(const Plane& plane, const Rectangle& area, float margin) {
  const auto clamp_to = [](float value, int size) {
    return std::clamp(static_cast<int>(std::lround(value)), 0, size);
  };
  const int left = clamp_to(area.left - margin, plane.width);
  const int top = clamp_to(area.top - margin, plane.height);
  return {left, top, clamp_to(area.right + margin, plane.width) - left,
          clamp_to(area.bottom + margin, plane.height) - top};
}

/// Differences from the paper, which is what most pixels are like, on the side where more of the
/// area is ink: 0 to 255, of the largest.
Plane find_contrast(const Plane& crop) {
  Histogram histogram{};
  for (const std::uint8_t level : crop.pixels) ++histogram[level];
  const int paper = find_median(histogram);
  double darker = 0;
  double lighter = 0;
  int largest[2] = {1, 1};
  for (const std::uint8_t level : crop.pixels) {
    const int difference = paper - level;
    (difference > 0 ? darker : lighter) += static_cast<double>(difference) * difference;
    int& most = largest[difference > 0 ? 0 : 1];
    most = std::max(most, std::abs(difference));
  }
  const bool is_dark = darker >= lighter;
  Plane contrast(crop.width, crop.height);
  for (std::size_t i = 0; i < crop.pixels.size(); ++i) {
    const int difference = is_dark ? paper - crop.pixels[i] : crop.pixels[i] - paper;
    contrast.pixels[i] =
        static_cast<std::uint8_t>(std::max(0, difference) * 255 / largest[is_dark ? 0 : 1]);
  }
  return contrast;
}

/// How much of a component's box lies in `inner`, 0 to 1.
double part_inside(const Box& box, const Box& inner) {
  const int width = std::min(box.x + box.width, inner.x + inner.width) - std::max(box.x, inner.x);
  const int height =
      std::min(box.y + box.height, inner.y + inner.height) - std::max(box.y, inner.y);
  if (width <= 0 || height <= 0) return 0;
  return static_cast<double>(width) * height / (static_cast<double>(box.width) * box.height);
}

}  // namespace

std::optional<Glyph> make_detected_glyph(const Plane& gray, const Rectangle& area) {
  constexpr float around = 0.3F;  // of the height, looked at for what paper is like
  constexpr float slack = 0.08F;  // of the height, that boxes are inexact by
  const Box outer = box_around(gray, area, around * area.height());
  if (outer.width < 3 || outer.height < 3) return std::nullopt;
  Box inner = box_around(gray, area, slack * area.height());
  inner.x -= outer.x;
  inner.y -= outer.y;
  Plane ink = find_contrast(crop(gray, outer));
  const std::optional<InkLevels> levels = find_ink_levels(ink, 0);
  if (!levels) return std::nullopt;
  const Labels labels = find_components(ink, *levels);
  std::optional<Box> box;
  for (const Component& component : labels.components) {
    if (part_inside(component.box, inner) < 0.5) continue;
    box = box ? join(*box, component.box) : component.box;
  }
  if (!box) {  // it hangs together with what is around it: cut it off there
    if (inner.width < 2 || inner.height < 2) return std::nullopt;
    return make_glyph(crop(ink, inner), *levels);
  }
  Piece piece = copy_piece(ink, labels, *box, *levels, [&](int index) {
    return part_inside(labels.components[static_cast<std::size_t>(index)].box, inner) >= 0.5;
  });
  return make_glyph(std::move(piece.ink), *levels);
}

}  // namespace scrawl
