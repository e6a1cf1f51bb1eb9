// From a page of ink to pieces, lines and cuts; ruled lines.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "picture/cuts.hpp"
#include "picture/lines.hpp"
#include "picture/page.hpp"
#include "picture/paper.hpp"
#include "picture/pieces.hpp"
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

std::vector<Line> lines_of(const Picture& picture) {
  const auto page = find_page(picture);
  return page ? find_lines(find_pieces(*page)) : std::vector<Line>();
}

std::string counts(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) text += std::to_string(line.pieces.size()) + " ";
  return text;
}

TEST(Lines, AreReadFromTopToBottomAndLeftToRight) {
  Picture picture = white(400, 300);
  for (int i = 0; i < 5; ++i) draw_box(picture, 320 - 60 * i, 30);
  for (int i = 0; i < 3; ++i) draw_box(picture, 40 + 90 * i, 120);
  draw_box(picture, 180, 210);
  const std::vector<Line> lines = lines_of(picture);
  EXPECT_EQ(counts(lines), "5 3 1 ");
  for (const Line& line : lines) {
    EXPECT_NEAR(line.height, 36, 2);
    EXPECT_TRUE(std::ranges::is_sorted(line.pieces, {}, [](const Piece& p) { return p.box.x; }));
  }
  EXPECT_NEAR(lines[0].pieces[0].box.x, 80, 1);
}

TEST(Lines, MayBeTilted) {
  for (const double degrees : {-12.0, -5.0, 5.0, 12.0}) {
    Picture picture = white(700, 500);
    const double slope = std::tan(degrees * 3.14159265 / 180);
    for (int row = 0; row < 3; ++row)
      for (int i = 0; i < 8; ++i) {
        const int x = 50 + 75 * i;
        draw_box(picture, x, 160 + 65 * row + static_cast<int>(slope * (x - 350)));
      }
    EXPECT_EQ(counts(lines_of(picture)), "8 8 8 ") << degrees;
  }
}

TEST(Lines, OfUnevenWritingStayOne) {
  Picture picture = white(500, 160);
  const int heights[] = {40, 62, 35, 58, 45};
  for (int i = 0; i < 5; ++i) draw_box(picture, 40 + 80 * i, heights[i]);
  EXPECT_EQ(counts(lines_of(picture)), "5 ");
}

TEST(Lines, SpecksAndPicturesWithoutInkHaveNone) {
  EXPECT_TRUE(lines_of(white(200, 100)).empty());
  Picture picture = white(300, 200);
  draw_box(picture, 100, 80);
  for (int i = 0; i < 20; ++i) fill(picture, {13 * i + 5, 20 + 7 * (i % 3), 2, 2});
  EXPECT_EQ(counts(lines_of(picture)), "1 ");
}

TEST(Pieces, WhatLiesAlongTheEdgeIsLeftOut) {
  Picture picture = white(300, 200);
  draw_box(picture, 100, 80);
  fill(picture, {0, 0, 300, 6});
  fill(picture, {294, 0, 6, 200});
  const auto page = find_page(picture);
  ASSERT_TRUE(page);
  const std::vector<Piece> pieces = find_pieces(*page);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_NEAR(pieces[0].box.x, 100, 1);
}

TEST(Pieces, JoinedHaveTheInkOfBoth) {
  const Piece a{{10, 20, 2, 1}, [] {
                  Plane plane(2, 1);
                  plane.pixels = {5, 6};
                  return plane;
                }()};
  const Piece b{{11, 19, 1, 2}, [] {
                  Plane plane(1, 2);
                  plane.pixels = {7, 4};
                  return plane;
                }()};
  const Piece both = join(a, b);
  EXPECT_EQ(both.box, (Box{10, 19, 2, 2}));
  EXPECT_EQ(both.ink.pixels, (std::vector<std::uint8_t>{0, 7, 5, 6}));
}

TEST(Page, AVeryLargePictureIsShrunkAndBoxesAreInItsOwnPixels) {
  Picture picture = white(3000, 2000);
  fill(picture, {1200, 800, 90, 400});
  const auto page = find_page(picture);
  ASSERT_TRUE(page);
  EXPECT_LE(page->ink.width, 1024);
  const std::vector<Piece> pieces = find_pieces(*page);
  ASSERT_EQ(pieces.size(), 1U);
  const Box box = to_picture(pieces[0].box, *page);
  EXPECT_NEAR(box.x, 1200, 6);
  EXPECT_NEAR(box.height, 400, 12);
}

// ---- Cuts

TEST(Cuts, PartTouchingPiecesWhereTheyTouch) {
  Picture picture = white(200, 100);
  draw_box(picture, 60, 30);
  draw_box(picture, 84, 34);  // beside it, without a gap
  const std::vector<Line> lines = lines_of(picture);
  ASSERT_EQ(counts(lines), "1 ");
  const std::vector<CutPiece> parts = cut_piece(lines[0].pieces[0], 36);
  const bool split = std::ranges::any_of(parts, [](const CutPiece& part) {
    return std::abs(part.piece.box.x + part.piece.box.width - 84) <= 2;
  });
  EXPECT_TRUE(split);
}

TEST(Cuts, CountTheStrokesThatTheyGoThrough) {
  Picture picture = white(200, 100);
  draw_box(picture, 60, 30);
  fill(picture, {84, 44, 6, 4});  // a bridge to the next
  draw_box(picture, 90, 30);
  const std::vector<Line> lines = lines_of(picture);
  ASSERT_EQ(counts(lines), "1 ");
  int bridges = 0;
  for (const CutPiece& part : cut_piece(lines[0].pieces[0], 36)) {
    const int end = part.piece.box.x + part.piece.box.width;
    if (end >= 114) continue;              // the last
    if (end == 84 || end == 90) continue;  // along a stroke
    const bool at_bridge = end > 84 && end < 90;
    bridges += at_bridge ? 1 : 0;
    EXPECT_EQ(part.crossed, at_bridge ? 1 : 2) << end;
  }
  EXPECT_GE(bridges, 1);
}

TEST(Cuts, LoseNoInkAndPutItInNoTwoParts) {
  Picture picture = white(200, 100);
  draw_box(picture, 60, 30);
  draw_box(picture, 82, 34);
  draw_box(picture, 104, 28);
  const std::vector<Line> lines = lines_of(picture);
  ASSERT_EQ(counts(lines), "1 ");
  const Piece& whole = lines[0].pieces[0];
  const std::vector<CutPiece> parts = cut_piece(whole, 36);
  ASSERT_GE(parts.size(), 3U);
  const auto ink = [](const Piece& piece) {
    long sum = 0;
    for (const std::uint8_t level : piece.ink.pixels) sum += level;
    return sum;
  };
  long sum = 0;
  for (const CutPiece& part : parts) sum += ink(part.piece);
  EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(ink(whole)),
              0.02 * static_cast<double>(ink(whole)));
}

TEST(Cuts, ASlimPieceStaysWhole) {
  Picture picture = white(200, 100);
  fill(picture, {90, 20, 8, 50});
  const std::vector<Line> lines = lines_of(picture);
  ASSERT_EQ(counts(lines), "1 ");
  EXPECT_EQ(cut_piece(lines[0].pieces[0], 50).size(), 1U);
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
      const std::vector<Line> lines = lines_of(picture);
      std::size_t boxes = 0;
      for (const Line& line : lines)
        for (const Piece& piece : line.pieces)
          boxes += piece.box.width >= 22 && piece.box.width <= 32 && piece.box.height >= 32 &&
                           piece.box.height <= 46
                       ? 1
                       : 0;
      EXPECT_GE(boxes, 4U) << slope << " " << level << ": " << counts(lines);
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
  EXPECT_EQ(counts(lines_of(picture)), "6 ");
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
