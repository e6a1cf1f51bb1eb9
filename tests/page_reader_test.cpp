// Reading pages with a network: maps of any size, peaks, what is the same, lines, glyphs.
#include "recognition/page_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include <scrawl/error.hpp>

#include "network/map_plan.hpp"
#include "network/plain_network.hpp"
#include "network/random.hpp"
#include "picture/resize.hpp"
#include "picture/turn.hpp"
#include "recognition/box_wall.hpp"
#include "recognition/canvas.hpp"
#include "recognition/closer_look.hpp"
#include "recognition/detected_glyph.hpp"
#include "recognition/detection.hpp"
#include "recognition/reading_order.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {
namespace {

constexpr const char* small_reader =
    "input 1 32 32, conv 8 3 stride 2, norm, relu, conv 16 3 stride 2, relu, conv 16 3 dilation 2, "
    "relu, residual 2, conv 23 1";

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

constexpr std::size_t channels = DetectionChannels::count;

/// Cells without anything.
Maps empty_maps(std::size_t height, std::size_t width) {
  Maps maps{height, width, channels, std::vector<float>(height * width * channels)};
  for (std::size_t cell = 0; cell < height * width; ++cell) {
    maps.values[cell * channels] = -9;
    maps.values[cell * channels + DetectionChannels::too_small] = -9;
  }
  return maps;
}

float* cell_at(Maps& maps, std::size_t y, std::size_t x) {
  return maps.values.data() + (y * maps.width + x) * channels;
}

void set_digit(Maps& maps, std::size_t y, std::size_t x, float center, std::size_t symbol) {
  float* cell = cell_at(maps, y, x);
  cell[0] = center;
  cell[1 + symbol] = 9;
  cell[17] = 3;
  cell[20] = std::log(10.0F / 16);
  cell[21] = std::log(20.0F / 16);
}

Region all_of(const Maps& maps) {
  return {maps, 0, 0, maps.width, maps.height};
}

TEST(Peaks, AreWhereNoNeighborIsHigher) {
  Maps maps = empty_maps(8, 8);
  set_digit(maps, 2, 3, 3, 7);
  set_digit(maps, 2, 4, 2, 1);
  set_digit(maps, 6, 6, -1, 5);
  const std::vector<Detection> found = find_peaks(all_of(maps), 0.2F);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_GT(found[0].symbols[7], 0.9F);
  EXPECT_NEAR(found[0].objectness, 1 / (1 + std::exp(-3.0F)), 1e-3);
  EXPECT_NEAR(found[0].box.center_x(), 14, 1e-3);
  EXPECT_NEAR(found[0].box.center_y(), 10, 1e-3);
  EXPECT_NEAR(found[0].box.width(), 10, 1e-3);
  EXPECT_NEAR(found[0].box.height(), 20, 1e-3);
  EXPECT_NEAR(found[0].handwritten, 1 / (1 + std::exp(-3.0F)), 1e-3);
}

TEST(Peaks, LieInThePictureNotInTheCanvas) {
  Maps maps = empty_maps(8, 8);
  set_digit(maps, 4, 4, 3, 2);
  set_digit(maps, 1, 1, 3, 2);  // of another patch
  Region region = all_of(maps);
  region.first_x = region.first_y = 2;
  region.scale_x = region.scale_y = 0.5F;
  region.origin_x = region.origin_y = 8;
  const std::vector<Detection> found = find_peaks(region, 0.2F);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].box.center_x(), (18 - 8) / 0.5, 1e-3);
  EXPECT_NEAR(found[0].box.height(), 40, 1e-3);
  EXPECT_NEAR(found[0].level_height(), 20, 1e-3);
}

TEST(Peaks, OfLettersAreNone) {
  Maps maps = empty_maps(4, 4);
  set_digit(maps, 1, 1, 3, other_symbol);
  EXPECT_TRUE(find_peaks(all_of(maps), 0.2F).empty());
}

TEST(TooSmall, AreTheCellsThatSaySo) {
  Maps maps = empty_maps(4, 4);
  cell_at(maps, 1, 2)[DetectionChannels::too_small] = 2;
  cell_at(maps, 3, 3)[DetectionChannels::too_small] = 2;
  Region region = all_of(maps);
  region.end_y = 3;
  region.scale_x = region.scale_y = 2;
  const std::vector<Rectangle> cells = find_too_small(region, 0.5F);
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0], (Rectangle{4, 2, 6, 4}));
}

// ---- Canvases and patches

bool overlap(const PlacedPatch& a, const PlacedPatch& b) {
  const Box& p = a.patch.area;
  const Box& q = b.patch.area;
  return a.x < b.x + q.width + patch_gap && b.x < a.x + p.width + patch_gap &&
         a.y < b.y + q.height + patch_gap && b.y < a.y + p.height + patch_gap;
}

TEST(Canvas, HoldsEveryPatchOnceAndApart) {
  Random random({3});
  for (const std::size_t count : {1U, 5U, 60U}) {
    std::vector<Patch> patches;
    for (std::size_t i = 0; i < count; ++i) {
      const int width = 1 + static_cast<int>(random.below(max_patch_width));
      const int height = 1 + static_cast<int>(random.below(max_patch_height));
      patches.push_back({i, {0, 0, width, height}, {}});
    }
    patches.front().area = {0, 0, max_patch_width, max_patch_height};
    std::vector<int> times(count);
    for (const Canvas& canvas : pack(patches)) {
      for (std::size_t i = 0; i < canvas.patches.size(); ++i) {
        const PlacedPatch& placed = canvas.patches[i];
        ++times[placed.patch.level];
        EXPECT_GE(std::min(placed.x, placed.y), edge_gap);
        EXPECT_LE(placed.x + placed.patch.area.width, canvas.width - edge_gap);
        EXPECT_LE(placed.y + placed.patch.area.height, canvas.height - edge_gap);
        EXPECT_EQ(placed.x % 4 + placed.y % 4, 0);
        for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(overlap(placed, canvas.patches[j]));
      }
    }
    EXPECT_EQ(std::ranges::count(times, 1), static_cast<std::ptrdiff_t>(count));
  }
}

TEST(Canvas, IsSmallWhereLittleIsSeen) {
  const std::vector<Canvas> canvases = pack({{0, {0, 0, 28, 28}, {}}, {1, {0, 0, 40, 40}, {}}});
  ASSERT_EQ(canvases.size(), 1U);
  EXPECT_LE(canvases[0].width * canvases[0].height, 48 * 128);
}

bool is_in_core(const Patch& patch, float x, float y) {
  return x >= patch.core.left && x < patch.core.right && y >= patch.core.top &&
         y < patch.core.bottom;
}

TEST(Patches, OfALevelHaveEachPlaceInOneCore) {
  const std::vector<Patch> patches = cover_level(0, 1500, 700);
  for (float y = 1; y < 700; y += 13)
    for (float x = 1; x < 1500; x += 13)
      EXPECT_EQ(std::ranges::count_if(patches, [&](const Patch& p) { return is_in_core(p, x, y); }),
                1);
  for (const Patch& patch : patches) {
    EXPECT_LE(patch.area.width, max_patch_width);
    EXPECT_LE(patch.area.height, max_patch_height);
    EXPECT_LE(patch.area.x + patch.area.width, 1500);
    EXPECT_LE(patch.area.y + patch.area.height, 700);
  }
}

TEST(Patches, OfPlacesHoldThemAndLittleElse) {
  const std::vector<Rectangle> places{
      {100, 100, 130, 120}, {128, 104, 160, 118}, {800, 500, 808, 512}};
  const std::vector<Patch> patches = cover_places(3, 1000, 600, places);
  ASSERT_EQ(patches.size(), 2U);
  for (const Rectangle& place : places)
    EXPECT_TRUE(std::ranges::any_of(patches, [&](const Patch& p) {
      return is_in_core(p, place.center_x(), place.center_y());
    }));
  EXPECT_LT(patches[0].area.width * patches[0].area.height, 160 * 120);
  EXPECT_EQ(patches[0].level, 3U);
}

TEST(Patches, OfPlacesAllOverAreTheWholeLevel) {
  std::vector<Rectangle> places;
  for (float x = 0; x < 400; x += 40) places.push_back({x, 0, x + 20, 200});
  const std::vector<Patch> whole = cover_level(0, 400, 200);
  EXPECT_EQ(cover_places(0, 400, 200, places).size(), whole.size());
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

TEST(Merging, TakesTheSurerOfAWholeAndItsPart) {
  // The upper half of an 8, as a 0, where the picture was larger.
  const auto merged = merge_detections(
      {digit_at(0, 0, 12, 12, 0, 0.85F, 1), digit_at(0, 0, 12, 24, 8, 0.9F, 0.5F)});
  ASSERT_EQ(merged.size(), 1U);
  EXPECT_EQ(merged[0].symbols[8], 1);
}

TEST(Merging, KeepsDigitsThatASmallerLevelTakesForOne) {
  const auto merged =
      merge_detections({digit_at(0, 0, 12, 20, 1, 0.8F, 1), digit_at(16, 0, 12, 20, 0, 0.8F, 1),
                        digit_at(0, 0, 28, 30, 8, 0.7F, 0.5F)});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].symbol() + merged[1].symbol(), 1U);
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

TEST(ReadingOrder, KeepsDigitsThatJumpInTheirLine) {
  std::vector<Detection> page{digit_at(0, 20, 6, 30, 1), digit_at(30, 38, 20, 20, 2),
                              digit_at(70, 5, 15, 25, 3), digit_at(100, 35, 15, 22, 5),
                              digit_at(140, 15, 20, 35, 7)};
  EXPECT_EQ(text_of(find_reading_order(page)), "12357");
  page.push_back(digit_at(72, 60, 15, 25, 8));  // below another: a line of its own
  EXPECT_EQ(text_of(find_reading_order(page)), "12357\n8");
}

TEST(Signs, AreInsertedWhereTheyStand) {
  std::vector<Detection> page;
  write(page, "314", 0, 0, 0);
  write(page, "27", 0, 60, 0);
  auto lines = find_reading_order(page);
  insert_signs(
      {digit_at(13, 17, 2, 6, 10), digit_at(13, 70, 3, 2, 12), digit_at(300, 300, 4, 4, 14)},
      lines);
  ASSERT_EQ(lines.size(), 2U);
  ASSERT_EQ(lines[0].size(), 4U);
  EXPECT_EQ(lines[0][1].symbols[10], 1);
  ASSERT_EQ(lines[1].size(), 3U);
  EXPECT_EQ(lines[1][1].symbols[12], 1);
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
    EXPECT_GT(recognizer.classify(glyph->glyph)[0], 0.9F);
  }
}

TEST(DetectedGlyph, OfBlankPaperIsNone) {
  Plane plane(40, 40);
  std::ranges::fill(plane.pixels, 200);
  EXPECT_FALSE(make_detected_glyph(plane, {10, 10, 30, 30}));
  EXPECT_FALSE(make_detected_glyph(plane, {100, 100, 120, 130}));  // beside the picture
}

/// Sees a digit in each cell of 4x4 pixels, whatever is there: a flat output of biases.
Model see_digits_everywhere() {
  Model model = initialize(parse_architecture("input 1 64 128, conv 8 3 stride 2, relu, "
                                              "conv 23 1 stride 2 valid"),
                           1);
  for (float& weight : model.weights[2].values) weight = 0;
  std::vector<float>& biases = model.weights[3].values;  // (23)
  std::ranges::fill(biases, 0.0F);
  biases[DetectionChannels::center] = 10;
  biases[DetectionChannels::symbols + 3] = 10;
  biases[DetectionChannels::box + 2] = biases[DetectionChannels::box + 3] = -3;  // tiny
  return model;
}

TEST(PageReader, RefusesAPageOfTooManyDigitsInsteadOfLeavingSomeOut) {
  const Recognizer recognizer(default_model(), see_digits_everywhere());
  const Picture page{1000, 1000, 1, std::vector<std::uint8_t>(1000 * 1000, 255)};
  try {
    recognizer.read(page);
    ADD_FAILURE() << "read more digits than a page may have";
  } catch (const TooLargeError& error) {
    EXPECT_EQ(error.code(), ErrorCode::too_large);
    EXPECT_NE(std::string(error.what()).find("expected at most 40000; read it in parts"),
              std::string::npos)
        << error.what();
  }
}

TEST(PageReader, SeesNoDigitsInNoise) {
  Random random({11});
  Picture noise{2000, 2000, 1, {}};
  for (std::size_t i = 0; i < 2000 * 2000; ++i)
    noise.pixels.push_back(static_cast<std::uint8_t>(random.next()));
  Picture faint = noise;
  for (std::uint8_t& level : faint.pixels) level = static_cast<std::uint8_t>(200 + level / 6);
  const Recognizer recognizer;
  for (const Picture& picture : {noise, faint}) {
    for (const Digit& digit : recognizer.read(picture).digits) EXPECT_LE(digit.confidence, 0.9F);
  }
}

/// A 0, a 7 and a 1 beside each other, so many pixels high, in lines of that width.
void draw_digits(Picture& page, double left, double width, double top = 30, double height = 100) {
  const auto distance_to = [](double x, double y, double x0, double y0, double x1, double y1) {
    const double dx = x1 - x0, dy = y1 - y0;
    const double t = std::clamp(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0.0, 1.0);
    return std::hypot(x - x0 - t * dx, y - y0 - t * dy);
  };
  for (int py = 0; py < page.height; ++py) {
    for (int px = 0; px < page.width; ++px) {
      const double x = (px - left) * 100 / height, y = (py - top) * 100 / height;
      const double to_zero = std::abs(std::hypot((x - 35) / 0.7, y - 50) - 50);
      const double to_seven =
          std::min(distance_to(x, y, 110, 0, 170, 0), distance_to(x, y, 170, 0, 130, 100));
      const double to_one =
          std::min(distance_to(x, y, 200, 30, 230, 0), distance_to(x, y, 230, 0, 230, 100));
      if (std::min({to_zero, to_seven, to_one}) * height / 100 <= width / 2)
        page.pixels[static_cast<std::size_t>(py * page.width + px)] = 0;
    }
  }
}

TEST(PageReader, ReadsThinLinesBesideBoldOnes) {
  Picture page{620, 160, 1, std::vector<std::uint8_t>(620 * 160, 255)};
  draw_digits(page, 40, 1.5);
  draw_digits(page, 340, 12);
  const Recognizer recognizer;
  EXPECT_EQ(recognizer.read(page).text, "071071");
}

TEST(PageReader, ReadsALineOfSmallDigitsAmongLargeOnes) {
  const Recognizer recognizer;
  for (const double height : {17.0, 18.0}) {
    Picture page{900, 420, 1, std::vector<std::uint8_t>(900 * 420, 255)};
    for (int i = 0; i < 3; ++i) {
      draw_digits(page, 40 + 290 * i, 9);
      draw_digits(page, 40 + 290 * i, 9, 290);
      draw_digits(page, 60 + 2.6 * height * i, 1.5, 190, height);
    }
    EXPECT_EQ(recognizer.read(page).text, "071071071\n071071071\n071071071") << height;
  }
}

using Color = std::array<std::uint8_t, 3>;

/// The same picture in color: what is black in `black` has the color `front`, what else is black in
/// `page` the other one.
Picture with_color(const Picture& page, const Picture& black, const Color& color,
                   const Color& front = {0, 0, 0}) {
  Picture colored{page.width, page.height, 3, {}};
  for (std::size_t i = 0; i < page.pixels.size(); ++i)
    for (std::size_t c = 0; c < color.size(); ++c)
      colored.pixels.push_back(black.pixels[i] == 0  ? front[c]
                               : page.pixels[i] == 0 ? color[c]
                                                     : page.pixels[i]);
  return colored;
}

TEST(PageReader, ReadsInkOfAColorAsBrightAsThePaper) {
  Picture black{620, 160, 1, std::vector<std::uint8_t>(620 * 160, 255)};
  draw_digits(black, 340, 12);
  Picture page = black;
  draw_digits(page, 40, 12);
  const Recognizer recognizer;
  EXPECT_EQ(recognizer.read(with_color(page, black, {255, 235, 0})).text, "071071");
  const Reading shining = recognizer.read(with_color(page, black, {225, 225, 225}));
  EXPECT_EQ(shining.text, "071");  // from the back
  const Picture orange = with_color(page, black, {252, 228, 204}, {240, 120, 0});
  EXPECT_EQ(recognizer.read(orange).text, "071");  // its ink from the back too
  Picture on_its_side = turn(with_color(page, black, {255, 235, 0}), 90);
  EXPECT_EQ(recognizer.read(on_its_side, {.turn = Turn::left}).text, "071071");
}

/// Boxes beside each other, 130 pixels high with walls of that width, from x = 40 on.
void draw_boxes(Picture& page, int count, int width, int wall) {
  constexpr int height = 130;
  for (int y = 0; y < page.height; ++y) {
    for (int x = 0; x < page.width; ++x) {
      const int across = x - 40;
      const int down = y - 10;
      if (across < 0 || across >= count * width + wall || down < 0 || down >= height + wall)
        continue;
      if (across % width < wall || down < wall || down >= height)
        page.pixels[static_cast<std::size_t>(y * page.width + x)] = 0;
    }
  }
}

TEST(BoxWall, GoesOnToLinesThatCrossIt) {
  Picture boxes{500, 160, 1, std::vector<std::uint8_t>(500 * 160, 255)};
  draw_boxes(boxes, 3, 130, 6);
  Plane plane(500, 160);
  plane.pixels = boxes.pixels;
  EXPECT_TRUE(is_box_wall(plane, {160, 30, 186, 125}));  // the second wall
  EXPECT_TRUE(is_box_wall(plane, {30, 30, 56, 125}));    // the first one
  EXPECT_FALSE(is_box_wall(plane, {90, 30, 116, 125}));  // the paper between them
}

TEST(BoxWall, IsNoOneThatStandsOnARule) {
  Picture page{300, 160, 1, std::vector<std::uint8_t>(300 * 160, 255)};
  draw_digits(page, -60, 4);  // its 1 is at x = 170
  Plane plane(300, 160);
  plane.pixels = page.pixels;
  const Rectangle one{136, 28, 176, 132};
  EXPECT_FALSE(is_box_wall(plane, one));
  std::fill_n(plane.row(130), 300, std::uint8_t{0});
  EXPECT_FALSE(is_box_wall(plane, one));
}

TEST(BoxWall, IsNoOneOnSquaredPaper) {
  Picture page{300, 160, 1, std::vector<std::uint8_t>(300 * 160, 255)};
  draw_digits(page, -60, 4);  // its 1 is at x = 170
  Plane plane(300, 160);
  plane.pixels = page.pixels;
  for (int y = 5; y < 160; y += 25) std::fill_n(plane.row(y), 300, std::uint8_t{0});
  EXPECT_FALSE(is_box_wall(plane, {136, 28, 176, 132}));
}

TEST(PageReader, TakesNoWallOfABoxForA1) {
  Picture page{480, 170, 1, std::vector<std::uint8_t>(480 * 170, 255)};
  draw_boxes(page, 3, 105, 6);
  draw_digits(page, 65, 1.5);
  const Recognizer recognizer;
  EXPECT_EQ(recognizer.read(page).text, "071");
}

}  // namespace
}  // namespace scrawl
