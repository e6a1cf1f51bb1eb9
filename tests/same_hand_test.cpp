// What the digits of a page say of each other: features of glyphs, and the hand that wrote them.
#include "recognition/same_hand.hpp"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>
#include <numeric>
#include <utility>
#include <vector>

#include "recognition/digit.hpp"
#include "recognition/gradient_features.hpp"

namespace scrawl {
namespace {

/// A glyph of straight strokes, 3 pixels wide, from corner to corner, moved by `dx`.
Glyph draw(std::initializer_list<std::pair<int, int>> corners, int dx = 0) {
  Glyph glyph{};
  constexpr int steps = 60;
  for (const auto* to = corners.begin() + 1; to != corners.end(); ++to) {
    const auto [ax, ay] = *(to - 1);
    const auto [bx, by] = *to;
    for (int i = 0; i <= steps; ++i) {
      const int x = ax + dx + (bx - ax) * i / steps;
      const int y = ay + (by - ay) * i / steps;
      for (int v = y - 1; v <= y + 1; ++v)
        for (int u = x - 1; u <= x + 1; ++u)
          glyph[static_cast<std::size_t>(v) * glyph_side + static_cast<std::size_t>(u)] = 255;
    }
  }
  return glyph;
}

/// A 9 whose head stays open, like an S; a 5 with its flag; a 1.
Glyph open_nine(int dx = 0) {
  return draw({{19, 5}, {10, 6}, {9, 12}, {18, 13}, {18, 20}, {10, 23}}, dx);
}
Glyph five(int dx = 0) {
  return draw({{21, 4}, {8, 4}, {8, 12}, {15, 11}, {20, 16}, {16, 23}, {7, 22}}, dx);
}
Glyph one() {
  return draw({{14, 4}, {14, 23}});
}

float likeness(const Glyph& a, const Glyph& b) {
  return find_likeness(find_gradient_features(a), find_gradient_features(b));
}

Digit read_as(int digit, float confidence, const Glyph& glyph) {
  Probabilities probabilities{};
  probabilities.fill((1 - confidence) / 9);
  probabilities[static_cast<std::size_t>(digit)] = confidence;
  return to_digit(probabilities, glyph, {0, 0, 20, 30});
}

/// Taken for a 5, though it may be a 9.
Digit doubtful() {
  Probabilities probabilities{};
  probabilities.fill(0.0125F);
  probabilities[5] = 0.8F;
  probabilities[9] = 0.1F;
  return to_digit(probabilities, open_nine(), {0, 0, 20, 30});
}

TEST(GradientFeatures, AreAsAlikeAsTheGlyphs) {
  EXPECT_NEAR(likeness(five(), five()), 1, 1e-5);
  EXPECT_GT(likeness(five(), five(1)), 0.9F);
  EXPECT_GT(likeness(open_nine(), open_nine(1)), likeness(open_nine(), five()) + 0.05F);
  EXPECT_LT(likeness(five(), one()), 0.6F);
}

TEST(GradientFeatures, OfABlankGlyphAreZero) {
  for (const float feature : find_gradient_features(Glyph{})) EXPECT_EQ(feature, 0);
}

TEST(GradientFeatures, TellDirectionsApart) {
  Glyph flat{};
  const Glyph upright = one();
  for (std::size_t i = 0; i < flat.size(); ++i)
    flat[i] = upright[i % glyph_side * glyph_side + i / glyph_side];
  EXPECT_LT(likeness(upright, flat), 0.3F);
}

TEST(SameHand, WritesA9AsItsOther9s) {
  std::vector<Digit> digits{read_as(9, 0.95F, open_nine(1)), read_as(5, 0.95F, five()), doubtful(),
                            read_as(9, 0.95F, open_nine(-1)), read_as(5, 0.95F, five(1))};
  compare_with_hand(digits);
  EXPECT_EQ(digits[2].digit, 9);
  EXPECT_EQ(digits[2].confidence, digits[2].probabilities[9]);
  EXPECT_NEAR(std::accumulate(digits[2].probabilities.begin(), digits[2].probabilities.end(), 0.0F),
              1, 1e-5);
  EXPECT_EQ(digits[1].digit, 5);
  EXPECT_GT(digits[1].confidence, 0.95F);
}

TEST(SameHand, WritesA9AsItsOther9sHoweverManyOthersThereAre) {
  for (std::size_t nines = 2; nines < 7; ++nines) {
    std::vector<Digit> digits{doubtful()};
    for (std::size_t others = 0; others < 14; ++others) {
      digits.push_back(read_as(1, 0.95F, one()));
      std::vector<Digit> all = digits;
      all.insert(all.end(), nines, read_as(9, 0.95F, open_nine(1)));
      compare_with_hand(all);
      EXPECT_EQ(all[0].digit, 9) << nines << " and " << others;
    }
  }
}

TEST(SameHand, SaysLittleOfDigitsAFewPixelsHigh) {
  std::vector<Digit> digits{doubtful(), read_as(9, 0.95F, open_nine(1)),
                            read_as(9, 0.95F, open_nine(-1))};
  digits[0].box.height = 7;
  compare_with_hand(digits);
  EXPECT_EQ(digits[0].digit, 5);
}

TEST(SameHand, SaysNothingOfDigitsThatItDoesNotShow) {
  std::vector<Digit> digits{doubtful(), read_as(1, 0.95F, one())};
  const Probabilities before = digits[0].probabilities;
  compare_with_hand(digits);
  for (std::size_t d = 0; d < before.size(); ++d)
    EXPECT_NEAR(digits[0].probabilities[d], before[d], 1e-5);
}

TEST(SameHand, DoesNotGoByWhatIsDoubtfulItself) {
  std::vector<Digit> digits{read_as(9, 0.4F, open_nine(1)), doubtful(),
                            read_as(9, 0.4F, open_nine(-1))};
  compare_with_hand(digits);
  EXPECT_EQ(digits[1].digit, 5);
}

TEST(SameHand, SaysNothingWhereOtherDigitsAreAsAlike) {
  std::vector<Digit> digits{doubtful()};
  for (int i = 0; i < 20; ++i) digits.push_back(read_as(i / 2, 0.9F, open_nine(i % 2)));
  const float before = digits[0].confidence;
  compare_with_hand(digits);
  EXPECT_EQ(digits[0].digit, 5);
  EXPECT_NEAR(digits[0].confidence, before, 0.02F);
}

TEST(SameHand, IsThatOfDigitsNearby) {
  std::vector<Digit> digits(400, read_as(1, 0.95F, one()));
  digits[0] = digits[1] = read_as(9, 0.95F, open_nine());
  digits[150] = digits[399] = doubtful();
  compare_with_hand(digits);
  EXPECT_EQ(digits[150].digit, 9);
  EXPECT_EQ(digits[399].digit, 5);
}

TEST(SameHand, OfDigitsWithoutGlyphsAndOfNoneIsUnknown) {
  std::vector<Digit> digits{read_as(5, 0.6F, Glyph{}), read_as(9, 0.95F, open_nine())};
  compare_with_hand(digits);
  EXPECT_EQ(digits[0].confidence, 0.6F);
  compare_with_hand({});
}

}  // namespace
}  // namespace scrawl
