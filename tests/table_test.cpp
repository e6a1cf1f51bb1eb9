// Tables: which cell each digit is in, blank cells included.
#include "recognition/table.hpp"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "formats/reading_json.hpp"

namespace scrawl {
namespace {

constexpr int cell = 60;

/// White paper.
Picture paper(int width, int height) {
  Picture picture{width, height, 1, {}};
  picture.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 255);
  return picture;
}

void fill(Picture& picture, const Box& box, std::uint8_t level) {
  for (int y = std::max(0, box.y); y < std::min(picture.height, box.y + box.height); ++y)
    for (int x = std::max(0, box.x); x < std::min(picture.width, box.x + box.width); ++x)
      picture.pixels[static_cast<std::size_t>(y * picture.width + x)] = level;
}

/// A table of numbers on paper, "-" for a blank cell, and the reading of it. Digits are 16 x 28
/// outlines, which no recognizer reads here.
struct DrawnTable {
  Picture picture = paper(1, 1);
  Reading reading;
};

DrawnTable draw(const std::vector<std::vector<std::string>>& rows, bool ruled, int slope = 0) {
  constexpr int margin = 30;
  const int columns = static_cast<int>(rows.front().size());
  const int width = columns * cell + 2 * margin;
  const int height = static_cast<int>(rows.size()) * cell + 2 * margin;
  DrawnTable table{paper(width, height), {}};
  const auto drop = [&](int x) { return slope * x / width; };  // of the lines across
  if (ruled) {
    for (int line = 0; line <= static_cast<int>(rows.size()); ++line)
      for (int x = margin; x < width - margin; ++x)
        fill(table.picture, {x, margin + line * cell + drop(x), 1, 2}, 60);
    for (int line = 0; line <= columns; ++line)
      fill(table.picture,
           {margin + line * cell, margin + drop(margin + line * cell), 2, height - 2 * margin}, 60);
  }
  for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
    bool begins = true;
    for (int column = 0; column < columns; ++column) {
      const std::string& text =
          rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
      if (text == "-") continue;
      if (!table.reading.text.empty()) table.reading.text += begins ? '\n' : ' ';
      begins = false;
      for (int i = 0; i < static_cast<int>(text.size()); ++i) {
        const char letter = text[static_cast<std::size_t>(i)];
        table.reading.text += letter;
        if (letter < '0' || letter > '9') continue;
        const int x = margin + column * cell + 12 + 20 * i;
        Digit digit;
        digit.digit = letter - '0';
        digit.confidence = 0.9F;
        digit.box = {x, margin + row * cell + 16 + drop(x), 16, 28};
        fill(table.picture, digit.box, 40);
        fill(table.picture, {digit.box.x + 4, digit.box.y + 4, 8, 20}, 255);
        table.reading.digits.push_back(digit);
      }
    }
  }
  return table;
}

const std::vector<std::vector<std::string>> marks{
    {"12", "-", "7"}, {"-", "-", "-"}, {"5", "40", "-"}, {"8", "3", "91"}};

Table find(const DrawnTable& drawn, TableSize wanted = {}) {
  return find_table(drawn.picture, drawn.reading, wanted);
}

TEST(Table, HasTheCellsBetweenItsLinesBlankOnesIncluded) {
  for (const int slope : {0, 12, -12}) {
    const Table table = find(draw(marks, true, slope));
    EXPECT_TRUE(table.has_ruled_rows);
    EXPECT_TRUE(table.has_ruled_columns);
    EXPECT_EQ(to_csv(table), "12,,7\n,,\n5,40,\n8,3,91\n") << slope;
  }
}

TEST(Table, WithoutLinesHasWhatStandsBelowEachOther) {
  std::vector<std::vector<std::string>> rows = marks;
  rows.erase(rows.begin() + 1);  // which nothing shows
  const Table table = find(draw(rows, false));
  EXPECT_FALSE(table.has_ruled_rows);
  EXPECT_EQ(to_csv(table), "12,,7\n5,40,\n8,3,91\n");
}

TEST(Table, WithoutLinesMaySlope) {
  const std::vector<std::vector<std::string>> rows{{"1", "2", "3", "4", "5", "6"},
                                                   {"7", "8", "9", "1", "2", "3"},
                                                   {"4", "5", "6", "7", "8", "9"}};
  for (const int slope : {120, -120})  // two rows, from the first column to the last
    EXPECT_EQ(to_csv(find(draw(rows, false, slope))), "1,2,3,4,5,6\n7,8,9,1,2,3\n4,5,6,7,8,9\n")
        << slope;
}

TEST(Table, WithoutLinesNeedsNoSpacesInTheText) {
  DrawnTable drawn = draw({{"1", "2", "3"}, {"4", "-", "6"}}, false);
  std::erase(drawn.reading.text, ' ');  // as a row of a digit each is read
  EXPECT_EQ(to_csv(find(drawn)), "1,2,3\n4,,6\n");
}

TEST(Table, HasTheSizeThatIsAskedFor) {
  EXPECT_EQ(to_csv(find(draw(marks, true), {4, 3})), "12,,7\n,,\n5,40,\n8,3,91\n");
  // A line that was not drawn.
  DrawnTable drawn = draw(marks, true);
  fill(drawn.picture, {34, 30 + 2 * cell - 2, 3 * cell - 8, 8}, 255);
  EXPECT_EQ(to_csv(find(drawn, {4, 3})), "12,,7\n,,\n5,40,\n8,3,91\n");
  const Table blank = find_table(paper(200, 100), {}, {2, 3});
  EXPECT_EQ(to_csv(blank), ",,\n,,\n");
  EXPECT_EQ(to_csv(find_table(paper(200, 100), {}, {})), "");
}

TEST(Table, KeepsTheSignsOfACell) {
  const Table table = find(draw({{"1,5", "-"}, {"2", "3-4"}}, true));
  EXPECT_EQ(to_csv(table, "a \"b\""), "\"a \"\"b\"\"\",\"1,5\",\n\"a \"\"b\"\"\",2,3-4\n");
}

TEST(Table, OfAPageThatWasTurnedIsUpright) {
  DrawnTable drawn = draw(marks, true);
  const int width = drawn.picture.width;
  const int height = drawn.picture.height;
  std::ranges::reverse(drawn.picture.pixels);
  drawn.reading.turn = Turn::around;
  for (Digit& digit : drawn.reading.digits)
    digit.box = {width - digit.box.x - digit.box.width, height - digit.box.y - digit.box.height,
                 digit.box.width, digit.box.height};
  EXPECT_EQ(to_csv(find(drawn)), "12,,7\n,,\n5,40,\n8,3,91\n");
}

}  // namespace
}  // namespace scrawl
