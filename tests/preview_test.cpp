// scrawl data preview: what is on its sheet, and what it refuses; and the PNG files it is made of.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>

#include "dataset_files.hpp"
#include "decoding/write_png.hpp"
#include "picture/picture.hpp"
#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;
using testing::operator+;

constexpr int cell = 57;  // pixels: 28 twice, and a line

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The training part has the labels 9, 8, ... 0, 9, 8, ...; the test part has 0, 1, ... and other
/// images: those from the 20th on.
void write_dataset(const std::filesystem::path& folder) {
  const testing::Bytes images = testing::idx_images(60);
  testing::Bytes labels = testing::words({0x801, 40});
  for (int i = 0; i < 40; ++i) labels.push_back(static_cast<std::byte>(9 - i % 10));
  testing::put(folder / "train-images-idx3-ubyte",
               testing::words({0x803, 40, 28, 28}) +
                   testing::Bytes(images.begin() + 16, images.begin() + 16 + 40 * 784));
  testing::put(folder / "train-labels-idx1-ubyte", labels);
  testing::put(folder / "t10k-images-idx3-ubyte",
               testing::words({0x803, 40, 28, 28}) +
                   testing::Bytes(images.begin() + 16 + 20 * 784, images.end()));
  testing::put(folder / "t10k-labels-idx1-ubyte", testing::idx_labels(40));
}

/// Runs `scrawl data preview` on a small data set, into a folder that is gone afterward.
class Preview {
 public:
  explicit Preview(std::vector<std::string> arguments) {
    write_dataset(scratch_ / "data");
    arguments.insert(arguments.begin(), {"data", "preview", "--data", (scratch_ / "data").string(),
                                         "--out", file().string()});
    result_ = run_scrawl(arguments);
  }

  std::filesystem::path file() const { return scratch_ / "sheets" / "sheet.png"; }
  const ProcessResult& result() const { return result_; }
  Picture sheet() const { return load_picture(file()); }
  Dataset dataset(Part part) const { return load_dataset(scratch_ / "data", part); }

 private:
  ScratchFolder scratch_;
  ProcessResult result_;
};

/// The glyph in a cell of a sheet; every one of its pixels is there four times.
Glyph glyph_at(const Picture& sheet, int row, int column) {
  Glyph glyph{};
  for (int y = 0; y < 56; ++y) {
    for (int x = 0; x < 56; ++x) {
      const auto at = static_cast<std::size_t>((row * cell + y) * sheet.width + column * cell + x);
      std::uint8_t& pixel = glyph[static_cast<std::size_t>(y / 2 * 28 + x / 2)];
      if (y % 2 == 0 && x % 2 == 0) pixel = sheet.pixels[at];
      EXPECT_EQ(sheet.pixels[at], pixel) << row << ' ' << column;
    }
  }
  return glyph;
}

Glyph glyph_of(const Dataset& dataset, std::size_t index) {
  Glyph glyph;
  std::ranges::copy(dataset.image(index), glyph.begin());
  return glyph;
}

TEST(PreviewSheet, HasTenGlyphsAndSixteenColumnsUnlessToldOtherwise) {
  const Preview preview({});
  ASSERT_EQ(preview.result().code, 0) << preview.result().err;
  const Picture sheet = preview.sheet();
  EXPECT_EQ(sheet.width, 16 * cell);
  EXPECT_EQ(sheet.height, 10 * cell);
  EXPECT_EQ(sheet.channels, 1);
}

TEST(PreviewSheet, ShowsPagesWithBoxesAndCropsAsANetworkSeesThem) {
  for (const std::string what : {"--pages", "--crops"}) {
    const Preview preview({what, "--rows", "4", "--columns", "2"});
    ASSERT_EQ(preview.result().code, 0) << preview.result().err;
    const Picture sheet = preview.sheet();
    EXPECT_EQ(sheet.width, 2 * (2 * 256 + 2));
    EXPECT_EQ(sheet.height, 4 * (2 * 128 + 2));
    ASSERT_EQ(sheet.channels, 3);
    int green = 0;
    for (std::size_t i = 0; i < sheet.pixels.size(); i += 3)
      green += sheet.pixels[i] == 0 && sheet.pixels[i + 1] == 170 && sheet.pixels[i + 2] == 0;
    EXPECT_GT(green, 100) << what;
  }
}

TEST(PreviewSheet, HasOneOfEachDigitFirstAsItIs) {
  const Preview preview({"--rows", "12", "--columns", "3"});
  ASSERT_EQ(preview.result().code, 0) << preview.result().err;
  const Picture sheet = preview.sheet();
  ASSERT_EQ(sheet.width, 3 * cell);
  ASSERT_EQ(sheet.height, 12 * cell);
  const Dataset dataset = preview.dataset(Part::train);
  for (int row = 0; row < 12; ++row) {
    const std::size_t index = row < 10 ? 9 - row : 19 - (row - 10);  // the first, then the second
    ASSERT_EQ(dataset.labels[index], row % 10);
    EXPECT_EQ(glyph_at(sheet, row, 0), glyph_of(dataset, index)) << row;
    EXPECT_NE(glyph_at(sheet, row, 1), glyph_at(sheet, row, 0)) << row;
    EXPECT_NE(glyph_at(sheet, row, 1), glyph_at(sheet, row, 2)) << row;
  }
}

TEST(PreviewSheet, PartsItsCellsByDarkGrayLines) {
  const Picture sheet = Preview({"--rows", "2", "--columns", "2"}).sheet();
  for (int y = 0; y < sheet.height; ++y) {
    for (int x = 0; x < sheet.width; ++x) {
      if (x % cell < 56 && y % cell < 56) continue;
      ASSERT_EQ(sheet.pixels[static_cast<std::size_t>(y * sheet.width + x)], 64) << x << ' ' << y;
    }
  }
}

TEST(PreviewSheet, WithoutAugmentationHasCopies) {
  const Picture sheet = Preview({"--rows", "3", "--columns", "4", "--augment", "none"}).sheet();
  for (int row = 0; row < 3; ++row) {
    for (int column = 1; column < 4; ++column) {
      EXPECT_EQ(glyph_at(sheet, row, column), glyph_at(sheet, row, 0));
    }
  }
}

TEST(PreviewSheet, DependsOnTheSeedAndTheAugmentation) {
  const auto pixels = [](const std::string& seed, const std::string& augmentation) {
    return Preview({"--seed", seed, "--augment", augmentation}).sheet().pixels;
  };
  const auto first = pixels("1", "strong");
  EXPECT_EQ(pixels("1", "strong"), first);
  EXPECT_NE(pixels("2", "strong"), first);
  EXPECT_NE(pixels("1", "shift 1"), first);
}

TEST(PreviewSheet, ShowsThePartThatIsAskedFor) {
  const Preview preview({"--part", "test", "--rows", "1", "--columns", "1"});
  ASSERT_EQ(preview.result().code, 0) << preview.result().err;
  const Glyph shown = glyph_at(preview.sheet(), 0, 0);
  EXPECT_EQ(shown, glyph_of(preview.dataset(Part::test), 0));
  EXPECT_NE(shown, glyph_of(preview.dataset(Part::train), 9));
}

TEST(PreviewSheet, ShowsMnistsFirstDigits) {
  Dataset dataset;
  try {
    dataset = load_dataset(default_data_folder(), Part::train);
  } catch (const Error&) {
    GTEST_SKIP() << "no MNIST here; get it with: scrawl data fetch";
  }
  const ScratchFolder scratch;
  const std::filesystem::path file = scratch / "sheet.png";
  ASSERT_EQ(run_scrawl({"data", "preview", "--augment", "strong", "--out", file.string()}).code, 0);
  const Picture sheet = load_picture(file);
  for (int digit = 0; digit < 10; ++digit) {
    const auto first = std::ranges::find(dataset.labels, digit) - dataset.labels.begin();
    EXPECT_EQ(glyph_at(sheet, digit, 0), glyph_of(dataset, static_cast<std::size_t>(first)));
  }
}

TEST(PreviewCommand, SaysWhatItDrewAndIsQuietWhenTold) {
  const Preview loud({"--augment", "shift 2"});
  EXPECT_EQ(loud.result().out, "");
  EXPECT_TRUE(has(loud.result().err, "sheet.png")) << loud.result().err;
  EXPECT_TRUE(has(loud.result().err, "shift 2")) << loud.result().err;
  const Preview quiet({"--quiet"});
  EXPECT_EQ(quiet.result().code, 0);
  EXPECT_EQ(quiet.result().out + quiet.result().err, "");
  EXPECT_EQ(quiet.sheet().height, 10 * cell);
}

TEST(PreviewCommand, GivesItsSettingsAsJson) {
  const Preview preview({"--json", "--rows", "3", "--augment", " rotation 10,shift 1.50 "});
  ASSERT_EQ(preview.result().code, 0) << preview.result().err;
  EXPECT_FALSE(has(preview.result().err, "sheet.png")) << preview.result().err;
  const Json expected{{"file", preview.file().string()},
                      {"rows", 3},
                      {"columns", 16},
                      {"augmentation", "rotation 10, shift 1.5"}};
  EXPECT_EQ(Json::parse(preview.result().out), expected);
}

TEST(PreviewCommand, LeavesNothingBesideItsFile) {
  const Preview preview({});
  const auto files = std::filesystem::directory_iterator(preview.file().parent_path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(PreviewCommand, HelpShowsDefaultsAndAnExample) {
  const ProcessResult result = run_scrawl({"data", "preview", "--help"});
  EXPECT_EQ(result.code, 0);
  for (const char* text : {"Example:\n  ", "test|train [train]"}) {
    EXPECT_TRUE(has(result.out, text)) << text << "\n" << result.out;
  }
  EXPECT_TRUE(has_default(result.out, "--augment TEXT", "light")) << result.out;
  EXPECT_TRUE(has_default(result.out, "--out TEXT", "preview.png")) << result.out;
}

TEST(PreviewCommand, AWrongCommandLineIsExitCodeTwoAndDrawsNothing) {
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--augment", "shift 99"},
                                                {"--augment", "turn 3"},
                                                {"--rows", "0"},
                                                {"--columns", "0"},
                                                {"--columns", "x"},
                                                {"--seed", "-1"},
                                                {"--part", "all"},
                                                {"--rows", "1000", "--columns", "1000"},
                                                {"more"}}) {
    const Preview preview(wrong);
    EXPECT_EQ(preview.result().code, 2) << wrong[0];
    EXPECT_EQ(preview.result().out, "");
    EXPECT_TRUE(preview.result().err.starts_with("scrawl: ")) << preview.result().err;
    EXPECT_FALSE(std::filesystem::exists(preview.file()));
  }
  EXPECT_EQ(run_scrawl({"data", "preview", "--out", ""}).code, 2);
  const ScratchFolder scratch;
  const std::string other = scratch / "sheet.jpg";
  const ProcessResult jpeg = run_scrawl({"data", "preview", "--out", other});
  EXPECT_EQ(jpeg.code, 2);
  EXPECT_TRUE(has(jpeg.err, "--out: found " + other + ", expected a name that ends in .png"))
      << jpeg.err;
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST(PreviewCommand, WhatCannotBeReadOrWrittenIsAFailureThatNamesIt) {
  const ScratchFolder scratch;
  const ProcessResult no_data =
      run_scrawl({"data", "preview", "--data", "/none", "--out", (scratch / "sheet.png").string()});
  EXPECT_EQ(no_data.code, 1);
  EXPECT_TRUE(has(no_data.err, "/none")) << no_data.err;
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
  write_dataset(scratch / "data");
  const ProcessResult a_folder = run_scrawl(
      {"data", "preview", "--data", (scratch / "data").string(), "--out", scratch.path().string()});
  EXPECT_EQ(a_folder.code, 1);
  EXPECT_TRUE(has(a_folder.err, scratch.path().string() + ": cannot write")) << a_folder.err;
}

TEST(Png, ComesBackAsItWasWritten) {
  const ScratchFolder scratch;
  for (const std::size_t width : {1U, 3U, 64U, 192U}) {  // rows in memory are padded to 4 bytes
    std::vector<std::uint8_t> levels(192);
    std::iota(levels.begin(), levels.end(), std::uint8_t{64});  // up to 255
    write_png(levels, width, scratch / "levels.png");
    const Picture picture = load_picture(scratch / "levels.png");
    EXPECT_EQ(picture.width, static_cast<int>(width));
    EXPECT_EQ(picture.channels, 1);
    EXPECT_EQ(picture.pixels, levels) << width;
  }
}

TEST(Png, AFileInItsPlaceIsReplacedWholeOrStays) {
  const ScratchFolder scratch;
  const std::vector<std::uint8_t> black(16, 0);
  const std::vector<std::uint8_t> white(16, 255);
  write_png(black, 4, scratch / "a.png");
  write_png(white, 4, scratch / "a.png");
  EXPECT_EQ(load_picture(scratch / "a.png").pixels, white);
  EXPECT_THROW(write_png(black, 4, scratch / "a.png" / "b.png"), Error);
  EXPECT_EQ(load_picture(scratch / "a.png").pixels, white);
}

}  // namespace
}  // namespace scrawl
