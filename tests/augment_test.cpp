// Random changes of glyphs: what each does, that they can be repeated, and their text form.
#include "training/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <numbers>
#include <string>

#include <scrawl/augmentation.hpp>
#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

namespace scrawl {
namespace {

Glyph changed(const Glyph& glyph, const Augmentation& augmentation, std::uint64_t seed) {
  Glyph out;
  augment(glyph, augmentation, Random({seed}), out.data());
  return out;
}

/// A bar through the middle, `width` pixels wide and 16 high.
Glyph bar(std::size_t width) {
  Glyph glyph{};
  for (std::size_t y = 6; y < 22; ++y) {
    for (std::size_t x = 14 - width / 2; x < 14 - width / 2 + width; ++x) glyph[y * 28 + x] = 255;
  }
  return glyph;
}

/// Nothing but one level.
Glyph filled(std::uint8_t level) {
  Glyph glyph;
  glyph.fill(level);
  return glyph;
}

/// 4 x 4 pixels in the middle.
Glyph dot() {
  Glyph glyph{};
  for (std::size_t y = 12; y < 16; ++y) std::fill_n(glyph.begin() + y * 28 + 12, 4, 255);
  return glyph;
}

struct Moments {
  double ink = 0;
  double x = 0;
  double y = 0;
  double angle = 0;  // of the longer axis from the vertical, degrees
};

Moments moments(const Glyph& glyph) {
  Moments m;
  for (std::size_t i = 0; i < glyph_pixels; ++i) {
    m.ink += glyph[i];
    m.x += glyph[i] * static_cast<double>(i % 28);
    m.y += glyph[i] * static_cast<double>(i / 28);
  }
  m.x /= m.ink;
  m.y /= m.ink;
  double xx = 0;
  double xy = 0;
  double yy = 0;
  for (std::size_t i = 0; i < glyph_pixels; ++i) {
    const double dx = static_cast<double>(i % 28) - m.x;
    const double dy = static_cast<double>(i / 28) - m.y;
    xx += glyph[i] * dx * dx;
    xy += glyph[i] * dx * dy;
    yy += glyph[i] * dy * dy;
  }
  m.angle = 0.5 * std::atan2(2 * xy, yy - xx) * 180 / std::numbers::pi;
  return m;
}

TEST(Augment, WithoutAnythingChangesNothing) {
  const Glyph glyph = bar(3);
  EXPECT_EQ(changed(glyph, {}, 1), glyph);
}

TEST(Augment, TheSameRandomNumbersGiveTheSameGlyphOthersAnother) {
  const Augmentation strong = parse_augmentation("strong");
  EXPECT_EQ(changed(bar(3), strong, 7), changed(bar(3), strong, 7));
  EXPECT_NE(changed(bar(3), strong, 7), changed(bar(3), strong, 8));
}

TEST(Augment, RotatesEitherWayUpToTheAngle) {
  double least = 0;
  double most = 0;
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Moments m = moments(changed(bar(3), {.rotation = 30}, seed));
    sum += std::abs(m.angle);
    least = std::min(least, m.angle);
    most = std::max(most, m.angle);
    EXPECT_NEAR(m.x, 13.5, 0.55);  // the bar is half a pixel off the middle
    EXPECT_NEAR(m.y, 13.5, 0.55);
  }
  EXPECT_GT(least, -30.5);
  EXPECT_LT(least, -27);
  EXPECT_LT(most, 30.5);
  EXPECT_GT(most, 27);
  EXPECT_NEAR(sum / 300, 15, 1.5);  // uniform: half the limit in the mean
}

TEST(Augment, SlantsWithoutMovingTheMiddleRow) {
  double most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    most = std::max(most, std::abs(moments(changed(bar(3), {.shear = 0.5F}, seed)).angle));
  }
  EXPECT_NEAR(most, std::atan(0.5) * 180 / std::numbers::pi, 2);
}

TEST(Augment, ShiftsInkWithoutLosingAny) {
  const Moments before = moments(dot());
  double farthest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Moments after = moments(changed(dot(), {.shift = 3}, seed));
    EXPECT_NEAR(after.ink, before.ink, before.ink * 0.01);
    farthest = std::max({farthest, std::abs(after.x - before.x), std::abs(after.y - before.y)});
  }
  EXPECT_LT(farthest, 3.05);
  EXPECT_GT(farthest, 2.8);
}

TEST(Augment, ScalesAreasByBothDirections) {
  double least = 1e9;
  double most = 0;
  const double before = moments(bar(6)).ink;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const double ink = moments(changed(bar(6), {.scale = 0.2F}, seed)).ink / before;
    least = std::min(least, ink);
    most = std::max(most, ink);
  }
  // exp(+-0.2) in both directions, and exp(+-0.1) once more in width.
  EXPECT_NEAR(std::log(most), 0.5, 0.1);
  EXPECT_NEAR(std::log(least), -0.5, 0.1);
}

TEST(Augment, ThicknessMakesMoreInkOrLessAndNoStrokeVanishes) {
  for (const std::size_t width : {1U, 2U, 5U}) {
    const double before = moments(bar(width)).ink;
    bool more = false;
    bool less = false;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const Glyph glyph = changed(bar(width), {.thickness = 1}, seed);
      more = more || moments(glyph).ink > before * 1.1;
      less = less || moments(glyph).ink < before * 0.95;
      EXPECT_GT(*std::ranges::max_element(glyph), 100) << width;
    }
    EXPECT_TRUE(more) << width;
    EXPECT_TRUE(less || width == 1) << width;
  }
}

TEST(Augment, ALineOnePixelWideKeepsItsPeak) {
  const auto faintest = [](float thickness) {
    std::uint8_t least = 255;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      least = std::min(least, std::ranges::max(changed(bar(1), {.thickness = thickness}, seed)));
    }
    return least;
  };
  EXPECT_EQ(faintest(0.66F), 255);
  // What is lost beyond that is made up for by a gain of 3 and no more.
  EXPECT_GE(faintest(1), 0.6 * 255);
  EXPECT_GE(faintest(2), 0.36 * 255);
}

TEST(Augment, ErasesOneRectangle) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Glyph glyph = changed(filled(255), {.erase = 1}, seed);
    std::size_t left = 28;
    std::size_t right = 0;
    std::size_t top = 28;
    std::size_t bottom = 0;
    for (std::size_t i = 0; i < glyph_pixels; ++i) {
      if (glyph[i] != 0) continue;
      left = std::min(left, i % 28);
      right = std::max(right, i % 28 + 1);
      top = std::min(top, i / 28);
      bottom = std::max(bottom, i / 28 + 1);
    }
    ASSERT_TRUE(left + 3 <= right && right <= left + 8) << left << " to " << right;
    ASSERT_TRUE(top + 3 <= bottom && bottom <= top + 8) << top << " to " << bottom;
    const auto area = static_cast<std::ptrdiff_t>((right - left) * (bottom - top));
    EXPECT_EQ(std::ranges::count(glyph, 0), area);
    EXPECT_EQ(std::ranges::count(glyph, 255), 784 - area);
  }
}

TEST(Augment, ErasesAsOftenAsIsSaid) {
  int erased = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    erased += changed(filled(255), {.erase = 0.25F}, seed) != filled(255) ? 1 : 0;
  }
  EXPECT_NEAR(erased, 250, 45);
}

TEST(Augment, ElasticFieldsMovePointsDifferently) {
  const Glyph glyph = changed(bar(2), {.elastic = 3}, 5);
  const Moments before = moments(bar(2));
  EXPECT_NE(glyph, bar(2));
  EXPECT_NEAR(moments(glyph).ink, before.ink, before.ink * 0.5);
}

TEST(Augment, ElasticFieldsMoveNoPointFartherThanTheirAmplitude) {
  const Moments before = moments(dot());
  double farthest = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Moments after = moments(changed(dot(), {.elastic = 3}, seed));
    farthest = std::max({farthest, std::abs(after.x - before.x), std::abs(after.y - before.y)});
  }
  EXPECT_LT(farthest, 3);
  EXPECT_GT(farthest, 1);
}

TEST(Augment, NoiseAndContrastChangeLevelsAlone) {
  const Moments before = moments(bar(5));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_NEAR(moments(changed(bar(5), {.contrast = 1}, seed)).x, before.x, 0.01);
    EXPECT_GT(moments(changed(bar(5), {.noise = 0.5F}, seed)).ink, 0);
  }
}

TEST(Augment, ContrastBendsGraysAndKeepsTheirOrderBlackAndWhite) {
  Glyph ramp;
  for (std::size_t i = 0; i < glyph_pixels; ++i) {
    ramp[i] = static_cast<std::uint8_t>(std::min<std::size_t>(i, 255));
  }
  std::uint8_t darkest = 255;
  std::uint8_t lightest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Glyph bent = changed(ramp, {.contrast = 1}, seed);
    EXPECT_TRUE(std::ranges::is_sorted(bent));
    EXPECT_EQ(bent.front(), 0);
    EXPECT_EQ(bent.back(), 255);
    darkest = std::min(darkest, bent[128]);
    lightest = std::max(lightest, bent[128]);
  }
  // A quarter of full ink either way, at the most.
  EXPECT_NEAR(darkest, 128 - 64, 3);
  EXPECT_NEAR(lightest, 128 + 64, 3);
}

TEST(Augment, NoiseHasItsDeviationAndStaysInRange) {
  constexpr float most = 0.1F;
  Glyph blank{};
  Glyph gray;
  Glyph full;
  gray.fill(128);
  full.fill(255);
  const double reach = 2 * std::sqrt(3.0) * most * 255 + 1;  // of the sum of four uniform numbers
  double widest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    double sum = 0;
    double squares = 0;
    for (const std::uint8_t level : changed(gray, {.noise = most}, seed)) {
      sum += level;
      squares += level * level;
    }
    const double mean = sum / glyph_pixels;
    EXPECT_NEAR(mean, 128, 5);
    widest = std::max(widest, std::sqrt(squares / glyph_pixels - mean * mean));
    EXPECT_LT(std::ranges::max(changed(blank, {.noise = most}, seed)), reach);
    EXPECT_GT(std::ranges::min(changed(full, {.noise = most}, seed)), 255 - reach);
  }
  EXPECT_NEAR(widest, most * 255, 2);
}

TEST(AugmentationText, RoundTripsThroughParse) {
  for (const char* text : {"none", "light", "strong", "rotation 12.5, erase 0.25", "noise 1e-3",
                           "shift 0.1, noise 1e-40", "rotation 180, scale 0.9, elastic 10"}) {
    const Augmentation augmentation = parse_augmentation(text);
    EXPECT_EQ(parse_augmentation(to_string(augmentation)), augmentation) << text;
  }
  Random random({1});
  for (int i = 0; i < 200; ++i) {
    const Augmentation odd{.rotation = random.uniform() * 180,
                           .scale = random.uniform() * 0.9F,
                           .shear = random.uniform() * 2,
                           .shift = random.uniform() * 14,
                           .elastic = random.uniform() * 10,
                           .thickness = random.uniform() * 2,
                           .contrast = random.uniform(),
                           .noise = random.uniform() * 1e-6F,
                           .erase = random.uniform()};
    EXPECT_EQ(parse_augmentation(to_string(odd)), odd) << to_string(odd);
  }
  EXPECT_EQ(parse_augmentation(" none "), Augmentation());
  EXPECT_EQ(parse_augmentation("shift 2").shift, 2);
}

TEST(AugmentationText, RefusesAndNamesTheField) {
  for (const char* bad : {"rotation", "rotation x", "rotation -1", "rotation 181", "rotation nan",
                          "turn 3", "shift 1 2"}) {
    EXPECT_THROW(parse_augmentation(bad), OptionError) << bad;
  }
  const auto message_of = [](const std::string& text) -> std::string {
    try {
      parse_augmentation(text);
    } catch (const OptionError& error) {
      return error.what();
    }
    return "";
  };
  for (const std::string field : {"rotation", "scale", "shear", "shift", "elastic", "thickness",
                                  "contrast", "noise", "erase"}) {
    for (const std::string number : {"181", "-0.1", "inf", "x"}) {
      const std::string message = message_of("rotation 1, " + field + " " + number);
      EXPECT_NE(message.find(field + ": found '" + number + "'"), std::string::npos) << message;
    }
  }
  EXPECT_NE(message_of("shift 15").find("expected a number from 0 to 14"), std::string::npos);
  EXPECT_NE(message_of("turn 3").find("unknown field 'turn'"), std::string::npos);
}

}  // namespace
}  // namespace scrawl
