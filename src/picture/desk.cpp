#include "picture/desk.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "picture/component.hpp"
#include "picture/histogram.hpp"
#include "picture/plane.hpp"
#include "picture/spread.hpp"

namespace scrawl {

namespace {

/// What is no further than this from a level is of that level.
constexpr int tolerance = 32;

/// What a sheet is like. Dark ones, and those in small pictures, have to fill more and be
/// rectangles: elsewhere, bold strokes look like sheets.
struct Limits {
  double area;         ///< share of the picture
  double rectangular;  ///< share of the narrowest rectangle around it, turned or not, that it fills
};
constexpr Limits in_photo{0.1, 0.85};
constexpr Limits elsewhere{0.25, 0.97};
constexpr int least_large_side = 128;

/// It is paper in at least this share of itself.
constexpr double least_paper = 0.75;

/// There is ink on a sheet: at least so much of its middle, the part farther from its edges than a
/// share of its sides, is of other levels. A bar is a 1, not a sheet.
constexpr double least_ink = 0.001;
constexpr double middle_begins = 0.15;

/// And it ends at an edge: where this begins, at least so much is paper. Light that falls off has
/// no edge.
constexpr double paper_at_edge = 0.75;

/// The sheet's edge is not sharp: one pixel and this share of the picture's longer side are laid
/// over too.
constexpr double soft_edge = 0.004;

/// The longest side of specks on the desk, as a share of the picture's longer side.
constexpr double largest_speck = 0.01;

/// Strokes that touch the desk are at most so wide, as a share of the picture's longer side.
constexpr double widest_stroke = 0.06;

constexpr int most_layers = 3;  // around each other: a rim around a desk

const std::uint8_t* pixel_of(const Picture& picture, int x, int y) {
  return picture.pixels.data() +
         (static_cast<std::size_t>(y) * picture.width + x) * picture.channels;
}

Plane find_grey(const Picture& picture) {
  Plane grey(picture.width, picture.height);
  const std::uint8_t* in = picture.pixels.data();
  for (std::uint8_t& out : grey.pixels) {
    const int sum = std::accumulate(in, in + picture.channels, 0);
    out = static_cast<std::uint8_t>(sum / picture.channels);
    in += picture.channels;
  }
  return grey;
}

/// The levels that are usual along the four edges.
std::array<int, 4> levels_at_edges(const Plane& grey) {
  std::array<Histogram, 4> edges{};
  for (int x = 0; x < grey.width; ++x) {
    ++edges[0][grey.row(0)[x]];
    ++edges[1][grey.row(grey.height - 1)[x]];
  }
  for (int y = 0; y < grey.height; ++y) {
    ++edges[2][grey.row(y)[0]];
    ++edges[3][grey.row(y)[grey.width - 1]];
  }
  return {find_median(edges[0]), find_median(edges[1]), find_median(edges[2]),
          find_median(edges[3])};
}

bool is_like(int level, int other) {
  return std::abs(level - other) <= tolerance;
}

/// Levels of the desk and of the sheet on it.
struct Contrast {
  int desk;
  int paper;

  bool is_paper(int level) const { return std::abs(level - paper) < std::abs(level - desk); }
  /// A desk that is no darker than this share of the paper is told from ink as a shadow is.
  bool is_strong() const {
    constexpr double lightest_desk = 0.56;
    return desk > paper ? desk - paper >= 2 * tolerance : desk < lightest_desk * paper;
  }
};

template <typename Asked>
double share_of(const Histogram& levels, Asked asked) {
  double found = 0;
  double all = 0;
  for (int level = 0; level < 256; ++level) {
    const auto count = static_cast<double>(levels[static_cast<std::size_t>(level)]);
    all += count;
    if (asked(level)) found += count;
  }
  return all == 0 ? 0 : found / all;
}

/// Which of the picture's sides are of a level: top, bottom, left, right.
using Sides = std::array<bool, 4>;

/// 0 where a pixel is of the desk's level and connected by such pixels to one of the picture's
/// sides that are; else 255.
Plane flood(const Plane& grey, int desk, const Sides& sides) {
  constexpr int most_rounds = 8;  // each goes on around a corner
  const int width = grey.width;
  const int height = grey.height;
  Plane rest(width, height);
  std::ranges::fill(rest.pixels, 255);
  bool grows = true;
  const auto visit = [&](int x, int y, int from) {
    std::uint8_t& here = rest.row(y)[x];
    if (here == 0 || !is_like(grey.row(y)[x], desk)) return;
    const bool is_seed = (sides[0] && y == 0) || (sides[1] && y == height - 1) ||
                         (sides[2] && x == 0) || (sides[3] && x == width - 1);
    const auto is_desk = [&](int nx, int ny) {
      return nx >= 0 && ny >= 0 && nx < width && ny < height && rest.row(ny)[nx] == 0;
    };
    if (!is_seed && !is_desk(x + from, y) && !is_desk(x, y + from)) return;
    here = 0;
    grows = true;
  };
  for (int round = 0; round < most_rounds && grows; ++round) {
    grows = false;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) visit(x, y, -1);
    for (int y = height - 1; y >= 0; --y)
      for (int x = width - 1; x >= 0; --x) visit(x, y, 1);
  }
  return rest;
}

/// Takes strokes that touch the desk off it: what is no part of a square of desk that has `by`
/// pixels to each side of its middle. Beyond the sides that are desk, it goes on.
void take_off_strokes(Plane& rest, const Sides& sides, int by) {
  Plane wide(rest.width + 2 * by, rest.height + 2 * by);
  std::ranges::fill(wide.pixels, 255);
  const auto lay = [&](int x, int y, int width, int height) {
    for (int row = y; row < y + height; ++row) std::fill_n(wide.row(row) + x, width, 0);
  };
  if (sides[0]) lay(0, 0, wide.width, by);
  if (sides[1]) lay(0, wide.height - by, wide.width, by);
  if (sides[2]) lay(0, 0, by, wide.height);
  if (sides[3]) lay(wide.width - by, 0, by, wide.height);
  for (int y = 0; y < rest.height; ++y) std::copy_n(rest.row(y), rest.width, wide.row(y + by) + by);
  widen(wide, 255, by);
  widen(wide, 0, by);
  rest = crop(wide, {by, by, rest.width, rest.height});
}

/// The area of the narrowest of the rectangles around a component that are turned by whole steps.
double narrowest_rectangle(const Labels& labels, int width, int label, const Box& box) {
  constexpr int steps = 30;  // of 3 degrees
  struct Point {
    double x, y;
  };
  std::vector<Point> ends;  // of its rows
  for (int y = box.y; y < box.y + box.height; ++y) {
    const int* row = labels.of.data() + static_cast<std::size_t>(y) * width;
    int first = box.x;
    int last = box.x + box.width - 1;
    while (first <= last && row[first] != label) ++first;
    while (last >= first && row[last] != label) --last;
    if (first > last) continue;
    ends.push_back({first - 0.5, static_cast<double>(y)});
    ends.push_back({last + 0.5, static_cast<double>(y)});
  }
  double least = static_cast<double>(width) * box.height * 4;
  for (int step = 0; step < steps; ++step) {
    const double angle = std::numbers::pi / 2 * step / steps;
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    Point low{1e9, 1e9};
    Point high{-1e9, -1e9};
    for (const Point& p : ends) {
      const Point turned{c * p.x + s * p.y, c * p.y - s * p.x};
      low = {std::min(low.x, turned.x), std::min(low.y, turned.y)};
      high = {std::max(high.x, turned.x), std::max(high.y, turned.y)};
    }
    least = std::min(least, (high.x - low.x) * (high.y - low.y + 1));
  }
  return least;
}

/// The levels of a component's pixels in a box.
Histogram levels_of(const Plane& grey, const Labels& labels, int label, const Box& box) {
  Histogram levels{};
  for (int y = box.y; y < box.y + box.height; ++y)
    for (int x = box.x; x < box.x + box.width; ++x)
      if (labels.of[static_cast<std::size_t>(y) * grey.width + x] == label)
        ++levels[grey.row(y)[x]];
  return levels;
}

Contrast find_contrast(Histogram sheet, int desk) {
  for (int level = 0; level < 256; ++level)
    if (is_like(level, desk)) sheet[static_cast<std::size_t>(level)] = 0;
  return {desk, find_median(sheet)};
}

Box middle_of(const Box& box) {
  const int across = static_cast<int>(middle_begins * box.width);
  const int down = static_cast<int>(middle_begins * box.height);
  return {box.x + across, box.y + down, box.width - 2 * across, box.height - 2 * down};
}

/// Whether the component is of the shape and size of a sheet, and mostly paper, with ink on it.
bool is_sheet(const Plane& grey, const Labels& labels, int label, const Contrast& contrast,
              bool in_large) {
  const auto pixels = static_cast<double>(grey.pixels.size());
  const Component& sheet = labels.components[static_cast<std::size_t>(label) - 1];
  const Histogram levels = levels_of(grey, labels, label, sheet.box);
  const Histogram middle = levels_of(grey, labels, label, middle_of(sheet.box));
  const Limits& limits = in_large && contrast.paper > contrast.desk ? in_photo : elsewhere;
  return sheet.pixels < pixels && sheet.pixels >= limits.area * pixels &&
         share_of(levels, [&](int l) { return contrast.is_paper(l); }) >= least_paper &&
         share_of(middle, [&](int l) { return !is_like(l, contrast.paper); }) >= least_ink &&
         sheet.pixels >=
             limits.rectangular * narrowest_rectangle(labels, grey.width, label, sheet.box);
}

/// Whether most of what is just beyond the soft edge of `rest` is paper.
bool ends_sharply(const Plane& grey, const Plane& rest, int soft, const Contrast& contrast) {
  Plane beyond = rest;
  widen(beyond, 0, soft);
  Histogram levels{};
  for (std::size_t i = 0; i < grey.pixels.size(); ++i)
    if (rest.pixels[i] != 0 && beyond.pixels[i] == 0) ++levels[grey.pixels[i]];
  return share_of(levels, [&](int l) { return contrast.is_paper(l); }) >= paper_at_edge;
}

/// Whether there is more beside the sheet than specks: then it may be a shadow, with ink in it.
bool has_islands(const Labels& labels, int sheet, double largest_speck_side) {
  for (std::size_t i = 0; i < labels.components.size(); ++i)
    if (static_cast<int>(i) + 1 != sheet &&
        longer_side(labels.components[i].box) > largest_speck_side)
      return true;
  return false;
}

/// Gives the desk what is no part of the sheet.
void drop_specks(const Labels& labels, int sheet, Plane& rest) {
  for (std::size_t at = 0; at < rest.pixels.size(); ++at)
    if (labels.of[at] != sheet) rest.pixels[at] = 0;
}

/// What is around a sheet.
struct Desk {
  Contrast contrast;
  Plane rest;  ///< (height, width): 0 where the desk is, with its soft edge
};

/// The desk of that level at those sides; nothing where what it leaves is not like a sheet.
std::optional<Desk> find_desk(const Plane& grey, int desk, const Sides& sides, bool in_large) {
  const int longer = std::max(grey.width, grey.height);
  Plane rest = flood(grey, desk, sides);
  take_off_strokes(rest, sides, 1 + static_cast<int>(widest_stroke / 2 * longer));
  const Labels labels = find_components(rest, {255, 255});
  if (labels.components.empty()) return std::nullopt;
  const auto largest = std::ranges::max_element(labels.components, {}, &Component::pixels);
  const int sheet = static_cast<int>(largest - labels.components.begin()) + 1;
  const Contrast contrast = find_contrast(levels_of(grey, labels, sheet, largest->box), desk);
  if (!contrast.is_strong()) return std::nullopt;
  if (!is_sheet(grey, labels, sheet, contrast, in_large)) return std::nullopt;
  if (has_islands(labels, sheet, largest_speck * longer)) return std::nullopt;
  drop_specks(labels, sheet, rest);
  const int soft = 1 + static_cast<int>(soft_edge * longer);
  widen(rest, 0, soft);
  if (!ends_sharply(grey, rest, soft, contrast)) return std::nullopt;
  return Desk{contrast, std::move(rest)};
}

/// Gives the desk the paper's colours, and marks in `covered` (0) where that is. False when there
/// was none. `in_large`: the picture is a coarse copy of a large one.
bool cover_layer(Picture& picture, bool in_large, Plane& covered) {
  const Plane grey = find_grey(picture);
  Histogram levels{};
  for (const std::uint8_t level : grey.pixels) ++levels[level];
  const std::array<int, 4> edges = levels_at_edges(grey);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    Sides sides;
    std::ranges::transform(edges, sides.begin(), [&](int l) { return is_like(l, edges[i]); });
    if (std::ranges::find(sides, true) != sides.begin() + static_cast<std::ptrdiff_t>(i))
      continue;  // it has been looked at
    const double others = share_of(levels, [&](int l) { return !is_like(l, edges[i]); });
    if (others < in_photo.area * least_paper) continue;  // paper, with ink on it
    const std::optional<Desk> desk = find_desk(grey, edges[i], sides, in_large);
    if (!desk) continue;
    Plane known = desk->rest;
    for (std::size_t at = 0; at < known.pixels.size(); ++at) {
      if (!desk->contrast.is_paper(grey.pixels[at])) known.pixels[at] = 0;
      covered.pixels[at] = std::min(covered.pixels[at], desk->rest.pixels[at]);
    }
    spread_colours(picture, known, desk->rest);
    return true;
  }
  return false;
}

/// A coarse copy has few enough pixels to be quick with. They are taken, not averaged, and the
/// outermost are the picture's own, so that a rim of one pixel stays.
int coarse_length(int length, int longer) {
  constexpr int coarse_side = 256;
  if (longer <= coarse_side) return length;
  return std::max(
      1, static_cast<int>(std::lround(static_cast<double>(length) * coarse_side / longer)));
}

/// Which of `from` pixels lies where pixel `at` of `to` does, the outermost on the outermost.
int place_of(int at, int to, int from) {
  return to == 1 ? 0 : (2 * at * (from - 1) + to - 1) / (2 * (to - 1));
}

Picture coarse_copy(const Picture& picture) {
  const int longer = std::max(picture.width, picture.height);
  Picture coarse{coarse_length(picture.width, longer),
                 coarse_length(picture.height, longer),
                 picture.channels,
                 {}};
  for (int y = 0; y < coarse.height; ++y) {
    for (int x = 0; x < coarse.width; ++x) {
      const std::uint8_t* pixel = pixel_of(picture, place_of(x, coarse.width, picture.width),
                                           place_of(y, coarse.height, picture.height));
      coarse.pixels.insert(coarse.pixels.end(), pixel, pixel + picture.channels);
    }
  }
  return coarse;
}

}  // namespace

void cover_desk(Picture& picture) {
  Picture coarse = coarse_copy(picture);
  Plane covered(coarse.width, coarse.height);
  std::ranges::fill(covered.pixels, 255);
  const bool is_large = std::min(picture.width, picture.height) >= least_large_side;
  int layers = 0;
  while (layers < most_layers && cover_layer(coarse, is_large, covered)) ++layers;
  if (layers == 0) return;
  for (int y = 0; y < picture.height; ++y) {
    const int from_y = place_of(y, picture.height, coarse.height);
    for (int x = 0; x < picture.width; ++x) {
      const int from_x = place_of(x, picture.width, coarse.width);
      if (covered.row(from_y)[from_x] != 0) continue;
      std::copy_n(pixel_of(coarse, from_x, from_y), picture.channels,
                  picture.pixels.begin() + (pixel_of(picture, x, y) - picture.pixels.data()));
    }
  }
}

}  // namespace scrawl
