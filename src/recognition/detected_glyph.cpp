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
#include "picture/resize.hpp"

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
  const int paper = find_median(count_levels(crop, {0, 0, crop.width, crop.height}));
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

std::optional<FoundGlyph> make_detected_glyph(const Plane& gray, const Rectangle& area) {
  constexpr float around = 0.3F;       // of the height, looked at for what paper is like
  constexpr float slack = 0.08F;       // of the height, that boxes are inexact by
  constexpr double least_part = 0.15;  // of the heaviest: less is what is left of a neighbor
  const Box outer = box_around(gray, area, around * area.height());
  if (outer.width < 3 || outer.height < 3) return std::nullopt;
  const Box place = box_around(gray, area, slack * area.height());
  // A glyph has 28 pixels: more than a few times that only cost time.
  constexpr float high = 96;
  const float scale = std::min(1.0F, high / area.height());
  const auto scaled = [&](int size) {
    return std::max(1, static_cast<int>(std::lround(static_cast<float>(size) * scale)));
  };
  const Box inner{static_cast<int>(static_cast<float>(place.x - outer.x) * scale),
                  static_cast<int>(static_cast<float>(place.y - outer.y) * scale),
                  scaled(place.width), scaled(place.height)};
  Plane ink = find_contrast(resize(crop(gray, outer), scaled(outer.width), scaled(outer.height)));
  const std::optional<InkLevels> levels = find_ink_levels(ink, 0);
  if (!levels) return std::nullopt;
  const auto piece_of = [&](const Plane& plane, const auto& belongs) -> std::optional<Piece> {
    const Labels labels = find_components(plane, *levels);
    std::optional<Box> box;
    for (const Component& component : labels.components) {
      if (belongs(component)) box = box ? join(*box, component.box) : component.box;
    }
    if (!box) return std::nullopt;
    return copy_piece(plane, labels, *box, *levels, [&](int index) {
      return belongs(labels.components[static_cast<std::size_t>(index)]);
    });
  };
  Box origin{};  // of what the piece is taken from
  std::optional<Piece> piece = piece_of(
      ink, [&](const Component& component) { return part_inside(component.box, inner) >= 0.5; });
  const auto sticks_out = [&](const Box& box) {
    const int most = inner.height / 10;
    return box.x < inner.x - most || box.x + box.width > inner.x + inner.width + most ||
           box.y < inner.y - most || box.y + box.height > inner.y + inner.height + most;
  };
  if (!piece || sticks_out(piece->box)) {  // it hangs together with its neighbor: cut it off there
    if (inner.width < 2 || inner.height < 2) return std::nullopt;
    const Plane part = crop(ink, inner);
    origin = inner;
    double heaviest = 0;
    for (const Component& component : find_components(part, *levels).components)
      heaviest = std::max(heaviest, static_cast<double>(component.weight));
    piece = piece_of(part, [&](const Component& component) {
      return static_cast<double>(component.weight) >= least_part * heaviest;
    });
  }
  if (!piece) return std::nullopt;
  const auto in_picture = [&](int pixels) {
    return static_cast<int>(std::lround(static_cast<float>(pixels) / scale));
  };
  const Box box{outer.x + in_picture(piece->box.x + origin.x),
                outer.y + in_picture(piece->box.y + origin.y), in_picture(piece->box.width),
                in_picture(piece->box.height)};
  const std::optional<Glyph> glyph = make_glyph(std::move(piece->ink), *levels);
  if (!glyph) return std::nullopt;
  return FoundGlyph{*glyph, box};
}

}  // namespace scrawl
