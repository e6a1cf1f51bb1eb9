// Training of a page reader on made-up pages that a small network can learn: bars that lie or
// stand.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "network/random.hpp"
#include "network_training/workers.hpp"
#include "scratch.hpp"
#include "thread_team.hpp"
#include "training/checkpoint.hpp"
#include "training/page_score.hpp"
#include "training/page_source.hpp"
#include "training/train_reader.hpp"

namespace scrawl {
namespace {

constexpr std::size_t width = 64;
constexpr std::size_t height = 32;
constexpr std::size_t standing = 1;
constexpr std::size_t lying = 12;

/// One bar, in one half of the picture, and another in the other half of some.
PageExample bars(Random random) {
  PageExample page{std::vector<std::uint8_t>(width * height, 128), {}, {}, {}};
  for (auto& pixel : page.pixels) pixel = static_cast<std::uint8_t>(112 + random.below(32));
  for (std::size_t i = 0; i < 1 + random.below(2); ++i) {
    const bool stands = random.below(2) == 0;
    const std::size_t w = stands ? 4 : 14;
    const std::size_t h = stands ? 14 : 4;
    const std::size_t left = 32 * i + 4 + random.below(10);
    const std::size_t top = 4 + random.below(10);
    for (std::size_t y = top; y < top + h; ++y) {
      for (std::size_t x = left; x < left + w; ++x) page.pixels[y * width + x] = 240;
    }
    page.marks.push_back({stands ? standing : lying,
                          {static_cast<float>(left), static_cast<float>(top),
                           static_cast<float>(left + w), static_cast<float>(top + h)},
                          stands});
  }
  return page;
}

PageSource bar_source() {
  return {bars, {{"first", bars}, {"second", bars}}, "bars", 256, 20};
}

const Architecture small = parse_architecture(
    "input 1 32 64, conv 16 3 stride 2, norm, relu, conv 32 3 stride 2, norm, relu, conv 32 3, "
    "norm, relu, conv 32 3 dilation 2, norm, residual 5, relu, conv 23 1");

TrainingOptions quick_options(int epochs) {
  TrainingOptions options = reader_options();
  options.epochs = epochs;
  options.batch = 16;
  options.learning_rate = 0.01F;
  options.warmup = 0.5F;
  options.weight_ema = 0.9F;
  options.threads = 2;
  return options;
}

TEST(ReaderTraining, LearnsToFindMarksAndTellThemApart) {
  std::vector<ReaderReport> reports;
  ReaderCallbacks callbacks;
  callbacks.on_epoch = [&](const ReaderReport& report) { reports.push_back(report); };
  const TrainingResult result = train_reader(bar_source(), small, quick_options(6), callbacks);
  ASSERT_EQ(reports.size(), 6U);
  EXPECT_LT(reports.back().train_loss, reports.front().train_loss / 2);
  const PageScore& last = reports.back().validation;
  EXPECT_GT(last.all.recall(), 0.95);
  EXPECT_GT(last.precision(), 0.95);
  EXPECT_GT(last.all.accuracy(), 0.95);
  EXPECT_GT(last.quality(), 0.9);
  ASSERT_EQ(last.by_kind.size(), 2U);
  EXPECT_EQ(last.by_kind[0].marks + last.by_kind[1].marks, last.all.marks);
  EXPECT_GT(last.by_height[0].marks, 0U);  // those that lie
  EXPECT_GT(last.by_height[1].marks, 0U);  // those that stand
  EXPECT_EQ(last.by_height[2].marks, 0U);
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.best->architecture, small);
}

TEST(ReaderTraining, TheModelGoesThroughAFile) {
  const ScratchFolder scratch;
  const TrainingResult result = train_reader(bar_source(), small, quick_options(1));
  save_model(*result.best, scratch / "reader.safetensors");
  const Model loaded = load_model(scratch / "reader.safetensors");
  EXPECT_EQ(loaded.architecture, small);
  EXPECT_EQ(loaded.metadata.at("epoch"), "1");
  for (std::size_t t = 0; t < loaded.weights.size(); ++t)
    EXPECT_EQ(loaded.weights[t].values, result.best->weights[t].values);
}

TEST(ReaderTraining, ResumedAnywhereEqualsNeverStoppedOnAnyNumberOfThreads) {
  const ScratchFolder scratch;
  const auto file = scratch / "checkpoint.safetensors";
  const TrainingResult whole = train_reader(bar_source(), small, quick_options(2));
  for (const int stop : {1, 16, 21}) {
    ReaderCallbacks callbacks;
    callbacks.on_batch = [left = stop](const ReaderBatchReport&) mutable { return --left > 0; };
    callbacks.on_checkpoint = [&](const Checkpoint& now) { save_checkpoint(now, file); };
    EXPECT_FALSE(train_reader(bar_source(), small, quick_options(2), callbacks).finished);
    const auto checkpoint = load_checkpoint(file);
    TrainingOptions options = quick_options(2);
    options.threads = 1;
    const TrainingResult resumed = train_reader(bar_source(), small, options, {}, checkpoint.get());
    EXPECT_TRUE(resumed.finished);
    ASSERT_EQ(resumed.best->weights.size(), whole.best->weights.size());
    for (std::size_t t = 0; t < whole.best->weights.size(); ++t) {
      EXPECT_EQ(resumed.best->weights[t].values, whole.best->weights[t].values) << stop << ' ' << t;
    }
    EXPECT_EQ(resumed.best->metadata, whole.best->metadata);
  }
}

TEST(ReaderTraining, GivesTheSameInATeamOfAnySize) {
  std::vector<ReaderReport> alone;
  ReaderCallbacks callbacks;
  callbacks.on_epoch = [&](const ReaderReport& report) { alone.push_back(report); };
  TrainingOptions options = quick_options(2);
  options.threads = 1;
  const TrainingResult whole = train_reader(bar_source(), small, options, callbacks);
  for (const std::size_t size : {1U, 2U, 3U, 4U}) {
    in_team(size, [&](Team& team) {
      std::vector<ReaderReport> reports;
      ReaderCallbacks own;
      own.on_epoch = [&](const ReaderReport& report) { reports.push_back(report); };
      const TrainingResult result = train_reader(bar_source(), small, options, own, nullptr, &team);
      for (std::size_t t = 0; t < whole.best->weights.size(); ++t)
        EXPECT_EQ(result.best->weights[t].values, whole.best->weights[t].values)
            << size << ' ' << t;
      EXPECT_EQ(result.best->metadata, whole.best->metadata);
      ASSERT_EQ(reports.size(), alone.size());
      for (std::size_t i = 0; i < alone.size(); ++i) {
        EXPECT_EQ(reports[i].train_loss, alone[i].train_loss);
        EXPECT_EQ(reports[i].validation.quality(), alone[i].validation.quality());
        EXPECT_EQ(reports[i].validation.loss.loss(), alone[i].validation.loss.loss());
        EXPECT_EQ(reports[i].validation.by_kind[1].found, alone[i].validation.by_kind[1].found);
      }
    });
  }
}

TEST(ReaderTraining, ATeamStopsBehindTheSameStep) {
  in_team(2, [](Team& team) {
    std::size_t steps = 0;
    ReaderCallbacks callbacks;
    callbacks.on_batch = [&](const ReaderBatchReport&) { return ++steps < 3 || team.rank() == 0; };
    TrainingOptions options = quick_options(2);
    options.threads = 1;
    EXPECT_FALSE(train_reader(bar_source(), small, options, callbacks, nullptr, &team).finished);
    EXPECT_EQ(steps, 4U);
  });
}

TEST(ReaderTraining, ATeamHasTheSameFonts) {
  in_team(2, [](Team& team) {
    PageSource source = bar_source();
    source.digest = team.rank() == 0 ? "abc Kristi Lato" : "abc Kristi Klee Lato";
    try {
      train_reader(source, small, quick_options(1), {}, nullptr, &team);
      ADD_FAILURE() << "trained with other fonts";
    } catch (const Error& error) {
      const std::string said = error.what();
      EXPECT_NE(said.find("fonts is ' Kristi Klee Lato'"), std::string::npos) << said;
      EXPECT_NE(said.find("install the same fonts"), std::string::npos) << said;
    }
  });
}

TEST(ReaderTraining, ShowsTheBestModelBeforeItGivesUp) {
  const ScratchFolder scratch;
  const auto file = scratch / "checkpoint.safetensors";
  ReaderCallbacks callbacks;
  callbacks.on_batch = [left = 20](const ReaderBatchReport&) mutable { return --left > 0; };
  callbacks.on_checkpoint = [&](const Checkpoint& now) { save_checkpoint(now, file); };
  train_reader(bar_source(), small, quick_options(2), callbacks);
  Checkpoint checkpoint = *load_checkpoint(file);
  ASSERT_EQ(checkpoint.best_epoch.epoch, 1);
  Tensor& last = *std::prev(checkpoint.state.weights.end(), 2);  // before its bias
  std::ranges::fill(last.values, std::numeric_limits<float>::max());
  int shown = 0;
  callbacks = {};
  callbacks.on_best = [&](const Model& best) {
    ++shown;
    EXPECT_EQ(best.metadata.at("epoch"), "1");
  };
  try {
    train_reader(bar_source(), small, quick_options(2), callbacks, &checkpoint);
    FAIL() << "the loss is no number";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the loss became"), std::string::npos) << error.what();
  }
  EXPECT_EQ(shown, 1);
}

TEST(ReaderTraining, RefusesWhatIsForGlyphsAndOtherTrainingsCheckpoints) {
  TrainingOptions options = quick_options(1);
  options.smoothing = 0.1F;
  EXPECT_THROW(train_reader(bar_source(), small, options), OptionError);
  const ScratchFolder scratch;
  const auto file = scratch / "checkpoint.safetensors";
  ReaderCallbacks callbacks;
  callbacks.on_checkpoint = [&](const Checkpoint& now) { save_checkpoint(now, file); };
  train_reader(bar_source(), small, quick_options(1), callbacks);
  const auto checkpoint = load_checkpoint(file);
  PageSource other = bar_source();
  other.digest = "others";
  EXPECT_THROW(train_reader(other, small, quick_options(1), {}, checkpoint.get()), Error);
  other = bar_source();
  other.train = [](Random) { return PageExample{std::vector<std::uint8_t>(7), {}, {}, {}}; };
  EXPECT_THROW(train_reader(other, small, quick_options(1)), Error);
}

// ---- Scores

/// Maps in which nothing is.
struct Maps {
  std::vector<float> values = std::vector<float>(8 * 16 * DetectionChannels::count, -5.0F);

  void put(std::size_t x, std::size_t y, float center, std::size_t symbol) {
    float* cell = values.data() + (y * 16 + x) * DetectionChannels::count;
    cell[DetectionChannels::center] = center;
    cell[DetectionChannels::symbols + symbol] = 5;
  }
};

PageScore score_of(const Maps& maps, const TargetPage& page) {
  PageScore score;
  score.by_kind.resize(1);
  add_page(maps.values.data(), page, score);
  return score;
}

TEST(PageScore, CountsFoundRightAndTooMany) {
  TargetPage page;
  page.example.marks = {{3, {8, 8, 16, 20}, true},               // its center: cell 3, 3
                        {4, {32, 8, 40, 20}, true},              // cell 9, 3
                        {other_symbol, {52, 8, 60, 20}, true}};  // cell 14, 3
  page.example.ignored = {{0, 24, 64, 32}};
  page.targets = make_targets(page.example.marks, page.example.ignored, {}, 8, 16);
  Maps maps;
  EXPECT_EQ(score_of(maps, page).all.marks, 2U);
  EXPECT_EQ(score_of(maps, page).all.found, 0U);
  maps.put(3, 3, 2, 3);
  maps.put(4, 3, 1, 8);   // beside a higher one
  maps.put(9, 4, 1, 5);   // a cell off, another symbol
  maps.put(6, 7, 1, 5);   // in an ignored area
  maps.put(14, 3, 1, 5);  // where there is no digit
  const PageScore score = score_of(maps, page);
  EXPECT_EQ(score.all.found, 2U);
  EXPECT_EQ(score.all.correct, 1U);
  EXPECT_EQ(score.centers, 3U);
  EXPECT_DOUBLE_EQ(score.precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(score.quality(), 2.0 / 3);  // from 0.8 on: one center, which is right
}

TEST(PageScore, QualityIsThatOfTheBestThreshold) {
  TargetPage page;
  page.example.marks = {{3, {8, 8, 16, 20}, true}, {4, {32, 8, 40, 20}, true}};
  page.targets = make_targets(page.example.marks, {}, {}, 8, 16);
  Maps maps;
  maps.put(3, 3, -1, 3);
  maps.put(9, 3, -1, 4);
  maps.put(14, 3, -3, 5);  // where there is no digit
  EXPECT_EQ(score_of(maps, page).all.found, 0U);
  EXPECT_DOUBLE_EQ(score_of(maps, page).quality(), 1);
}

TEST(PageScore, OneCenterIsOneMarksAlone) {
  TargetPage page;
  page.example.marks = {{3, {8, 8, 14, 20}, true}, {3, {12, 8, 18, 20}, true}};
  page.targets = make_targets(page.example.marks, {}, {}, 8, 16);
  Maps maps;
  maps.put(3, 3, 2, 3);
  EXPECT_EQ(score_of(maps, page).all.found, 1U);
}

}  // namespace
}  // namespace scrawl
