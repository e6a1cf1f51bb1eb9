#include "picture/cuts.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "picture/stroke.hpp"

namespace scrawl {

namespace {

/// A piece is looked at when it is wider than this share of the line's height, and than of its own.
constexpr double least_width = 0.6;

/// And a piece that is wider than so many heights is no row of digits.
constexpr double most_width = 12;

/// Cuts begin this share of the height from the piece's ends, and from each other.
constexpr double first_cut = 0.1;
constexpr double next_cut = 0.03;

/// A cut may wander one of these shares of the height to each side: with the larger alone, all cuts
/// would take the same cheap way.
constexpr double wanders[] = {0.08, 0.18, 0.35};

/// A cut goes through at most so many strokes' widths of ink.
constexpr double most_ink = 2.2;

/// On each side of a cut there is at least this share of the ink of a 1.
constexpr double least_ink = 0.35;

/// Cuts with less than this share of that between them are one.
constexpr double alike = 0.3;

/// From top to bottom: the column at whose left side the cut runs, for each row.
struct Cut {
  std::vector<int> columns;  ///< (height)
  double cost = 0;           ///< ink that it goes through, in pixels of full ink
};

/// What a cut pays for its way between two pixels: touching strokes have a grey valley between them
/// that costs much less than the strokes.
double crossing_cost(std::uint8_t a, std::uint8_t b, double peak) {
  const double ink = (a + b) / (2 * peak);
  return ink * ink * ink;
}

/// The path of least ink from the top to the bottom near column `middle`, which goes down a row and
/// at most two columns aside with each step (Viterbi 1967). `peak` is the level of full ink.
Cut find_cut(const Plane& ink, double peak, int middle, int reach) {
  constexpr double aside = 0.03;  // what a column to the side costs, in pixels of ink
  constexpr int farthest = 2;
  const int first = std::max(1, middle - reach);
  const int last = std::min(ink.width - 1, middle + reach);
  const int columns = last - first + 1;
  std::vector<double> cost(columns);
  std::vector<std::int8_t> from(static_cast<std::size_t>(columns) * ink.height);
  const auto crossing = [&](int x, int y) {
    return crossing_cost(ink.row(y)[first + x], ink.row(y)[first + x - 1], peak);
  };
  for (int x = 0; x < columns; ++x) cost[x] = crossing(x, 0);
  std::vector<double> next(columns);
  for (int y = 1; y < ink.height; ++y) {
    for (int x = 0; x < columns; ++x) {
      double best = cost[x];
      int step = 0;
      for (int dx = -farthest; dx <= farthest; ++dx) {
        if (dx == 0 || x + dx < 0 || x + dx >= columns) continue;
        // The columns that are passed are passed in this row.
        double passed = cost[x + dx] + aside * std::abs(dx);
        if (std::abs(dx) > 1) passed += crossing(x + dx / 2, y);
        if (passed < best) best = passed, step = dx;
      }
      next[x] = best + crossing(x, y);
      from[static_cast<std::size_t>(y) * columns + x] = static_cast<std::int8_t>(step);
    }
    std::swap(cost, next);
  }
  const auto end = std::ranges::min_element(cost);
  Cut cut{std::vector<int>(ink.height), *end};
  int x = static_cast<int>(end - cost.begin());
  for (int y = ink.height - 1; y >= 0; --y) {
    cut.columns[y] = first + x;
    x += from[static_cast<std::size_t>(y) * columns + x];
  }
  return cut;
}

double mean_column(const Cut& cut) {
  double sum = 0;
  for (const int column : cut.columns) sum += column;
  return sum / static_cast<double>(cut.columns.size());
}

/// Pixels of full ink on the left of the cut.
double ink_before(const Plane& ink, const Cut& cut) {
  double sum = 0;
  for (int y = 0; y < ink.height; ++y)
    sum = std::accumulate(ink.row(y), ink.row(y) + cut.columns[y], sum);
  return sum / 255;
}

/// Pixels of full ink that are on different sides of the two.
double ink_between(const Plane& ink, const Cut& a, const Cut& b) {
  double sum = 0;
  for (int y = 0; y < ink.height; ++y) {
    const auto [first, last] = std::minmax(a.columns[y], b.columns[y]);
    sum = std::accumulate(ink.row(y) + first, ink.row(y) + last, sum);
  }
  return sum / 255;
}

/// The cheapest cuts that part the ink differently, by `least` pixels of full ink, from left to
/// right. Where two cross, the right one follows the left one.
std::vector<Cut> choose_cuts(const Plane& ink, std::vector<Cut> cuts, double least) {
  std::ranges::stable_sort(cuts, {}, &Cut::cost);
  std::vector<Cut> chosen;
  for (Cut& cut : cuts) {
    const bool is_new = std::ranges::all_of(
        chosen, [&](const Cut& other) { return ink_between(ink, other, cut) >= least; });
    if (is_new) chosen.push_back(std::move(cut));
  }
  std::ranges::sort(chosen, {}, mean_column);
  for (std::size_t i = 1; i < chosen.size(); ++i) {
    for (std::size_t y = 0; y < chosen[i].columns.size(); ++y)
      chosen[i].columns[y] = std::max(chosen[i].columns[y], chosen[i - 1].columns[y]);
  }
  return chosen;
}

/// The ink between two cuts, which stand for the piece's ends where they are null, cropped; nothing
/// where there is none.
std::optional<Piece> copy_between(const Piece& piece, const Cut* left, const Cut* right) {
  constexpr int faint = 32;
  const auto begin = [&](int y) { return left == nullptr ? 0 : left->columns[y]; };
  const auto end = [&](int y) { return right == nullptr ? piece.ink.width : right->columns[y]; };
  std::optional<Box> box;
  for (int y = 0; y < piece.ink.height; ++y) {
    for (int x = begin(y), last = end(y); x < last; ++x) {
      const Box pixel{x, y, 1, 1};
      if (piece.ink.row(y)[x] >= faint) box = join(box.value_or(pixel), pixel);
    }
  }
  if (!box) return std::nullopt;
  Plane part(box->width, box->height);
  for (int y = box->y; y < box->y + box->height; ++y) {
    const int first = std::max(begin(y), box->x);
    const int last = std::min(end(y), box->x + box->width);
    if (first < last)
      std::copy(piece.ink.row(y) + first, piece.ink.row(y) + last,
                part.row(y - box->y) + (first - box->x));
  }
  return Piece{{piece.box.x + box->x, piece.box.y + box->y, box->width, box->height},
               std::move(part)};
}

int strokes_crossed(const Plane& ink, double peak, const Cut& cut) {
  int strokes = 0;
  bool was_inside = false;
  for (int y = 0; y < ink.height; ++y) {
    const std::uint8_t* right = ink.row(y) + cut.columns[y];
    const bool inside = 2 * std::min(right[-1], right[0]) >= peak;
    strokes += inside && !was_inside ? 1 : 0;
    was_inside = inside;
  }
  return strokes;
}

}  // namespace

std::vector<CutPiece> cut_piece(const Piece& piece, double height) {
  const double narrower = std::min<double>(height, piece.box.height);
  if (piece.box.width < least_width * narrower || piece.box.width > most_width * narrower)
    return {{piece}};
  const double margin = std::max(2.0, first_cut * narrower);
  const double stroke = measure_stroke_width(piece.ink);
  const double peak = *std::ranges::max_element(piece.ink.pixels);
  const double all = std::accumulate(piece.ink.pixels.begin(), piece.ink.pixels.end(), 0.0) / 255;
  const double least = least_ink * stroke * narrower * peak / 255;
  std::vector<Cut> cuts;
  for (const double wander : wanders) {
    const int reach = std::max(1, static_cast<int>(wander * narrower));
    for (double x = margin; x <= piece.box.width - margin;
         x += std::max(1.0, next_cut * narrower)) {
      Cut cut = find_cut(piece.ink, peak, static_cast<int>(x), reach);
      const double before = ink_before(piece.ink, cut);
      const bool parts = before >= least && all - before >= least;
      if (parts && cut.cost <= most_ink * stroke) cuts.push_back(std::move(cut));
    }
  }
  std::vector<CutPiece> parts;
  const Cut* left = nullptr;
  const std::vector<Cut> chosen = choose_cuts(piece.ink, std::move(cuts), least * alike);
  for (std::size_t i = 0; i <= chosen.size(); ++i) {
    const Cut* right = i == chosen.size() ? nullptr : &chosen[i];
    const int crossed = right == nullptr ? 0 : strokes_crossed(piece.ink, peak, *right);
    if (auto part = copy_between(piece, left, right)) parts.push_back({std::move(*part), crossed});
    left = right;
  }
  return parts;
}

}  // namespace scrawl
