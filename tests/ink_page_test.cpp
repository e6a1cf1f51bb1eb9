// From a picture to a page of ink; ruled lines.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "picture/component.hpp"
#include "picture/page.hpp"
#include "picture/paper.hpp"
#include "picture/ruling.hpp"

namespace scrawl {
namespace {

Picture white(int width, int height) {
  return {width, height, 1,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height, 240)};
}

void fill(Picture& picture, const Box& box, int level = 20) {
  for (int y = std::max(0, box.y); y < std::min(picture.height, box.y + box.height); ++y)
    for (int x = std::max(0, box.x); x < std::min(picture.width, box.x + box.width); ++x)
      picture.pixels[static_cast<std::size_t>(y) * picture.width + x] =
          static_cast<std::uint8_t>(level);
}

/// A hollow box with a stroke of 4: as large as a digit, and without a stroke in its middle.
void draw_box(Picture& picture, int x, int y, int level = 20) {
  constexpr int width = 24;
  constexpr int height = 36;
  constexpr int stroke = 4;
  fill(picture, {x, y, width, stroke}, level);
  fill(picture, {x, y + height - stroke, width, stroke}, level);
  fill(picture, {x, y, stroke, height}, level);
  fill(picture, {x + width - stroke, y, stroke, height}, level);
}

/// The boxes of what hangs together on the page, in its pixels.
std::vector<Box> boxes_of(const Page& page) {
  std::vector<Box> boxes;
  for (const Component& component : find_components(page.ink, page.levels).components)
    boxes.push_back(component.box);
  return boxes;
}

std::vector<Box> boxes_of(const Picture& picture) {
  const auto page = find_page(picture);
  return page ? boxes_of(*page) : std::vector<Box>();
}

TEST(Page, AVeryLargePictureIsShrunkAndBoxesAreInItsOwnPixels) {
  Picture picture = white(3000, 2000);
  fill(picture, {1200, 800, 90, 400});
  const auto page = find_page(picture);
  ASSERT_TRUE(page);
  EXPECT_LE(page->ink.width, 1024);
  const std::vector<Box> boxes = boxes_of(*page);
  ASSERT_EQ(boxes.size(), 1U);
  const Box box = to_picture(boxes[0], *page);
  EXPECT_NEAR(box.x, 1200, 6);
  EXPECT_NEAR(box.height, 400, 12);
}

// ---- Ruled and squared paper

void rule(Picture& picture, int distance, double slope, int level, bool down) {
  const int length = down ? picture.height : picture.width;
  const int across = down ? picture.width : picture.height;
  for (int at = distance; at < across; at += distance)
    for (int i = 0; i < length; ++i) {
      const int off = at + static_cast<int>(std::lround(slope * i));
      fill(picture, down ? Box{off, i, 2, 1} : Box{i, off, 1, 2}, level);
    }
}

TEST(Ruling, IsTakenOutAndStrokesStay) {
  for (const double slope : {0.0, 0.03, -0.05}) {
    for (const int level : {40, 150}) {
      Picture picture = white(600, 300);
      for (int i = 0; i < 5; ++i) draw_box(picture, 60 + 100 * i, 110);
      rule(picture, 45, slope, level, false);
      rule(picture, 45, -slope, level, true);
      const auto boxes = std::ranges::count_if(boxes_of(picture), [](const Box& box) {
        return box.width >= 22 && box.width <= 32 && box.height >= 32 && box.height <= 46;
      });
      EXPECT_GE(boxes, 4) << slope << " " << level;
    }
  }
}

/// Ruled ink of level 90, 2 pixels thick, each 40 pixels across and down.
Plane squares(int width, int height) {
  Plane ink(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (x % 40 < 2 || y % 40 < 2) ink.row(y)[x] = 90;
  return ink;
}

void fill(Plane& ink, const Box& box, std::uint8_t level) {
  for (int y = box.y; y < box.y + box.height; ++y)
    std::fill_n(ink.row(y) + box.x, box.width, level);
}

TEST(Ruling, BesideAStrokeThatItTouchesIsTakenOutToo) {
  Plane ink = squares(400, 240);
  fill(ink, {106, 70, 14, 70}, 220);  // the rule at 120 runs along its right side
  remove_ruling(ink, {100, 50});
  for (int y = 72; y < 138; ++y) {
    EXPECT_EQ(ink.row(y)[110], 220) << y;
    EXPECT_LT(ink.row(y)[121], 50) << y;
  }
}

TEST(Ruling, ThatStrokesHideNearTheEdgeIsTakenOutUpToIt) {
  Plane ink = squares(600, 200);
  fill(ink, {70, 30, 30, 96}, 220);  // hides half of the rule at 80
  remove_ruling(ink, {100, 50});
  for (int y = 0; y < 28; ++y) EXPECT_LT(ink.row(y)[80], 50) << y;
  for (int y = 128; y < 200; ++y) EXPECT_LT(ink.row(y)[80], 50) << y;
  EXPECT_EQ(ink.row(90)[90], 220);
}

TEST(Ruling, BarsOfDigitsThatStandInARowStay) {
  Plane ink = squares(400, 400);
  for (int x = 45; x < 380; x += 40) fill(ink, {x, 95, 16, 4}, 90);  // between the rules
  fill(ink, {100, 200, 30, 70}, 220);
  remove_ruling(ink, {60, 50});
  for (int x = 50; x < 380; x += 40) EXPECT_EQ(ink.row(96)[x], 90) << x;
}

TEST(Paper, InTheCornerOfAShadowIsNotHiddenByInkNearTheEdge) {
  Plane lightness(600, 120);
  std::ranges::fill(lightness.pixels, std::uint8_t{200});
  for (int y = 0; y < 120; ++y)
    for (int x = 200 + 3 * y; x < 600; ++x) lightness.row(y)[x] = 120;
  for (int x = 300; x < 480; x += 60) fill(lightness, {x, 10, 12, 24}, 20);
  const Plane paper = find_paper(lightness);
  for (int x = 280; x < 480; ++x) EXPECT_LT(paper.row(8)[x], 150) << x;
}

TEST(Ruling, OnesInARowAreNone) {
  Picture picture = white(400, 100);
  for (int i = 0; i < 6; ++i) fill(picture, {40 + 60 * i, 20, 5, 60});
  EXPECT_EQ(boxes_of(picture).size(), 6U);
}

TEST(Ruling, ADrawingOfNothingButLinesStays) {
  Plane ink(200, 200);
  for (int y = 20; y < 200; y += 40) std::fill_n(ink.row(y), 200, 200);
  const Plane before = ink;
  remove_ruling(ink, {100, 50});
  EXPECT_EQ(ink.pixels, before.pixels);
}

}  // namespace
}  // namespace scrawl
