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
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Moments m = moments(changed(bar(3), {.rotation = 30}, seed));
    least = std::min(least, m.angle);
    most = std::max(most, m.angle);
    EXPECT_NEAR(m.x, 13.5, 0.55);  // the bar is half a pixel off the middle
    EXPECT_NEAR(m.y, 13.5, 0.55);
  }
  EXPECT_GT(least, -30.5);
  EXPECT_LT(least, -27);
  EXPECT_LT(most, 30.5);
  EXPECT_GT(most, 27);
}

TEST(Augment, SlantsWithoutMovingTheMiddleRow) {
  double most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    most = std::max(most, std::abs(moments(changed(bar(3), {.shear = 0.5F}, seed)).angle));
  }
  EXPECT_NEAR(most, std::atan(0.5) * 180 / std::numbers::pi, 2);
}

TEST(Augment, ShiftsInkWithoutLosingAny) {
  const Moments before = moments(bar(4));
  double farthest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Moments after = moments(changed(bar(4), {.shift = 3}, seed));
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

TEST(Augment, ErasesARectangle) {
  Glyph full;
  full.fill(255);
  const Glyph glyph = changed(full, {.erase = 1}, 3);
  const auto blank = std::ranges::count(glyph, 0);
  EXPECT_GE(blank, 9);
  EXPECT_LE(blank, 64);
}

TEST(Augment, ElasticFieldsMovePointsDifferently) {
  const Glyph glyph = changed(bar(2), {.elastic = 3}, 5);
  const Moments before = moments(bar(2));
  EXPECT_NE(glyph, bar(2));
  EXPECT_NEAR(moments(glyph).ink, before.ink, before.ink * 0.5);
}

TEST(Augment, NoiseAndContrastChangeLevelsAlone) {
  const Moments before = moments(bar(5));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_NEAR(moments(changed(bar(5), {.contrast = 1}, seed)).x, before.x, 0.01);
    EXPECT_GT(moments(changed(bar(5), {.noise = 0.5F}, seed)).ink, 0);
  }
}

TEST(AugmentationText, RoundTripsThroughParse) {
  for (const char* text : {"none", "light", "strong", "rotation 12.5, erase 0.25", "noise 1e-3"}) {
    const Augmentation augmentation = parse_augmentation(text);
    EXPECT_EQ(parse_augmentation(to_string(augmentation)), augmentation) << text;
  }
  EXPECT_EQ(parse_augmentation(" none "), Augmentation());
  EXPECT_EQ(parse_augmentation("shift 2").shift, 2);
}

TEST(AugmentationText, RefusesAndNamesTheField) {
  for (const char* bad : {"rotation", "rotation x", "rotation -1", "rotation 181", "rotation nan",
                          "turn 3", "shift 1 2"}) {
    EXPECT_THROW(parse_augmentation(bad), OptionError) << bad;
  }
  try {
    parse_augmentation("shift 99");
    FAIL();
  } catch (const OptionError& error) {
    EXPECT_NE(std::string(error.what()).find("shift: found '99'"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace scrawl
