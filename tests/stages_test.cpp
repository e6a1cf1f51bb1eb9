// What example pictures become on the way to their readings, beside what they became when somebody
// last looked at it: tests/golden/stages holds a picture of each stage. Where a stage is meant to
// change, write them anew with SCRAWL_WRITE_GOLDEN=1, and look at them.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <string>

#include "decoding/write_png.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {
namespace {

namespace fs = std::filesystem;

const fs::path source = SCRAWL_SOURCE;

/// The mean absolute difference of levels.
double difference(const Picture& a, const Picture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / std::max(1.0, static_cast<double>(a.pixels.size()));
}

struct Case {
  const char* file;
  Box area;  // of the picture that is read; empty: all of it
};

void PrintTo(const Case& example, std::ostream* out) {
  *out << example.file;
}

Picture load(const Case& example) {
  const Picture whole = load_picture(source / "examples/pictures" / example.file);
  const Box& area = example.area;
  if (area.width == 0) return whole;
  Picture part{area.width, area.height, whole.channels, {}};
  for (int y = area.y; y < area.y + area.height; ++y) {
    const auto row = whole.pixels.begin() +
                     static_cast<std::ptrdiff_t>(y * whole.width + area.x) * whole.channels;
    part.pixels.insert(part.pixels.end(), row, row + area.width * whole.channels);
  }
  return part;
}

class Stages : public testing::TestWithParam<Case> {};

TEST_P(Stages, AreAsTheyWere) {
  const fs::path golden = source / "tests/golden/stages" / fs::path(GetParam().file).stem();
  std::map<std::string, Picture> stages;
  ReadOptions options;
  options.show = [&](std::string_view name, const Picture& stage) {
    EXPECT_TRUE(stages.emplace(name, stage).second) << name << " is shown twice";
  };
  Recognizer().read(load(GetParam()), options);
  if (std::getenv("SCRAWL_WRITE_GOLDEN") != nullptr) {
    fs::remove_all(golden);
    fs::create_directories(golden);
    for (const auto& [name, stage] : stages) write_png(stage, golden / (name + ".png"));
  }
  std::size_t files = 0;
  for (const auto& file : fs::directory_iterator(golden)) {
    ++files;
    const std::string name = file.path().stem();
    ASSERT_TRUE(stages.contains(name)) << "no longer shown: " << name;
    const Picture expected = load_picture(file.path());
    const Picture& stage = stages[name];
    ASSERT_EQ(stage.width, expected.width) << name;
    ASSERT_EQ(stage.height, expected.height) << name;
    // What networks say differs a little from CPU to CPU; and glyphs follow boxes.
    const bool of_network = name == "heat" || name == "glyphs" || name.ends_with("centers") ||
                            name.ends_with("too small");
    EXPECT_LT(difference(stage, expected), of_network ? 3 : 0.1) << name;
  }
  EXPECT_EQ(files, stages.size());
}

INSTANTIATE_TEST_SUITE_P(OfExamples, Stages,
                         testing::Values(Case{"2026-squared-paper.jpg", {60, 20, 390, 130}},
                                         Case{"4-paint-1-pixel.png", {}},
                                         Case{"5-small-off-center.png", {}},
                                         Case{"7-mnist.png", {}}));

}  // namespace
}  // namespace scrawl
