// The recognizer, and the built-in model.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "network/data_type.hpp"
#include "recognition/read_picture.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {
namespace {

const std::filesystem::path source = SCRAWL_SOURCE;

TEST(BuiltinModel, IsSmall) {
  EXPECT_LE(parameter_count(default_model().architecture), 1'000'000U);
  EXPECT_LE(std::filesystem::file_size(source / "models/default.safetensors"), 2'000'000U);
}

TEST(BuiltinModel, IsTheFileInTheRepository) {
  const Model file = load_model(source / "models/default.safetensors");
  const Model builtin = default_model();
  EXPECT_EQ(builtin.architecture, file.architecture);
  EXPECT_EQ(builtin.temperature, file.temperature);
  EXPECT_EQ(builtin.activation_ranges, file.activation_ranges);
  for (std::size_t i = 0; i < file.weights.size(); ++i) {
    EXPECT_EQ(builtin.weights[i].values, file.weights[i].values) << file.weights[i].name;
  }
}

TEST(BuiltinModel, ReadsTheTestPartOfMnistAndKnowsHowSurelyItDoes) {
  Dataset dataset;
  try {
    dataset = load_dataset(default_data_folder(), Part::test);
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  const Evaluation evaluation = evaluate(default_model(), dataset);
  EXPECT_GT(evaluation.score.accuracy, 0.996);
  EXPECT_LT(evaluation.calibration_error, 0.003);
}

TEST(Reading, WhatIsHardlyADigitIsNone) {
  Picture picture{60, 60, 1, std::vector<std::uint8_t>(3600, 255)};
  for (int y = 10; y < 50; ++y)
    for (int x = 28; x < 33; ++x) picture.pixels[static_cast<std::size_t>(y) * 60 + x] = 0;
  const auto unsure = [](GlyphView) {
    Probabilities probabilities;
    probabilities.fill(0.1F);
    return probabilities;
  };
  const PageReader reader(default_page_reader());
  EXPECT_TRUE(read_picture(picture, {.layout = Layout::one}, reader, unsure).digits.empty());
}

TEST(Recognizer, RefusesMoreDigitsThanItCouldEverFind) {
  const Recognizer recognizer;
  const Picture seven = load_picture(source / "examples/pictures/7-mnist.png");
  ReadOptions options;
  options.digits = max_read_digits;
  EXPECT_FALSE(recognizer.read(seven, options).digits.empty());
  options.digits = max_read_digits + 1;
  EXPECT_THROW(recognizer.read(seven, options), std::invalid_argument);
}

TEST(Recognizer, RefusesOptionsThatCannotBe) {
  const Recognizer recognizer;
  const Picture seven = load_picture(source / "examples/pictures/7-mnist.png");
  for (const float bad : {-0.1F, 1.1F, NAN}) {
    EXPECT_THROW(recognizer.read(seven, {Layout::page, 0, bad}), std::invalid_argument) << bad;
  }
  EXPECT_EQ(recognizer.read(seven, {Layout::one, 1, 0}).text, "7");
  EXPECT_THROW(recognizer.read(seven, {Layout::one, 2, 0}), std::invalid_argument);
}

TEST(Recognizer, RefusesPicturesThatDoNotFitTheirPixels) {
  const Recognizer recognizer;
  const std::vector<std::uint8_t> pixels(20 * 20);
  const Picture wrong[] = {{1000, 1000, 3, {}},
                           {20, 20, 3, pixels},
                           {20, 20, 0, {}},
                           {-20, -20, 1, pixels},
                           {20, 21, 1, pixels}};
  for (const Picture& picture : wrong) {
    EXPECT_THROW(recognizer.read(picture), std::invalid_argument);
    EXPECT_THROW(find_glyph(picture), std::invalid_argument);
    EXPECT_THROW(explain(picture, {}), std::invalid_argument);
  }
  EXPECT_NO_THROW(explain({20, 20, 1, pixels}, {}));
}

TEST(Recognizer, RefusesModelsThatCannotBe) {
  EXPECT_THROW(Recognizer(Model{}), Error);
  Model model = default_model();
  model.temperature = 0;
  EXPECT_THROW(Recognizer{model}, Error);
}

TEST(Recognizer, ReadsOnWhenItWasCopiedOrMovedFrom) {
  const Glyph glyph{};
  Recognizer first;
  const Probabilities expected = first.classify(glyph);
  Recognizer second = std::move(first);
  EXPECT_EQ(second.classify(glyph), expected);
  EXPECT_EQ(first.classify(glyph), expected);  // NOLINT(bugprone-use-after-move)
  first = std::move(second);
  EXPECT_EQ(second.classify(glyph), expected);  // NOLINT(bugprone-use-after-move)
  const Picture blank{28, 28, 1, std::vector<std::uint8_t>(784, 255)};
  EXPECT_EQ(second.read(blank).text, "");
  const std::vector<Recognizer> copies(3, first);
  EXPECT_EQ(copies[2].classify(glyph), expected);
}

TEST(Recognizer, ClassifiesManyGlyphsAsItDoesEach) {
  const Recognizer recognizer;
  const Reading page =
      recognizer.read(load_picture(source / "examples/pictures/2026-squared-paper.jpg"));
  std::vector<std::uint8_t> glyphs;
  for (const Digit& digit : page.digits)
    glyphs.insert(glyphs.end(), digit.glyph.begin(), digit.glyph.end());
  const std::vector<Probabilities> answers = recognizer.classify(glyphs);
  ASSERT_EQ(answers.size(), 19U);
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(answers[i], recognizer.classify(page.digits[i].glyph)) << i;
  EXPECT_TRUE(recognizer.classify(std::vector<std::uint8_t>()).empty());
  glyphs.pop_back();
  EXPECT_THROW(recognizer.classify(glyphs), std::invalid_argument);
}

TEST(BuiltinModel, LosesNothingInInt8) {
  if (!has_native_int8()) GTEST_SKIP() << "this CPU has no products of bytes";
  Dataset dataset;
  try {
    dataset = load_dataset(default_data_folder(), Part::test);
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  const double exact = evaluate(default_model(), dataset, Precision::f32).score.accuracy;
  const double bytes = evaluate(default_model(), dataset, Precision::int8).score.accuracy;
  EXPECT_NEAR(bytes, exact, 0.00021);  // two images
}

TEST(Recognizer, ReadsTheExamplePicturesWithTheBuiltinModel) {
  const Recognizer recognizer;
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source / "examples/pictures")) {
    const std::string name = entry.path().filename().string();
    const Reading reading = recognizer.read(load_picture(entry.path()));
    const std::string expected = name.starts_with("blank") ? "" : name.substr(0, name.find('-'));
    EXPECT_EQ(reading.text.substr(0, reading.text.find(' ')), expected) << name;
    ++read;
  }
  EXPECT_GE(read, 10);
}

TEST(Recognizer, GivesTheSameProbabilitiesFromSeveralThreads) {
  const Recognizer recognizer;
  Glyph glyph{};
  for (std::size_t i = 0; i < glyph_pixels; ++i) glyph[i] = static_cast<std::uint8_t>(i * i % 251);
  const Probabilities expected = recognizer.classify(glyph);
  float sum = 0;
  for (const float probability : expected) sum += probability;
  EXPECT_NEAR(sum, 1, 1e-5);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) wrong[t] += recognizer.classify(glyph) == expected ? 0 : 1;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::ranges::count(wrong, 0), 4);
}

}  // namespace
}  // namespace scrawl
