#include "forms/written_ink.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "picture/component.hpp"
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

/// Whether it is as large as something that is written, and not a part of the form's lines, which
/// run along the field's edge, or go on beyond it.
bool is_written(const Component& component, const Plane& ink) {
  constexpr double least_height = 0.25;  // of the field
  constexpr double edge = 0.12;          // of its height
  constexpr int least_pixels = 12;
  const Box& box = component.box;
  const int right = box.x + box.width;
  const int bottom = box.y + box.height;
  const bool touches_edge = box.x == 0 || box.y == 0 || right == ink.width || bottom == ink.height;
  const double margin = edge * ink.height;
  const bool is_along_edge = right <= margin || bottom <= margin || box.x >= ink.width - margin ||
                             box.y >= ink.height - margin;
  return !touches_edge && !is_along_edge && component.pixels >= least_pixels &&
         std::max(box.width, box.height) >= least_height * ink.height;
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

}  // namespace scrawl
