// What a training adds to the data set's glyphs.
#include "training/outlier.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <set>
#include <vector>

#include <scrawl/dataset.hpp>

#include "all_indices.hpp"
#include "network/random.hpp"

namespace scrawl {
namespace {

/// Each digit is a filled rectangle of another width.
Dataset rectangles() {
  Dataset dataset;
  for (std::uint8_t digit = 0; digit < digit_count; ++digit) {
    Glyph glyph{};
    for (std::size_t y = 4; y < 24; ++y)
      for (std::size_t x = 6; x < 10U + digit; ++x) glyph[y * glyph_side + x] = 255;
    dataset.images.insert(dataset.images.end(), glyph.begin(), glyph.end());
    dataset.labels.push_back(digit);
  }
  return dataset;
}

long ink_of(const Glyph& glyph) {
  return std::accumulate(glyph.begin(), glyph.end(), 0L);
}

TEST(Outliers, AreGlyphsWithInkAllDifferentAndTheSameForTheSameRandomNumbers) {
  const Dataset dataset = rectangles();
  const std::vector<std::uint32_t> indices = all_of(dataset);
  std::set<Glyph> seen;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Glyph outlier = make_outlier(dataset, indices, Random({1, i}));
    EXPECT_EQ(outlier, make_outlier(dataset, indices, Random({1, i})));
    EXPECT_GT(ink_of(outlier), 15 * 255) << i;
    EXPECT_EQ(outlier[0], 0);
    seen.insert(outlier);
  }
  EXPECT_GT(seen.size(), 250U);
}

TEST(Outliers, CanBeMadeOfADataSetThatLacksDigits) {
  Dataset ones = rectangles();
  std::ranges::fill(ones.labels, std::uint8_t{1});
  const std::vector<std::uint32_t> indices = all_of(ones);
  for (std::uint64_t i = 0; i < 100; ++i)
    EXPECT_NO_THROW(make_outlier(ones, indices, Random({2, i})));
}

TEST(RareStyles, AreOnesSevensAndFours) {
  std::vector<int> count(digit_count);
  for (std::uint64_t i = 0; i < 400; ++i) {
    const LabeledGlyph drawn = draw_rare_style(Random({3, i}));
    ++count[drawn.label];
    EXPECT_GT(ink_of(drawn.glyph), 15 * 255);
    const LabeledGlyph again = draw_rare_style(Random({3, i}));
    EXPECT_EQ(drawn.glyph, again.glyph);
  }
  EXPECT_EQ(count[1] + count[4] + count[7], 400);
  for (const int digit : {1, 4, 7}) EXPECT_GT(count[digit], 20) << digit;
}

}  // namespace
}  // namespace scrawl
