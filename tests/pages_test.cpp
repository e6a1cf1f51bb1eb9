// Pages that are made up for training: the same for the same seed, and marked where their ink is.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <numbers>
#include <set>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "all_indices.hpp"
#include "network_training/workers.hpp"
#include "pages/canvas.hpp"
#include "pages/fonts.hpp"
#include "pages/page.hpp"
#include "pages/trace.hpp"
#include "pages/writing.hpp"
#include "picture/local_contrast.hpp"

namespace scrawl::pages {
namespace {

/// Digit d is a ring of radius 5 + d / 3, its right half missing where d is odd.
Dataset rings() {
  Dataset dataset;
  for (std::uint8_t digit = 0; digit < digit_count; ++digit) {
    Glyph glyph{};
    for (std::size_t i = 0; i < glyph_pixels; ++i) {
      const float x = static_cast<float>(i % glyph_side) - 13.5F;
      const float y = static_cast<float>(i / glyph_side) - 13.5F;
      const float off = std::abs(std::hypot(x, y) - 5 - static_cast<float>(digit) / 3);
      if (digit % 2 == 1 && x > 0) continue;
      glyph[i] = static_cast<std::uint8_t>(255 * std::clamp(2 - off, 0.0F, 1.0F));
    }
    dataset.images.insert(dataset.images.end(), glyph.begin(), glyph.end());
    dataset.labels.push_back(digit);
  }
  return dataset;
}

GlyphBank make_bank(std::vector<Font> fonts = {}) {
  const Dataset dataset = rings();
  return GlyphBank(dataset, all_of(dataset), std::move(fonts), 1);
}

std::vector<Font> fonts_of_this_machine() {
  std::vector<std::string> problems;
  return load_fonts(find_fonts().found, problems);
}

bool same(const Crop& a, const Crop& b) {
  const auto same_mark = [](const Mark& m, const Mark& n) {
    return m.symbol == n.symbol && m.box == n.box && m.handwritten == n.handwritten &&
           m.line == n.line && m.number == n.number;
  };
  return a.contrast.pixels == b.contrast.pixels && a.ignored == b.ignored && a.pages == b.pages &&
         std::ranges::equal(a.marks, b.marks, same_mark);
}

TEST(Pages, AreTheSameOnAnyNumberOfThreads) {
  constexpr std::size_t count = 48;
  const GlyphBank bank = make_bank(fonts_of_this_machine());
  std::vector<Crop> once;
  for (std::size_t i = 0; i < count; ++i) once.push_back(make_crop(bank, {}, Random({7, i})));
  for (const int threads : {1, 2, 4}) {
    std::vector<Crop> crops(count, {Plane(0, 0), {}, {}, {}, {}});
    Workers workers(threads);
    workers.run(count, [&](std::size_t task, std::size_t) {
      crops[task] = make_crop(bank, {}, Random({7, task}));
    });
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(same(crops[i], once[i])) << i;
  }
  EXPECT_FALSE(same(once[0], once[1]));
}

TEST(Pages, AreTheSameWhoeverTracedTheBank) {
  const Dataset dataset = rings();
  const GlyphBank one(dataset, all_of(dataset), {}, 1);
  const GlyphBank four(dataset, all_of(dataset), {}, 4);
  EXPECT_TRUE(same(make_crop(one, {}, Random({1})), make_crop(four, {}, Random({1}))));
}

/// A page without anything but digits on white paper.
PageOptions clean_digits() {
  PageOptions options;
  options.kinds = 1U << static_cast<unsigned>(Kind::tight);
  Recipe& r = options.recipe;
  r.clean = 1;
  r.black_and_white = r.inverted = r.quantized = r.low_resolution = 0;
  r.printed_rules = r.side_rule = r.leader = r.neighbors = r.clutter = 0;
  r.struck_out = r.underlined = r.encircled = 0;
  return options;
}

/// The part of the picture within `box`, a pixel more at each side, that has ink at all.
Rectangle ink_in(const Plane& picture, const Rectangle& box) {
  Rectangle ink;
  for (int y = std::max(0, static_cast<int>(box.top) - 1);
       y < std::min(picture.height, static_cast<int>(box.bottom) + 2); ++y)
    for (int x = std::max(0, static_cast<int>(box.left) - 1);
         x < std::min(picture.width, static_cast<int>(box.right) + 2); ++x)
      if (picture.row(y)[x] < 215)
        ink = hull(ink, {static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + 1),
                         static_cast<float>(y + 1)});
  return ink;
}

TEST(Pages, HaveBoxesThatAreTightAroundInk) {
  const GlyphBank bank = make_bank();
  int looked_at = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const Page page = make_page(bank, clean_digits(), Random({3, seed}));
    // A mark that stands alone: with its box widened, no other is touched.
    for (const Mark& mark : page.marks) {
      if (!is_digit(mark.symbol)) continue;
      // What joins zeros lies between their boxes.
      const float beside = mark.symbol == Symbol::zero ? mark.box.width() : 3;
      const Rectangle around{mark.box.left - beside, mark.box.top - 3, mark.box.right + beside,
                             mark.box.bottom + 3};
      const auto touches = [&](const Rectangle& box) { return !intersection(box, around).empty(); };
      if (std::ranges::count_if(page.marks, touches, &Mark::box) > 1 ||
          std::ranges::any_of(page.ignored, touches))
        continue;
      const Rectangle ink = ink_in(page.picture, mark.box);
      ++looked_at;
      EXPECT_NEAR(ink.left, mark.box.left, 2) << seed;
      EXPECT_NEAR(ink.right, mark.box.right, 2) << seed;
      EXPECT_NEAR(ink.top, mark.box.top, 2) << seed;
      EXPECT_NEAR(ink.bottom, mark.box.bottom, 2) << seed;
    }
  }
  EXPECT_GT(looked_at, 100);
}

TEST(Pages, OfAllKindsAndSymbolsOccur) {
  const GlyphBank bank = make_bank(fonts_of_this_machine());
  std::set<Symbol> symbols;
  std::set<Kind> kinds;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Page page = make_page(bank, {}, Random({4, seed}));
    kinds.insert(page.kind);
    for (const Mark& mark : page.marks) symbols.insert(mark.symbol);
  }
  EXPECT_EQ(symbols.size(), symbol_count);
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(kind_count));
}

TEST(Pages, AreOfTheKindThatIsAskedFor) {
  const GlyphBank bank = make_bank();
  for (int kind = 0; kind < kind_count; ++kind) {
    PageOptions options;
    options.kinds = 1U << kind;
    EXPECT_EQ(make_page(bank, options, Random({5})).kind, static_cast<Kind>(kind));
  }
}

TEST(Pages, HaveMarksWithinThePictureInReadingOrder) {
  const GlyphBank bank = make_bank(fonts_of_this_machine());
  int marks = 0;
  int ignored = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Page page = make_page(bank, {}, Random({6, seed}));
    const auto is_within = [&](const Rectangle& box) {
      return box.left >= 0 && box.top >= 0 && box.right <= static_cast<float>(page.picture.width) &&
             box.bottom <= static_cast<float>(page.picture.height) && !box.empty();
    };
    int line = 0;
    int number = -1;
    for (const Mark& mark : page.marks) {
      EXPECT_TRUE(is_within(mark.box));
      EXPECT_GE(mark.line, line);
      EXPECT_LE(mark.line, line + 1);
      EXPECT_TRUE(mark.number == number || mark.number == number + 1);
      line = mark.line;
      number = mark.number;
      ++marks;
    }
    for (const Rectangle& box : page.ignored) EXPECT_TRUE(is_within(box));
    ignored += static_cast<int>(page.ignored.size());
  }
  EXPECT_GT(marks, 1000);
  EXPECT_GT(ignored, 100);
}

TEST(Pages, IgnoreWhatTheEdgeCutsOff) {
  const GlyphBank bank = make_bank();
  PageOptions options = clean_digits();
  options.height = 24;  // digits up to twice as high
  options.min_digit_height = 30;
  options.max_digit_height = 34;
  options.kinds = 1U << static_cast<unsigned>(Kind::scattered);
  std::size_t ignored = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    ignored += make_page(bank, options, Random({8, seed})).ignored.size();
  EXPECT_GT(ignored, 10U);
}

/// How many pieces of dark pixels hang together. There is none at the canvas's edges.
int count_pieces(Canvas& canvas) {
  std::vector<float>& levels = canvas.levels();
  const auto width = static_cast<std::size_t>(canvas.width());
  int pieces = 0;
  for (std::size_t first = 0; first < levels.size(); ++first) {
    if (levels[first] > 128) continue;
    ++pieces;
    std::vector<std::size_t> open{first};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (levels[at] > 128) continue;
      levels[at] = 255;
      for (const std::size_t row : {at - width, at, at + width})
        for (const std::size_t next : {row - 1, row, row + 1}) open.push_back(next);
    }
  }
  return pieces;
}

TEST(Writing, OfAHandWhoseDigitsTouchHangsTogether) {
  const GlyphBank bank = make_bank();
  Hand hand;
  hand.gap = 0.5F;
  hand.pen = 0.06F;
  hand.ink.level = 0;
  int together = 0, apart = 0;
  constexpr int tries = 30;
  for (std::uint64_t seed = 0; seed < tries; ++seed) {
    for (const float touching : {0.0F, 1.0F}) {
      hand.touching = touching;
      hand.slant = touching * 0.3F;
      Draft draft(bank, Random({seed}), 300, 100, 255, 1);
      write(draft, hand, "1638", 20, {0, 80, 0, 0}, 50);
      (touching > 0 ? together : apart) += count_pieces(draft.canvas);
    }
  }
  EXPECT_LT(together, 1.5 * tries);  // a digit of the bank may have two pieces itself
  EXPECT_GE(apart, 4 * tries);
}

TEST(Pages, CanBeAsSmallAsAGlyphAndAsLargeAsAPhoto) {
  const GlyphBank bank = make_bank();
  for (const auto& [width, height] : {std::pair{8, 8}, {28, 28}, {1600, 1200}}) {
    PageOptions options;
    options.width = width;
    options.height = height;
    for (int kind = 0; kind < kind_count; ++kind) {
      options.kinds = 1U << kind;
      const Page page = make_page(bank, options, Random({9}));
      EXPECT_EQ(page.picture.width, width);
      EXPECT_EQ(page.picture.height, height);
    }
  }
}

TEST(Crops, KeepSmallPagesApart) {
  const GlyphBank bank = make_bank();
  PageOptions options;
  options.recipe.several = 1;
  std::size_t pages = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Crop crop = make_crop(bank, options, Random({10, seed}));
    pages += crop.pages.size();
    for (std::size_t i = 0; i < crop.pages.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        EXPECT_TRUE(intersection(crop.pages[i], crop.pages[k]).empty());
    for (const Mark& mark : crop.marks)
      EXPECT_TRUE(std::ranges::any_of(crop.pages, [&](const Rectangle& page) {
        return intersection(page, mark.box) == mark.box;
      }));
  }
  EXPECT_GT(pages, 120U);
}

TEST(Outlines, FillWhatTheyGoRound) {
  Canvas canvas(20, 20, 0);
  Shape shape;
  shape.filled = true;
  for (const Point p : {Point{3.25F, 2}, {12.5F, 2}, {12.5F, 9.75F}, {3.25F, 9.75F}}) shape.add(p);
  shape.end();
  for (const Point p : {Point{5, 4}, {5, 6}, {8, 6}, {8, 4}})
    shape.add(p);  // the other way: a hole
  shape.end();
  canvas.draw(shape, {100, 1, 0, 0});
  EXPECT_FLOAT_EQ(canvas.row(3)[4], 100);
  EXPECT_NEAR(canvas.row(3)[3], 75, 0.01);
  EXPECT_NEAR(canvas.row(3)[12], 50, 0.01);
  EXPECT_NEAR(canvas.row(9)[4], 75, 0.01);
  EXPECT_NEAR(canvas.row(5)[6], 0, 0.01);
  EXPECT_FLOAT_EQ(canvas.row(1)[6], 0);
  EXPECT_FLOAT_EQ(canvas.row(5)[14], 0);
}

TEST(Outlines, HaveTheInkAtTheRightOfTheirWay) {
  const Dataset dataset = rings();
  const Shape ring = trace_outlines(dataset.image(0), 110);
  ASSERT_EQ(ring.ends.size(), 2U);
  const auto area = [&](std::uint32_t begin, std::uint32_t end) {
    float sum = 0;
    for (std::uint32_t i = begin; i < end; ++i) {
      const PenPoint &a = ring.points[i], &b = ring.points[i + 1 < end ? i + 1 : begin];
      sum += 0.5F * (a.x * b.y - b.x * a.y);
    }
    return sum;
  };
  const float outer = area(0, ring.ends[0]);
  const float inner = area(ring.ends[0], ring.ends[1]);
  EXPECT_NEAR(outer, std::numbers::pi_v<float> * 6.5F * 6.5F, 10);
  EXPECT_NEAR(inner, -std::numbers::pi_v<float> * 3.5F * 3.5F, 6);
}

TEST(Strokes, FollowTheMiddleOfTheInk) {
  const Dataset dataset = rings();
  const Shape ring = trace_strokes(dataset.image(0));
  ASSERT_EQ(ring.ends.size(), 1U);
  for (const PenPoint& p : ring.points) {
    EXPECT_NEAR(std::hypot(p.x - 14, p.y - 14), 5, 0.7);
    EXPECT_NEAR(p.radius, 1.5, 0.6);
  }
  EXPECT_NEAR(ring.points.front().x, ring.points.back().x, 0.1);
  EXPECT_NEAR(ring.points.front().y, ring.points.back().y, 0.1);
}

/// As its header says, one pixel after the other.
Plane plain_local_contrast(const Plane& gray) {
  std::vector<double> means, variances;
  for (int y = 0; y < gray.height; ++y)
    for (int x = 0; x < gray.width; ++x) {
      double sum = 0, squares = 0, count = 0;
      for (int v = std::max(0, y - 32); v <= std::min(gray.height - 1, y + 32); ++v)
        for (int u = std::max(0, x - 32); u <= std::min(gray.width - 1, x + 32); ++u) {
          const double level = gray.row(v)[u];
          sum += level;
          squares += level * level;
          count += 1;
        }
      means.push_back(sum / count);
      variances.push_back(squares / count - means.back() * means.back());
    }
  const double mean_variance = std::accumulate(variances.begin(), variances.end(), 0.0) /
                               static_cast<double>(variances.size());
  const double least = std::max(2.5, 0.35 * std::sqrt(mean_variance));
  Plane out(gray.width, gray.height);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    const double deviation = std::max(std::sqrt(std::max(0.0, variances[i])), least);
    const double value = std::clamp((means[i] - gray.pixels[i]) / deviation, -5.0, 5.0);
    out.pixels[i] = static_cast<std::uint8_t>(128.5 + 25.4 * value);
  }
  return out;
}

TEST(LocalContrast, IsThatOfTheWindowAroundEachPixel) {
  for (const auto& [width, height] : {std::pair{150, 90}, {28, 28}, {1, 1}, {70, 3}, {33, 100}}) {
    Plane gray(width, height);
    Random random({11});
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)  // dark, and bright from the middle on
        gray.row(y)[x] = static_cast<std::uint8_t>((x < width / 2 ? 10 : 240) + random.below(8));
    const Plane fast = local_contrast(gray);
    const Plane plain = plain_local_contrast(gray);
    for (std::size_t i = 0; i < fast.pixels.size(); ++i)
      ASSERT_NEAR(fast.pixels[i], plain.pixels[i], 1) << width << ' ' << i;
  }
}

TEST(LocalContrast, LeavesEmptyPaperEmpty) {
  Plane gray(200, 100);
  std::ranges::fill(gray.pixels, std::uint8_t{200});
  gray.row(50)[100] = 199;
  for (const std::uint8_t level : local_contrast(gray).pixels) EXPECT_NEAR(level, 128, 11);
}

}  // namespace
}  // namespace scrawl::pages
