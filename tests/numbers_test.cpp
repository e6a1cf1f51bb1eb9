// Whole numbers read with the built-in model: composed of MNIST's test digits where that has been
// fetched, and what is drawn here.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <time.h>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>

#include "composed.hpp"
#include "network/random.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {
namespace {

int to_digit(const Probabilities& probabilities) {
  return static_cast<int>(std::ranges::max_element(probabilities) - probabilities.begin());
}

std::string without_space(const std::string& text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits),
                       [](char c) { return c != ' ' && c != '\n'; });
  return digits;
}

class Numbers : public testing::Test {
 protected:
  void SetUp() override {
    try {
      dataset_ = load_dataset(default_data_folder(), Part::test);
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  /// The fraction of composed pictures that are read exactly.
  double fraction_read(const Composition& composition) {
    constexpr int pictures = 40;
    int correct = 0;
    for (int i = 0; i < pictures; ++i) {
      const ComposedPicture composed = compose(dataset_, composition, 1000 + i);
      const Reading reading = recognizer_.read(composed.picture);
      correct += without_space(reading.text) == without_space(composed.text) ? 1 : 0;
    }
    return static_cast<double>(correct) / pictures;
  }

  Dataset dataset_;
  Recognizer recognizer_;
};

// The bounds leave room for the luck of 40 pictures; `composed_bench` measures.

TEST_F(Numbers, AreReadOnEveryPaper) {
  const auto bound = [](Paper paper) {
    if (paper == Paper::on_screen) return 0.65;  // traced lines have lost small loops
    if (paper == Paper::in_cells) return 0.58;   // of these, 0.5 where walls are taken for 1s
    return paper == Paper::squared ? 0.75 : 0.85;
  };
  for (const Paper paper : all_papers)
    EXPECT_GE(fraction_read({.paper = paper}), bound(paper)) << to_string(paper);
}

TEST_F(Numbers, WithTouchingDigitsAreParted) {
  EXPECT_GE(fraction_read({.touching = true}), 0.75);
}

TEST_F(Numbers, InSeveralLinesAreRead) {
  EXPECT_GE(fraction_read({.min_digits = 4, .max_digits = 7, .lines = 3}), 0.8);
}

TEST_F(Numbers, SpacesAndLinesAreInTheText) {
  int correct = 0;
  for (int i = 0; i < 20; ++i) {
    const ComposedPicture composed =
        compose(dataset_, {.min_digits = 4, .max_digits = 8, .lines = 2, .spaced = true}, i);
    const Reading reading = recognizer_.read(composed.picture);
    correct += reading.text == composed.text ? 1 : 0;
  }
  EXPECT_GE(correct, 16);
}

TEST_F(Numbers, AsManyDigitsAreReadAsAreAskedFor) {
  const ComposedPicture composed = compose(dataset_, {.min_digits = 6, .max_digits = 6}, 3);
  for (const std::size_t digits : {1U, 4U, 6U}) {
    const Reading reading = recognizer_.read(composed.picture, {.digits = digits});
    EXPECT_EQ(reading.digits.size(), digits);
    EXPECT_EQ(without_space(reading.text).size(), digits);
  }
  EXPECT_GE(recognizer_.read(composed.picture, {.digits = 500}).digits.size(), 6U);
}

TEST_F(Numbers, ALineThatIsAskedForIsOne) {
  const ComposedPicture composed =
      compose(dataset_, {.min_digits = 4, .max_digits = 4, .lines = 2}, 5);
  const Reading reading = recognizer_.read(composed.picture, {.layout = Layout::line});
  EXPECT_EQ(reading.text.find('\n'), std::string::npos);
}

TEST_F(Numbers, BoxesAreInThePictureAndGlyphsAreWhatTheNetworkSaw) {
  const ComposedPicture composed = compose(dataset_, {}, 7);
  const Reading reading = recognizer_.read(composed.picture);
  ASSERT_FALSE(reading.digits.empty());
  float least = 1;
  for (const Digit& digit : reading.digits) {
    EXPECT_GE(digit.box.x, 0);
    EXPECT_GE(digit.box.y, 0);
    EXPECT_LE(digit.box.x + digit.box.width, composed.picture.width);
    EXPECT_LE(digit.box.y + digit.box.height, composed.picture.height);
    EXPECT_EQ(to_digit(recognizer_.classify(digit.glyph)), digit.digit);
    least = std::min(least, digit.confidence);
  }
  EXPECT_EQ(reading.confidence, least);
}

TEST_F(Numbers, AreTheSameFromSeveralThreads) {
  const ComposedPicture composed = compose(dataset_, {.touching = true}, 9);
  const std::string expected = recognizer_.read(composed.picture).text;
  std::vector<std::string> texts(4);
  std::vector<std::thread> threads;
  for (std::string& text : texts)
    threads.emplace_back([&] { text = recognizer_.read(composed.picture).text; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::ranges::count(texts, expected), 4);
}

// ---- What is no digit

struct Drawing {
  const char* name;
  std::vector<Box> strokes;  ///< in hundredths of a square
};

/// Letters of upright and level strokes, none of which the training draws so.
const Drawing letters[] = {
    {"E", {{20, 10, 12, 80}, {20, 10, 55, 12}, {20, 44, 45, 12}, {20, 78, 55, 12}}},
    {"F", {{20, 10, 12, 80}, {20, 10, 55, 12}, {20, 44, 45, 12}}},
    {"H", {{15, 10, 12, 80}, {70, 10, 12, 80}, {15, 44, 60, 12}}},
    {"plus", {{44, 15, 12, 70}, {15, 44, 70, 12}}},
    {"comb", {{10, 30, 80, 10}, {10, 30, 10, 50}, {45, 30, 10, 50}, {80, 30, 10, 50}}},
};

Picture draw(const Drawing& drawing, int side) {
  Picture picture{2 * side, 2 * side, 1,
                  std::vector<std::uint8_t>(static_cast<std::size_t>(4) * side * side, 245)};
  for (const Box& stroke : drawing.strokes)
    for (int y = stroke.y * side / 100; y < (stroke.y + stroke.height) * side / 100; ++y)
      for (int x = stroke.x * side / 100; x < (stroke.x + stroke.width) * side / 100; ++x)
        picture.pixels[static_cast<std::size_t>(y + side / 2) * picture.width + x + side / 2] = 20;
  return picture;
}

/// Digits of such strokes: that they are read shows that what is no digit could have been.
const Drawing digits[] = {
    {"1", {{44, 15, 12, 70}}},
    {"4", {{15, 10, 12, 46}, {15, 44, 70, 12}, {60, 10, 12, 80}}},
    {"7", {{20, 10, 60, 12}, {68, 10, 12, 80}}},
};

void expect_reads_digits(const Recognizer& recognizer) {
  for (const Drawing& digit : digits) {
    for (const Layout layout : {Layout::page, Layout::one}) {
      const Reading reading = recognizer.read(draw(digit, 200), {.layout = layout});
      EXPECT_EQ(reading.text, digit.name);
      EXPECT_GT(reading.confidence, layout == Layout::one ? 0.9 : 0.6) << digit.name;
    }
  }
}

TEST(NoDigits, LettersAreNoConfidentDigits) {
  const Recognizer recognizer;
  expect_reads_digits(recognizer);
  for (const Drawing& letter : letters) {
    const Reading reading = recognizer.read(draw(letter, 200), {.layout = Layout::one});
    EXPECT_LT(reading.confidence, 0.9) << letter.name << " is read as " << reading.text;
  }
}

TEST(NoDigits, DrawingsThatComeApartIntoStrokesAreNoConfidentDigits) {
  const Drawing drawings[] = {
      letters[0],
      letters[2],
      letters[4],
      {"window",
       {{10, 10, 80, 8}, {10, 82, 80, 8}, {10, 10, 8, 80}, {82, 10, 8, 80}, {46, 10, 8, 80}}},
      {"ladder", {{10, 10, 8, 80}, {40, 10, 8, 80}, {10, 30, 38, 8}, {10, 60, 38, 8}}},
      {"fence",
       {{0, 40, 170, 8}, {10, 10, 8, 80}, {50, 10, 8, 80}, {90, 10, 8, 80}, {130, 10, 8, 80}}},
      {"something in a frame",
       {{10, 10, 50, 8}, {10, 82, 50, 8}, {10, 10, 8, 80}, {52, 10, 8, 80}, {26, 36, 16, 26}}},
  };
  const Recognizer recognizer;
  expect_reads_digits(recognizer);
  for (const Drawing& drawing : drawings) {
    const Reading reading = recognizer.read(draw(drawing, 200));
    EXPECT_LT(reading.confidence, 0.9) << drawing.name << " is read as " << reading.text;
  }
}

TEST(OneDigit, IsFoundBesideHeavierInkThatIsNone) {
  Drawing both = letters[0];
  both.strokes.push_back({130, 20, 12, 70});  // a 1
  const Picture narrow = draw(both, 200);
  Picture picture{600, 400, 1, std::vector<std::uint8_t>(600 * 400, 245)};
  for (int y = 0; y < 400; ++y)
    std::copy_n(narrow.pixels.begin() + y * 400, 400, picture.pixels.begin() + y * 600);
  const Recognizer recognizer;
  const Reading reading = recognizer.read(picture, {.layout = Layout::one});
  EXPECT_EQ(reading.text, "1");
  ASSERT_EQ(reading.digits.size(), 1U);
  EXPECT_GT(reading.digits[0].box.x, 300);
}

TEST(NoDigits, NoiseAndBlankPagesAreNoConfidentDigits) {
  const Recognizer recognizer;
  expect_reads_digits(recognizer);
  Random random({1});
  for (const int contrast : {0, 5, 30, 200}) {
    Picture picture{300, 200, 1, {}};
    for (int i = 0; i < 300 * 200; ++i)
      picture.pixels.push_back(
          static_cast<std::uint8_t>(250 - random.below(static_cast<std::uint64_t>(contrast) + 1)));
    for (const Layout layout : {Layout::page, Layout::one}) {
      const Reading reading = recognizer.read(picture, {.layout = layout});
      EXPECT_LT(reading.confidence, 0.9) << contrast << ": " << reading.text;
    }
  }
}

/// Of all threads of this process: what others do on the machine does not count.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

TEST(Textures, TakeSecondsAtMost) {
#ifdef SCRAWL_SANITIZED
  constexpr double max_seconds = 100;
#else
  constexpr double max_seconds = 10;
#endif
  const auto draw_texture = [](int width, int height, const auto& ink) {
    Picture picture{width, height, 1, {}};
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        picture.pixels.push_back(static_cast<std::uint8_t>(ink(x, y) ? 10 : 250));
    return picture;
  };
  const Picture textures[] = {
      draw_texture(700, 700, [](int x, int y) { return (x + y) % 7 < 2; }),
      draw_texture(8192, 64, [](int x, int y) { return x % 14 < 6 && y % 4 == 0; }),
      draw_texture(500, 500, [](int x, int y) { return x * y % 11 < 4; })};
  const Recognizer recognizer;
  for (const Picture& texture : textures) {
    const double start = processor_seconds();
    recognizer.read(texture);
    EXPECT_LT(processor_seconds() - start, max_seconds) << texture.width << " wide";
  }
}

TEST(Explain, DrawsAtLeastThePictureAndARowOfGlyphs) {
  const Recognizer recognizer;
  const Picture blank{50, 30, 1, std::vector<std::uint8_t>(1500, 255)};
  const Picture nothing = explain(blank, recognizer.read(blank));
  EXPECT_EQ(nothing.channels, 3);
  EXPECT_GE(nothing.width, 50);
  Reading reading;
  reading.digits.resize(3);
  reading.digits[0].box = {-5, -5, 400, 400};  // beyond the picture
  EXPECT_GT(explain(blank, reading).height, nothing.height);
  EXPECT_NO_THROW(explain(Picture{}, Reading{}));
}

TEST(Explain, TintsWhereHeatIsAndDrawsALineUnderEachLine) {
  const Picture blank{600, 450, 1, std::vector<std::uint8_t>(270000, 255)};
  const auto pixel = [](const Picture& sheet, int x, int y) {
    const auto at = static_cast<std::ptrdiff_t>(y * sheet.width + x) * 3;
    return std::vector<std::uint8_t>(sheet.pixels.begin() + at, sheet.pixels.begin() + at + 3);
  };
  const std::vector<std::uint8_t> white{255, 255, 255};
  const Picture heated = explain(blank, {}, {2, 1, 1, {0, 255}});
  EXPECT_EQ(pixel(heated, 299, 200), white);
  EXPECT_NE(pixel(heated, 300, 200), white);
  Reading reading;
  reading.text = "12\n3";
  reading.digits.resize(3);
  reading.digits[0].box = {100, 100, 40, 80};
  reading.digits[1].box = {200, 100, 40, 80};
  reading.digits[2].box = {100, 300, 40, 80};
  const Picture lines = explain(blank, reading);
  EXPECT_NE(pixel(lines, 170, 184), white);  // from the 1 to the 2
  EXPECT_EQ(pixel(lines, 170, 284), white);  // none from the 2 to the 3
  EXPECT_THROW(explain(blank, {}, {2, 2, 1, {0}}), std::invalid_argument);
}

}  // namespace
}  // namespace scrawl
