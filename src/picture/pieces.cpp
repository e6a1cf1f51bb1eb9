#include "picture/pieces.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "picture/frame.hpp"

namespace scrawl {

namespace {

/// What has a longer side below this, in pixels and as a share of the typical one, is a speck.
constexpr int smallest_piece = 2;
constexpr double smallest_share = 0.12;

/// A picture of more pieces than this is a texture; the largest are looked at.
constexpr std::size_t most_pieces = 3000;

/// The longer side of most of the ink: half of all ink belongs to components that are longer.
double typical_side(const std::vector<Component>& components) {
  std::vector<const Component*> order;
  double total = 0;
  for (const Component& component : components) {
    if (component.weight == 0) continue;
    order.push_back(&component);
    total += component.pixels;
  }
  std::ranges::sort(order, {}, [](const Component* c) { return longer_side(c->box); });
  double sum = 0;
  for (const Component* component : order) {
    sum += component->pixels;
    if (2 * sum >= total) return longer_side(component->box);
  }
  return 0;
}

/// Pieces that lie over each other as stripes do have boxes that are many times the page.
void drop_overlapping(const std::vector<Component>& components, const Plane& ink,
                      std::vector<int>& chosen) {
  constexpr double most_pages = 6;
  const auto area = [&](int i) {
    return static_cast<double>(components[i].box.width) * components[i].box.height;
  };
  std::ranges::stable_sort(chosen, {}, area);
  double left = most_pages * static_cast<double>(ink.pixels.size());
  const auto first_too_many =
      std::ranges::find_if(chosen, [&](int i) { return (left -= area(i)) < 0; });
  chosen.erase(first_too_many, chosen.end());
}

}  // namespace

std::vector<Piece> find_pieces(const Page& page) {
  Labels labels = find_components(page.ink, page.levels);
  drop_frames(labels, page.ink.width);
  const double side = typical_side(labels.components);
  const double least = std::max<double>(smallest_piece, smallest_share * side);
  std::vector<int> chosen;
  for (std::size_t i = 0; i < labels.components.size(); ++i) {
    const Component& component = labels.components[i];
    if (component.weight > 0 && longer_side(component.box) >= least) {
      chosen.push_back(static_cast<int>(i));
    }
  }
  if (chosen.size() > most_pieces) {
    std::ranges::nth_element(chosen, chosen.begin() + most_pieces, std::greater(),
                             [&](int i) { return labels.components[i].pixels; });
    chosen.resize(most_pieces);
  }
  drop_overlapping(labels.components, page.ink, chosen);
  std::vector<Piece> pieces;
  for (const int i : chosen) {
    pieces.push_back(copy_piece(page.ink, labels, labels.components[i].box, page.levels,
                                [i](int label) { return label == i; }));
  }
  return pieces;
}

Piece join(const Piece& a, const Piece& b) {
  const Box box = join(a.box, b.box);
  Piece both{box, Plane(box.width, box.height)};
  for (const Piece* piece : {&a, &b}) {
    for (int y = 0; y < piece->box.height; ++y) {
      const std::uint8_t* in = piece->ink.row(y);
      std::uint8_t* out = both.ink.row(piece->box.y - box.y + y) + (piece->box.x - box.x);
      for (int x = 0; x < piece->box.width; ++x) out[x] = std::max(out[x], in[x]);
    }
  }
  return both;
}

}  // namespace scrawl
