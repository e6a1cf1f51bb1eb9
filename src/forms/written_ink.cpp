#include "forms/written_ink.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "picture/component.hpp"
#include "picture/ink.hpp"
#include "picture/page.hpp"

namespace scrawl {

namespace {

/// Lines are erased with so many pixels on each side: their gray edges.
constexpr int beside = 2;

bool has_ink(std::uint8_t level, const Page& page) {
  return level >= page.levels.weak;
}

/// Erases the form's lines down: columns with ink in most rows. (A 1 that is drawn so straight and
/// so high is a digit that has been read.)
void erase_columns(Plane& ink, const Page& page, double least) {
  std::vector<int> counts(static_cast<std::size_t>(ink.width));
  for (int y = 0; y < ink.height; ++y)
    for (int x = 0; x < ink.width; ++x) counts[x] += has_ink(ink.row(y)[x], page) ? 1 : 0;
  for (int x = 0; x < ink.width; ++x) {
    if (counts[x] < least * ink.height) continue;
    const int end = std::min(ink.width, x + beside + 1);
    for (int y = 0; y < ink.height; ++y)
      for (int near = std::max(0, x - beside); near < end; ++near) ink.row(y)[near] = 0;
  }
}

Plane without_lines(const Page& page) {
  constexpr double most_rows = 0.7;
  constexpr double most_columns = 0.5;
  Plane ink = page.ink;
  erase_columns(ink, page, most_rows);
  ink = transpose(ink);
  erase_columns(ink, page, most_columns);
  return transpose(ink);
}

/// Whether it is as large as something that is written, and does not run along the field's edge, as
/// its lines do, and what is written beside it.
bool is_large(const Component& component, const Plane& ink) {
  constexpr double least_height = 0.25;  // of the field
  constexpr double edge = 0.12;          // of its height
  constexpr int least_pixels = 12;
  const Box& box = component.box;
  const double margin = edge * ink.height;
  const bool is_along_edge = box.x + box.width <= margin || box.y + box.height <= margin ||
                             box.x >= ink.width - margin || box.y >= ink.height - margin;
  return !is_along_edge && component.pixels >= least_pixels &&
         std::max(box.width, box.height) >= least_height * ink.height;
}

/// And is not a part of the form's lines, which go on beyond the field's edge.
bool is_written(const Component& component, const Plane& ink) {
  const Box& box = component.box;
  const bool touches_edge = box.x == 0 || box.y == 0 || box.x + box.width == ink.width ||
                            box.y + box.height == ink.height;
  return !touches_edge && is_large(component, ink);
}

/// Paper, and how much darker print or ink is.
struct Shades {
  int paper;
  int contrast;
};

Shades find_shades(const Plane& plane) {
  std::vector<std::uint8_t> sorted = plane.pixels;
  std::ranges::sort(sorted);
  const int paper = sorted[sorted.size() * 3 / 4];
  return {paper, paper - sorted[sorted.size() / 100]};
}

/// What is darker than paper by this share of the contrast, and by more than noise: 255, else 0.
Plane find_dark(const FieldView& view, double share) {
  constexpr double least = 14;  // levels
  constexpr double deviations = 4;
  const Shades shades = find_shades(view.around);
  // The mean of nine pixels has a third of their noise.
  const double noise = measure_noise(view.around) / 3;
  const double darker = std::max({least, share * shades.contrast, deviations * noise});
  Plane dark(view.inside.width, view.inside.height);
  for (int y = 0; y < dark.height; ++y) {
    for (int x = 0; x < dark.width; ++x) {
      int sum = 0;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          sum += view.inside.row(
              std::clamp(y + dy, 0, dark.height - 1))[std::clamp(x + dx, 0, dark.width - 1)];
      dark.row(y)[x] = shades.paper - sum / 9.0 > darker ? 255 : 0;
    }
  }
  return dark;
}

}  // namespace

WrittenInk find_written_ink(const Picture& field, const StopRequested& stop) {
  const std::optional<Page> page = find_page(field, stop);
  if (!page) return WrittenInk::none;
  const Plane ink = without_lines(*page);
  const Labels labels = find_components(ink, page->levels);
  const bool is_any = std::ranges::any_of(
      labels.components, [&](const Component& component) { return is_written(component, ink); });
  return is_any ? WrittenInk::some : WrittenInk::none;
}

Plane find_added_ink(const FieldView& scan, const FieldView& reference) {
  constexpr double of_ink = 0.3;
  constexpr double of_print = 0.15;
  constexpr double off = 0.05;  // of the field's height: so far away print may be found
  Plane printed = find_dark(reference, of_print);
  widen(printed, 255, std::max(2, static_cast<int>(std::lround(off * printed.height))));
  Plane added = find_dark(scan, of_ink);
  for (std::size_t i = 0; i < added.pixels.size(); ++i)
    if (printed.pixels[i] != 0) added.pixels[i] = 0;
  const Labels labels = find_components(added, {255, 255});
  for (std::size_t i = 0; i < added.pixels.size(); ++i) {
    const int label = labels.of[i];
    if (label == 0 || !is_large(labels.components[static_cast<std::size_t>(label) - 1], added))
      added.pixels[i] = 0;
  }
  return added;
}

float share_outside(const Plane& ink, const std::vector<Box>& boxes) {
  constexpr double beside_box = 0.08;  // of the field's height: boxes are close to their ink
  const int near = static_cast<int>(std::lround(beside_box * ink.height));
  const auto is_in = [&](const Box& box, int x, int y) {
    return x >= box.x - near && x < box.x + box.width + near && y >= box.y - near &&
           y < box.y + box.height + near;
  };
  int all = 0;
  int outside = 0;
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      if (ink.row(y)[x] == 0) continue;
      ++all;
      outside += std::ranges::none_of(boxes, [&](const Box& box) { return is_in(box, x, y); });
    }
  }
  return all == 0 ? 0 : static_cast<float>(outside) / static_cast<float>(all);
}

}  // namespace scrawl
