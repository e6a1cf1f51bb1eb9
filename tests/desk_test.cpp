// What is around a sheet, and around digits: desks, rims, bars, boxes.
#include "picture/desk.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <string_view>
#include <vector>

#include "picture/component.hpp"
#include "picture/frame.hpp"
#include "picture/picture.hpp"
#include "picture/plane.hpp"

namespace {

using namespace scrawl;
using Level = std::function<int(int, int)>;  // of a place

constexpr int paper = 240;
constexpr int ink = 30;

Picture paint(int width, int height, const Level& level) {
  Picture picture{width, height, 1, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      picture.pixels.push_back(static_cast<std::uint8_t>(level(x, y)));
  return picture;
}

int level_at(const Picture& picture, int x, int y) {
  return picture.pixels[static_cast<std::size_t>(y) * picture.width + x];
}

/// A sheet of 200 x 120 whose middle is at (200, 150), with a cross on it.
int sheet_at(double x, double y, double degrees, int around) {
  const double angle = degrees * 3.14159265 / 180;
  const double u = std::cos(angle) * (x - 200) + std::sin(angle) * (y - 150);
  const double v = std::cos(angle) * (y - 150) - std::sin(angle) * (x - 200);
  if (std::abs(u) > 100 || std::abs(v) > 60) return around;
  const bool on_cross =
      (std::abs(u) < 4 && std::abs(v) < 30) || (std::abs(v) < 4 && std::abs(u) < 30);
  return on_cross ? ink : paper;
}

/// A ring, as of a bold 0 in a picture of 28 x 28.
int zero_at(int x, int y) {
  const double away = std::hypot(x - 13.5, (y - 13.5) * 0.8);
  return away > 3 && away < 8.5 ? 255 : 0;
}

TEST(Desk, ADarkOneIsCoveredHoweverTheSheetLies) {
  for (const int gray : {10, 60, 110}) {
    for (const double degrees : {0.0, 3.0, -8.0, 20.0}) {
      Picture picture =
          paint(400, 300, [&](int x, int y) { return sheet_at(x, y, degrees, gray); });
      const Picture before = picture;
      cover_desk(picture);
      const auto darkest = *std::ranges::min_element(picture.pixels);
      EXPECT_EQ(darkest, ink);
      const auto dark = std::ranges::count_if(picture.pixels, [](int l) { return l < paper - 20; });
      EXPECT_EQ(dark, std::ranges::count(before.pixels, ink)) << gray << ' ' << degrees;
    }
  }
}

TEST(Desk, BarsAndRimsAreCoveredOnAnySide) {
  const Level sheet = [](int x, int y) { return sheet_at(x + 100, y + 90, 0, paper); };
  const std::vector<std::function<bool(int, int)>> around = {
      [](int x, int) { return x < 30; },
      [](int, int y) { return y >= 110; },
      [](int x, int y) { return x == 0 || y == 0 || x == 199 || y == 119; },
      [](int x, int) { return x < 20 || x >= 180; },
  };
  for (std::size_t i = 0; i < around.size(); ++i) {
    Picture picture =
        paint(200, 120, [&](int x, int y) { return around[i](x, y) ? 0 : sheet(x, y); });
    cover_desk(picture);
    EXPECT_EQ(level_at(picture, 0, 0), paper) << i;
    EXPECT_EQ(level_at(picture, 199, 119), paper) << i;
    EXPECT_EQ(level_at(picture, 100, 60), ink) << i;
  }
}

TEST(Desk, ALightRimAroundADarkPictureIsCoveredToo) {
  Picture picture = paint(200, 120, [](int x, int y) {
    const bool rim = x == 0 || y == 0 || x == 199 || y == 119;
    return rim ? 255 : 270 - sheet_at(x + 100, y + 90, 0, paper);
  });
  cover_desk(picture);
  EXPECT_EQ(level_at(picture, 0, 0), 270 - paper);
}

TEST(Desk, APictureWithoutOneStaysAsItIs) {
  const std::vector<Picture> pictures = {
      paint(400, 300, [](int x, int y) { return sheet_at(x, y, 5, paper); }),
      paint(28, 28, zero_at),
      paint(28, 28, [](int x, int y) { return 255 - zero_at(x, y); }),
      paint(40, 60, [](int x, int) { return x > 10 && x < 30 ? 255 : 0; }),  // a bold 1
      paint(400, 300, [](int x, int) { return 250 - x / 2; }),               // light that falls off
      paint(1, 1, [](int, int) { return 7; }),
      paint(500, 1, [](int x, int) { return x % 256; }),
  };
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    Picture picture = pictures[i];
    cover_desk(picture);
    EXPECT_EQ(picture.pixels, pictures[i].pixels) << i;
  }
}

TEST(Desk, AShadowWithInkInItIsNone) {
  const Picture before = paint(400, 300, [](int x, int y) {
    const int lit = sheet_at(x, y, 0, paper);
    const bool in_shadow = x > 270;
    const bool written = std::abs(x - 340) < 4 && y > 100 && y < 200;
    return written ? 15 : in_shadow ? lit / 2 : lit;
  });
  Picture picture = before;
  cover_desk(picture);
  EXPECT_EQ(picture.pixels, before.pixels);
}

TEST(Desk, StrokesThatTouchItStay) {
  Picture picture = paint(200, 200, [](int x, int y) {
    if (x < 40) return 20;                                 // a bar
    return std::abs(y - 100) < 3 && x < 150 ? 20 : paper;  // and a stroke out of it
  });
  cover_desk(picture);
  EXPECT_EQ(level_at(picture, 10, 20), paper);
  EXPECT_EQ(level_at(picture, 100, 100), 20);
}

/// The weights of the components of a plane that is drawn with '#'.
std::vector<bool> kept(const std::vector<const char*>& rows) {
  Plane plane(static_cast<int>(std::string_view(rows[0]).size()), static_cast<int>(rows.size()));
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x) plane.row(y)[x] = rows[y][x] == '#' ? 255 : 0;
  Labels labels = find_components(plane, {128, 64});
  drop_frames(labels, plane.width);
  std::vector<bool> result;
  for (const Component& component : labels.components) result.push_back(component.weight > 0);
  return result;
}

TEST(Frame, WhatIsAroundADigitIsDropped) {
  EXPECT_EQ(kept({"..............", ".############.", ".#..........#.", ".#...#..##..#.",
                  ".#...#...#..#.", ".#...#..#...#.", ".#...#..##..#.", ".#..........#.",
                  ".############.", ".............."}),
            (std::vector{false, true, true}));
}

TEST(Frame, A0WithASpeckInItIsNot) {
  EXPECT_EQ(kept({"..........", "...####...", "..##..##..", ".##....##.", ".##.#..##.",
                  ".##....##.", "..##..##..", "...####...", ".........."}),
            (std::vector{true, true}));
}

TEST(Frame, AnUnderlineThatBendsUpIsNot) {
  EXPECT_EQ(kept({"............", ".#..........", ".#...#......", ".#...#......", ".#...#......",
                  ".#..........", ".##########.", "............"}),
            (std::vector{true, true}));
}

}  // namespace
