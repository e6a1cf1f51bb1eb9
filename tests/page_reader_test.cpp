// Reading pages with a network: maps of any size, peaks, what is the same, lines, glyphs.
#include "recognition/page_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/recognizer.hpp>

#include "network/map_plan.hpp"
#include "network/plain_network.hpp"
#include "network/random.hpp"
#include "picture/resize.hpp"
#include "recognition/detected_glyph.hpp"
#include "recognition/detection.hpp"
#include "recognition/reading_order.hpp"

namespace scrawl {
namespace {

constexpr const char* small_reader =
    "input 1 32 32, conv 8 3 stride 2, norm, relu, conv 16 3 stride 2, relu, conv 16 3 dilation 2, "
    "relu, residual 2, conv 22 1";

std::vector<std::uint8_t> random_pixels(std::size_t count) {
  Random random({7});
  std::vector<std::uint8_t> pixels(count);
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random.next());
  return pixels;
}

TEST(MapPlan, SaysForAnySizeWhatThePlainNetworkSays) {
  const Model model = initialize(parse_architecture(small_reader), 1);
  const MapPlan plan(model, DataType::f32);
  for (const auto& [height, width] :
       {std::pair<std::size_t, std::size_t>{32, 32}, {8, 64}, {52, 20}}) {
    const std::vector<std::uint8_t> pixels = random_pixels(height * width);
    const Maps maps = plan.run(pixels, height, width);
    std::vector<float> in;
    for (const std::uint8_t pixel : pixels)
      in.push_back((static_cast<float>(pixel) / 255 - model.normalization.mean) /
                   model.normalization.std);
    const auto expected = PlainNetwork(model, {1, height, width}).infer(in, 1).back();
    ASSERT_EQ(maps.height, height / 4);
    ASSERT_EQ(maps.width, width / 4);
    ASSERT_EQ(maps.values.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(maps.values[i], expected[i], 1e-4) << "at " << i;
  }
}

TEST(MapPlan, RefusesAClassifierOfGlyphs) {
  EXPECT_THROW(MapPlan(initialize(parse_architecture("mlp"), 1), DataType::f32), Error);
}

TEST(PageReader, RefusesNetworksThatFindOtherThings) {
  const Model model = initialize(parse_architecture("input 1 32 32, conv 5 3"), 1);
  EXPECT_THROW(PageReader reader(model), Error);
  EXPECT_THROW(Recognizer(default_model(), model), Error);
}

TEST(Resize, KeepsWhatIsEvenEven) {
  Plane plane(23, 17);
  std::ranges::fill(plane.pixels, 77);
  for (const auto& [width, height] : {std::pair{5, 4}, {46, 34}, {23, 3}, {1, 1}}) {
    const Plane resized = resize(plane, width, height);
    ASSERT_EQ(resized.width, width);
    ASSERT_EQ(resized.height, height);
    EXPECT_TRUE(std::ranges::all_of(resized.pixels, [](int pixel) { return pixel == 77; }));
  }
}

TEST(Resize, TakesTheMeanOfWhatAPixelCovers) {
  Plane plane(4, 2);
  plane.pixels = {0, 100, 200, 40, 50, 10, 0, 80};
  const Plane half = resize(plane, 2, 1);
  EXPECT_EQ(half.pixels, (std::vector<std::uint8_t>{40, 80}));
  EXPECT_EQ(resize(plane, 4, 2).pixels, plane.pixels);
}

TEST(Resize, EnlargesARampToARamp) {
  Plane plane(16, 1);
  for (int x = 0; x < 16; ++x) plane.row(0)[x] = static_cast<std::uint8_t>(10 * x);
  const Plane twice = resize(plane, 32, 2);
  for (int x = 6; x < 26; ++x)
    EXPECT_NEAR(twice.row(1)[x], 10 * ((static_cast<float>(x) + 0.5F) / 2 - 0.5F), 1) << x;
}

/// Cells of a level without anything.
Level empty_level(std::size_t height, std::size_t width) {
  Level level{{height, width, 22, std::vector<float>(height * width * 22)}, 1, 1, 0};
  for (std::size_t cell = 0; cell < height * width; ++cell) level.maps.values[cell * 22] = -9;
  return level;
}

void set_digit(Level& level, std::size_t y, std::size_t x, float center, std::size_t symbol) {
  float* cell = level.maps.values.data() + (y * level.maps.width + x) * 22;
  cell[0] = center;
  cell[1 + symbol] = 9;
  cell[17] = 3;
  cell[20] = std::log(10.0F / 16);
  cell[21] = std::log(20.0F / 16);
}

TEST(Peaks, AreWhereNoNeighborIsHigher) {
  Level level = empty_level(8, 8);
  set_digit(level, 2, 3, 3, 7);
  set_digit(level, 2, 4, 2, 1);
  set_digit(level, 6, 6, -1, 5);
  const std::vector<Detection> found = find_peaks(level, 0.2F);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_GT(found[0].symbols[7], 0.9F);
  EXPECT_NEAR(found[0].objectness, 1 / (1 + std::exp(-3.0F)), 1e-3);
  EXPECT_NEAR(found[0].box.center_x(), 14, 1e-3);
  EXPECT_NEAR(found[0].box.center_y(), 10, 1e-3);
  EXPECT_NEAR(found[0].box.width(), 10, 1e-3);
  EXPECT_NEAR(found[0].box.height(), 20, 1e-3);
  EXPECT_NEAR(found[0].handwritten, 1 / (1 + std::exp(-3.0F)), 1e-3);
}

TEST(Peaks, LieInThePictureNotInTheLevel) {
  Level level = empty_level(8, 8);
  set_digit(level, 4, 4, 3, 2);
  level.scale_x = level.scale_y = 0.5F;
  level.padding = 8;
  const std::vector<Detection> found = find_peaks(level, 0.2F);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].box.center_x(), (18 - 8) / 0.5, 1e-3);
  EXPECT_NEAR(found[0].box.height(), 40, 1e-3);
  EXPECT_NEAR(found[0].level_height(), 20, 1e-3);
}

TEST(Peaks, OfLettersAreNone) {
  Level level = empty_level(4, 4);
  set_digit(level, 1, 1, 3, other_symbol);
  EXPECT_TRUE(find_peaks(level, 0.2F).empty());
}

Detection digit_at(float left, float top, float width, float height, std::size_t symbol,
                   float score = 0.9F, float scale = 1) {
  Detection one;
  one.box = {left, top, left + width, top + height};
  one.symbols[symbol] = 1;
  one.objectness = one.score = score;
  one.scale = scale;
  return one;
}

TEST(Merging, KeepsTheBestOfWhatIsInOnePlace) {
  const auto merged =
      merge_detections({digit_at(0, 0, 10, 20, 3, 0.6F, 0.7F), digit_at(1, 0, 10, 20, 8, 0.9F),
                        digit_at(30, 0, 10, 20, 4)});
  ASSERT_EQ(merged.size(), 2U);
  const Detection& both = merged[0].box.left < 10 ? merged[0] : merged[1];
  EXPECT_GT(both.symbols[8], both.symbols[3]);
  EXPECT_GT(both.symbols[3], 0.1F);  // the other level's opinion counts
}

TEST(Merging, TakesTheWholeRatherThanItsPart) {
  // The upper half of an 8, as a 0, where the picture was larger.
  const auto merged = merge_detections(
      {digit_at(0, 0, 12, 12, 0, 0.9F, 1), digit_at(0, 0, 12, 24, 8, 0.85F, 0.5F)});
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].symbols[8], 1);
}

std::string text_of(const std::vector<std::vector<Detection>>& lines) {
  std::string text;
  for (const auto& line : lines) {
    if (!text.empty()) text += '\n';
    const std::vector<bool> spaces = find_spaces(line);
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (spaces[i]) text += ' ';
      const auto& symbols = line[i].symbols;
      text += static_cast<char>('0' + (std::ranges::max_element(symbols) - symbols.begin()));
    }
  }
  return text;
}

/// The digits of `text` from (x, y) on, falling by `slope`; a space is as wide as a digit.
void write(std::vector<Detection>& page, const std::string& text, float x, float y, float slope) {
  for (const char letter : text) {
    if (letter != ' ')
      page.push_back(digit_at(x, y + slope * x, 12, 20, static_cast<std::size_t>(letter - '0')));
    x += 16;
  }
}

TEST(ReadingOrder, GoesByLinesAlsoWhereTheyRiseOrFall) {
  for (const float slope : {-0.3F, -0.1F, 0.0F, 0.2F, 0.4F}) {
    std::vector<Detection> page;
    write(page, "2718281828", 0, 130, slope);
    write(page, "31415 92653", 0, 100, slope);
    write(page, "14142", 80, 160, slope);
    std::ranges::reverse(page);
    EXPECT_EQ(text_of(find_reading_order(page)), "31415 92653\n2718281828\n14142") << slope;
  }
}

TEST(ReadingOrder, FollowsALineThatBends) {
  std::vector<Detection> page;
  for (int i = 0; i < 12; ++i) {
    const float x = 16 * static_cast<float>(i);
    page.push_back(digit_at(x, 40 + x * x / 500, 12, 20, static_cast<std::size_t>(i % 10)));
  }
  EXPECT_EQ(text_of(find_reading_order(page)), "012345678901");
}

TEST(ReadingOrder, OfNothingIsNothing) {
  EXPECT_TRUE(find_reading_order({}).empty());
}

/// A ring, dark on light or the other way round, with a rule beside it.
Plane draw_ring(std::uint8_t paper, std::uint8_t ink) {
  Plane plane(60, 60);
  std::ranges::fill(plane.pixels, paper);
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 60; ++x) {
      const double radius = std::hypot((x - 30) / 0.7, y - 30);
      if (std::abs(radius - 15) < 2 || x == 5) plane.row(y)[x] = ink;
    }
  }
  return plane;
}

TEST(DetectedGlyph, IsReadWhateverIsDarker) {
  const Recognizer recognizer;
  for (const Plane& plane : {draw_ring(230, 40), draw_ring(20, 240)}) {
    const auto glyph = make_detected_glyph(plane, {18, 13, 42, 47});
    ASSERT_TRUE(glyph);
    EXPECT_GT(recognizer.classify(*glyph)[0], 0.9F);
  }
}

TEST(DetectedGlyph, OfBlankPaperIsNone) {
  Plane plane(40, 40);
  std::ranges::fill(plane.pixels, 200);
  EXPECT_FALSE(make_detected_glyph(plane, {10, 10, 30, 30}));
  EXPECT_FALSE(make_detected_glyph(plane, {100, 100, 120, 130}));  // beside the picture
}

}  // namespace
}  // namespace scrawl
