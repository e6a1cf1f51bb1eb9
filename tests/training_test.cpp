// Training: splits, schedules, resuming, and what is refused.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "files/files.hpp"
#include "formats/safetensors.hpp"
#include "network/data_type.hpp"
#include "network/random.hpp"
#include "scratch.hpp"
#include "training/batches.hpp"
#include "training/checkpoint.hpp"
#include "training/evaluate.hpp"
#include "training/options.hpp"
#include "training/schedule.hpp"
#include "training/settings.hpp"
#include "training_files.hpp"

namespace scrawl {
namespace {

using testing::stop_after;
using testing::TrainingFiles;

/// Ten kinds of made-up glyphs that a small network can learn: a bright bar at a height for each
/// label.
Dataset bars(std::size_t count, std::uint64_t seed) {
  Random random({seed});
  Dataset dataset;
  dataset.images.resize(count * glyph_pixels);
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::size_t>(random.below(10));
    dataset.labels.push_back(static_cast<std::uint8_t>(label));
    std::uint8_t* image = dataset.images.data() + i * glyph_pixels;
    for (std::size_t p = 0; p < glyph_pixels; ++p) {
      const bool bar = p / glyph_side / 2 == label + 2;
      image[p] = static_cast<std::uint8_t>(random.below(bar ? 256 : 128));
    }
  }
  return dataset;
}

const Architecture small = parse_architecture("dense 16, relu, dense 10");

TrainingOptions quick_options() {
  TrainingOptions options;
  options.epochs = 4;
  options.batch = 64;
  options.validation = 200;
  options.learning_rate = 0.05F;
  options.momentum = 0.9F;
  options.threads = 2;
  return options;
}

template <typename Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string message_of(const Dataset& dataset, const TrainingOptions& options,
                       const Architecture& architecture = small) {
  return error_of([&] { train(dataset, architecture, options); });
}

// ---- Batches and schedules
// -----------------------------------------------------------------------

TEST(Split, TakesEachImageOnceAndDependsOnTheSeed) {
  const Split a = split(1000, 300, 1);
  EXPECT_EQ(a.train.size(), 700U);
  EXPECT_EQ(a.validation.size(), 300U);
  std::set<std::uint32_t> all(a.train.begin(), a.train.end());
  all.insert(a.validation.begin(), a.validation.end());
  EXPECT_EQ(all.size(), 1000U);
  EXPECT_EQ(split(1000, 300, 1).validation, a.validation);
  EXPECT_NE(split(1000, 300, 2).validation, a.validation);
}

TEST(EpochOrder, ShufflesDifferentlyInEachEpochAndKeepsLabelsWithImages) {
  const Dataset dataset = bars(500, 1);
  const Split parts = split(500, 100, 1);
  const EpochOrder first = shuffle(dataset, parts.train, 1, 0);
  const EpochOrder second = shuffle(dataset, parts.train, 1, 1);
  EXPECT_NE(first.images, second.images);
  EXPECT_EQ(shuffle(dataset, parts.train, 1, 0).images, first.images);
  std::set<const std::uint8_t*> seen;
  for (std::size_t i = 0; i < first.size(); ++i) {
    seen.insert(first.images[i]);
    const auto index =
        static_cast<std::size_t>(first.images[i] - dataset.images.data()) / glyph_pixels;
    EXPECT_EQ(first.labels[i], dataset.labels[index]);
  }
  EXPECT_EQ(seen.size(), 400U);
  EXPECT_EQ(first.batch(384, 128).labels.size(), 16U);
  EXPECT_EQ(first.batch(400, 128).labels.size(), 0U);
}

TEST(Schedule, OneCycleIsPyTorchs) {
  // torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.4, total_steps=20)
  const float expected[] = {0.016F,       0.0526687371F, 0.148668737F,   0.267331263F,
                            0.363331263F, 0.4F,          0.394985602F,   0.380193853F,
                            0.356366471F, 0.324698262F,  0.286777201F,   0.244504809F,
                            0.2000008F,   0.155496791F,  0.113224399F,   0.0753033384F,
                            0.043635129F, 0.0198077472F, 0.00501599751F, 1.6e-06F};
  for (std::size_t step = 0; step < 20; ++step) {
    EXPECT_NEAR(learning_rate(Schedule::one_cycle, 0.4F, 0, step, 20), expected[step], 1e-7)
        << step;
  }
  EXPECT_EQ(learning_rate(Schedule::constant, 0.4F, 0, 7, 20), 0.4F);
}

TEST(Schedule, OneCycleIsFiniteForVeryShortTrainings) {
  for (std::size_t steps = 1; steps < 6; ++steps) {
    for (std::size_t step = 0; step < steps; ++step) {
      const float rate = learning_rate(Schedule::one_cycle, 0.4F, 0, step, steps);
      EXPECT_GE(rate, 0.0F);
      EXPECT_LE(rate, 0.4F);
    }
  }
}

TEST(Schedule, CosineRisesInALineAndFallsToNothing) {
  constexpr std::size_t steps = 100;
  for (std::size_t step = 0; step < 20; ++step) {
    EXPECT_NEAR(learning_rate(Schedule::cosine, 2, 20, step, steps),
                2 * static_cast<double>(step + 1) / 21, 1e-6);
  }
  EXPECT_NEAR(learning_rate(Schedule::cosine, 2, 20, 20, steps), 2, 1e-6);
  EXPECT_NEAR(learning_rate(Schedule::cosine, 2, 20, 60, steps), 1, 1e-6);
  const float last = learning_rate(Schedule::cosine, 2, 20, 99, steps);
  EXPECT_GT(last, 0);
  EXPECT_LT(last, 0.01);
}

// ---- Training
// ------------------------------------------------------------------------------------

TEST(Training, LearnsAndKeepsTheBestByValidation) {
  const Dataset dataset = bars(2000, 1);
  TrainingOptions options = quick_options();
  std::vector<EpochReport> epochs;
  TrainingCallbacks callbacks;
  callbacks.on_epoch = [&](const EpochReport& report) {
    epochs.push_back(report);
    return true;
  };
  const TrainingResult result = train(dataset, small, options, callbacks);
  ASSERT_EQ(epochs.size(), 4U);
  EXPECT_TRUE(result.finished);
  EXPECT_GT(result.best_epoch->validation.accuracy, 0.95);
  for (const EpochReport& epoch : epochs) {
    EXPECT_LE(epoch.validation.accuracy, result.best_epoch->validation.accuracy);
  }
  // The model that comes back is the one that was measured.
  const Split parts = split(dataset.size(), options.validation, options.seed);
  const Evaluation again = evaluate(*result.best, select(dataset, parts.validation));
  EXPECT_EQ(again.score.accuracy, result.best_epoch->validation.accuracy);
  // The temperature makes its loss smaller still.
  EXPECT_LE(again.score.loss, result.best_epoch->validation.loss + 1e-9);
}

TEST(Training, HasNoModelWhereItIsStoppedWithinItsFirstEpoch) {
  const TrainingResult result = train(bars(1000, 1), small, quick_options(), stop_after(3));
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.epochs_done, 0);
  EXPECT_FALSE(result.best) << "an untrained network is no best model";
  EXPECT_FALSE(result.best_epoch);
}

TEST(Training, StopsBehindAnEpochAndIsGoneOnWith) {
  const Dataset dataset = bars(1000, 1);
  const ScratchFolder scratch;
  TrainingFiles files(scratch / "m");
  TrainingCallbacks callbacks;
  callbacks.on_epoch = [](const EpochReport& report) { return report.epoch < 2; };
  const TrainingResult stopped = files.train(dataset, small, quick_options(), callbacks);
  EXPECT_FALSE(stopped.finished);
  EXPECT_EQ(stopped.epochs_done, 2);
  EXPECT_TRUE(stopped.best);
  const TrainingResult resumed = files.resume(dataset, small, quick_options());
  EXPECT_TRUE(resumed.finished);
  EXPECT_EQ(resumed.best->weights[0].values,
            train(dataset, small, quick_options()).best->weights[0].values);
}

TEST(Training, EndsWhenItsPatienceIsOver) {
  const Dataset dataset = bars(1000, 1);
  const ScratchFolder scratch;
  TrainingFiles files(scratch / "m");
  TrainingOptions options = quick_options();
  options.epochs = 8;
  options.schedule = Schedule::constant;
  options.learning_rate = 1e-30F;  // no epoch is better than the first
  options.patience = 2;
  const TrainingResult result = files.train(dataset, small, options);
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.epochs_done, 3);
  EXPECT_EQ(result.best_epoch.value().epoch, 1);
  const TrainingResult again = files.resume(dataset, small, options, stop_after(1));
  EXPECT_TRUE(again.finished) << "it went on though it had ended";
  EXPECT_EQ(again.epochs_done, 3);
  options.patience = 4;  // which may be another
  EXPECT_EQ(files.resume(dataset, small, options).epochs_done, 5);
  options.patience = 0;
  EXPECT_EQ(files.resume(dataset, small, options).epochs_done, 8);
}

TEST(Training, TheSameSeedGivesTheSameWeightsAnotherSeedOthers) {
  const Dataset dataset = bars(1000, 1);
  TrainingOptions options = quick_options();
  const auto weights = [&] { return train(dataset, small, options).best->weights[0].values; };
  const auto first = weights();
  EXPECT_EQ(weights(), first);
  options.threads = 3;
  EXPECT_EQ(weights(), first) << "the number of threads must not matter";
  options.seed = 2;
  EXPECT_NE(weights(), first);
}

TEST(Training, ResumedAnywhereEqualsNeverStopped) {
  const Dataset dataset = bars(1100, 1);  // 900 to train on: 15 batches, the last of 4 images
  for (const Schedule schedule : {Schedule::constant, Schedule::one_cycle}) {
    const ScratchFolder scratch;
    TrainingOptions options = quick_options();
    options.schedule = schedule;
    TrainingFiles(scratch / "whole").train(dataset, small, options);
    TrainingFiles stopped(scratch / "parts");
    EXPECT_FALSE(stopped.train(dataset, small, options, stop_after(3)).finished);
    for (const int batches : {12, 15, 1, 20})  // at an epoch's end, in it, and over it
      EXPECT_FALSE(stopped.resume(dataset, small, options, stop_after(batches)).finished);
    EXPECT_TRUE(stopped.resume(dataset, small, options).finished);
    for (const char* kind : {".safetensors", ".checkpoint.safetensors"}) {
      const auto whole = read_file(scratch / (std::string("whole") + kind), 1 << 24);
      const auto parts = read_file(scratch / (std::string("parts") + kind), 1 << 24);
      // The checkpoint also holds the seconds that epochs took.
      if (kind[1] == 's') {
        EXPECT_EQ(whole, parts);
      }
      const std::size_t tensors = std::min(whole.size(), parts.size()) * 9 / 10;
      EXPECT_TRUE(std::equal(whole.end() - static_cast<std::ptrdiff_t>(tensors), whole.end(),
                             parts.end() - static_cast<std::ptrdiff_t>(tensors)));
    }
  }
}

/// Everything that a training can be asked for at once.
TrainingOptions full_options() {
  TrainingOptions options = quick_options();
  options.nesterov = true;
  options.weight_decay = 0.001F;
  options.schedule = Schedule::cosine;
  options.warmup = 0.5F;
  options.smoothing = 0.1F;
  options.weight_ema = 0.9F;
  options.augmentation.shift = 1;
  options.augmentation.rotation = 5;
  return options;
}

const Architecture conv_net = parse_architecture(
    "conv 8 5 stride 2, norm, relu, max-pool 2, conv 16 3, tanh, dropout 0.1, dense 10");

TEST(Training, AConvolutionalOneResumedEqualsNeverStopped) {
  const Dataset dataset = bars(1100, 1);
  const ScratchFolder scratch;
  TrainingOptions options = full_options();
  const Model whole = train(dataset, conv_net, options).best.value();
  TrainingFiles files(scratch / "parts");
  options.threads = 3;  // which must not matter either
  EXPECT_FALSE(files.train(dataset, conv_net, options, stop_after(3)).finished);
  for (const int batches : {14, 20})
    EXPECT_FALSE(files.resume(dataset, conv_net, options, stop_after(batches)).finished);
  const Model parts = files.resume(dataset, conv_net, options).best.value();
  for (std::size_t t = 0; t < whole.weights.size(); ++t) {
    EXPECT_EQ(whole.weights[t].values, parts.weights[t].values) << whole.weights[t].name;
  }
  EXPECT_EQ(whole.temperature, parts.temperature);
}

TEST(Training, ExtrasAreTheSameWhateverTheThreadsAndAreNotCounted) {
  const Dataset dataset = bars(1100, 1);
  const ScratchFolder scratch;
  TrainingOptions options = full_options();
  options.outliers = 0.2F;
  options.rare_styles = 0.1F;
  double most = 0;
  TrainingCallbacks callbacks;
  callbacks.on_epoch = [&](const EpochReport& report) {
    most = std::max(most, report.train.accuracy);
    return true;
  };
  const Model whole = train(dataset, conv_net, options, callbacks).best.value();
  EXPECT_LE(most, 1);
  TrainingFiles files(scratch / "parts");
  options.threads = 3;
  files.train(dataset, conv_net, options, stop_after(9));
  const Model parts = files.resume(dataset, conv_net, options).best.value();
  for (std::size_t t = 0; t < whole.weights.size(); ++t) {
    EXPECT_EQ(whole.weights[t].values, parts.weights[t].values) << whole.weights[t].name;
  }
  options.outliers = 0.3F;
  EXPECT_NE(error_of([&] { files.resume(dataset, conv_net, options); }).find("has outliers '0.2'"),
            std::string::npos);
}

TEST(Training, AConvolutionalOneLearns) {
  TrainingOptions options = full_options();
  options.epochs = 8;
  const TrainingResult result = train(bars(2000, 1), conv_net, options);
  EXPECT_GT(result.best_epoch->validation.accuracy, 0.9);
}

TEST(Training, MeasuresTheRangesOfItsBestModelForBytes) {
  TrainingOptions options = quick_options();
  options.epochs = 2;
  const Architecture large = parse_architecture(
      "conv 8 5 valid, max-pool 2, norm, relu, conv 64 3, relu, max-pool 4, dense 10");
  const Dataset dataset = bars(1000, 1);
  const Model model = train(dataset, large, options).best.value();
  ASSERT_EQ(model.activation_ranges.size(), 2U);
  if (!has_native_int8()) GTEST_SKIP() << "this CPU has no products of bytes";
  EXPECT_NEAR(evaluate(model, dataset, Precision::int8).score.loss,
              evaluate(model, dataset, Precision::f32).score.loss, 0.01);
}

TEST(Training, RefusesBytes) {
  TrainingOptions options = quick_options();
  options.precision = Precision::int8;
  EXPECT_THROW(train(bars(1000, 1), small, options), OptionError);
  EXPECT_THROW(evaluate(initialize(small, 1), bars(10, 1), Precision::int8), Error);
}

TEST(Training, LearnsFromATeacherWithoutLabels) {
  const Dataset dataset = bars(2000, 1);
  TrainingOptions options = quick_options();
  const Model teacher = train(dataset, small, options).best.value();
  Dataset mislabeled = dataset;
  for (auto& label : mislabeled.labels) label = static_cast<std::uint8_t>((label + 1) % 10);
  options.teachers = {teacher, teacher};
  const Model student = train(mislabeled, small, options).best.value();
  EXPECT_GT(evaluate(student, bars(500, 9)).score.accuracy, 0.9);
}

TEST(Training, EveryPresetIsANetworkWithOptionsThatHold) {
  std::set<std::string> names;
  for (const Preset& preset : presets()) {
    EXPECT_NO_THROW(check_options(preset.options)) << preset.name;
    EXPECT_NO_THROW(parse_architecture(preset.name)) << preset.name;
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
  }
  EXPECT_TRUE(names.contains("mlp"));
}

TEST(Training, AFinishedOneResumesForMoreEpochs) {
  const Dataset dataset = bars(1000, 1);
  const ScratchFolder scratch;
  TrainingFiles files(scratch / "m");
  TrainingOptions options = quick_options();
  options.epochs = 2;
  files.train(dataset, small, options);
  options.epochs = 4;
  const auto resumed = files.resume(dataset, small, options).best->weights[0].values;
  EXPECT_EQ(train(dataset, small, options).best->weights[0].values, resumed);
}

TEST(Training, RefusesACheckpointOfSomethingElseAndSaysOfWhat) {
  const Dataset dataset = bars(1000, 1);
  const ScratchFolder scratch;
  TrainingFiles files(scratch / "m");
  TrainingOptions options = quick_options();
  options.epochs = 1;
  files.train(dataset, small, options);
  const auto refusal = [&](const Dataset& data, const Architecture& architecture) {
    return error_of([&] { files.resume(data, architecture, options); });
  };
  EXPECT_EQ(refusal(dataset, small), "");
  EXPECT_NE(refusal(bars(1000, 2), small).find("has dataset"), std::string::npos);
  EXPECT_NE(refusal(dataset, parse_architecture("dense 17, relu, dense 10"))
                .find("has architecture 'dense 16, relu, dense 10'"),
            std::string::npos);
  options.seed = 9;
  EXPECT_NE(refusal(dataset, small).find("has seed '1', this training '9'"), std::string::npos);
  EXPECT_NE(refusal(dataset, small).find("m.checkpoint.safetensors"), std::string::npos);
}

TEST(Training, RefusesFilesThatAreNoCheckpoint) {
  const ScratchFolder scratch;
  const auto refusal = [&] { return error_of([&] { load_checkpoint(scratch / "c"); }); };
  EXPECT_NE(refusal().find("c: cannot open"), std::string::npos) << refusal();
  write_file(scratch / "c", std::vector<std::byte>(100));
  EXPECT_NE(refusal().find("/c: "), std::string::npos) << refusal();
  save_model(initialize(small, 1), scratch / "c");
  EXPECT_NE(refusal().find("not a checkpoint"), std::string::npos) << refusal();
  write_file(scratch / "c", format_safetensors({{}, {{"setting.architecture", "dense x"}}}));
  EXPECT_NE(refusal().find("c: setting.architecture: "), std::string::npos) << refusal();
}

TEST(Training, RefusesACheckpointThatStandsNowhere) {
  const Dataset dataset = bars(1000, 1);
  const ScratchFolder scratch;
  TrainingFiles files(scratch / "m");
  const TrainingOptions options = quick_options();
  files.train(dataset, small, options);
  const Safetensors whole =
      parse_safetensors(read_file(files.checkpoint, 1 << 24), files.checkpoint);
  for (const auto& [key, value] : {std::pair("position.batch", "14"),
                                   {"position.epoch", "-1"},
                                   {"position.loss_sum", "nan"},
                                   {"position.epoch", "x"},
                                   {"position.epoch", "2147483648"},
                                   {"position.epoch", "1e73"},
                                   {"position.seconds", "nan"},
                                   {"best.temperature", "inf"},
                                   {"best.train_loss", "1e999"}}) {
    Safetensors damaged = whole;
    damaged.metadata[key] = value;
    write_file(files.checkpoint, format_safetensors(damaged));
    EXPECT_NE(
        error_of([&] { files.resume(dataset, small, options); }).find("m.checkpoint.safetensors"),
        std::string::npos)
        << key;
  }
}

/// Otherwise a checkpoint of before would not be gone on from, and models would be told apart.
TEST(Training, WhatMustMatchIsCalledAndWrittenAsEver) {
  TrainingOptions options = full_options();
  options.outliers = 0.25F;
  options.precision = Precision::f32;
  const std::map<std::string, std::string> expected{{"architecture", "dense 16, relu, dense 10"},
                                                    {"augmentation", "rotation 5, shift 1"},
                                                    {"weight ema", "0.9"},
                                                    {"batch", "64"},
                                                    {"epochs", "4"},
                                                    {"from", "none"},
                                                    {"learning rate", "0.05"},
                                                    {"momentum", "0.9"},
                                                    {"nesterov", "yes"},
                                                    {"outliers", "0.25"},
                                                    {"precision", "f32"},
                                                    {"rare styles", "0"},
                                                    {"schedule", "cosine"},
                                                    {"seed", "1"},
                                                    {"smoothing", "0.1"},
                                                    {"teachers", "none"},
                                                    {"temperature", "0"},
                                                    {"validation", "200"},
                                                    {"warmup", "0.5"},
                                                    {"weight decay", "0.001"}};
  EXPECT_EQ(settings_of(small, options), expected);
  options.schedule = Schedule::constant;
  EXPECT_FALSE(settings_of(small, options).contains("epochs")) << "more may follow";
}

/// The members as the compiler counts them, so that none is left out of the table.
TEST(Training, EveryOptionStandsInTheTable) {
  [[maybe_unused]] const auto& [from, epochs, batch, learning_rate, momentum, nesterov,
                                weight_decay, schedule, warmup, smoothing, average, augmentation,
                                outliers, rare_styles, teachers, temperature, validation, patience,
                                seed, precision, threads] = TrainingOptions();
  std::set<std::string_view> names;
  std::set<std::string_view> flags;
  for_each_training_option([&](const auto& option) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_TRUE(flags.insert(option.flag).second) << option.flag;
    EXPECT_FALSE(option.description.empty() || option.description.ends_with('.')) << option.name;
  });
  EXPECT_EQ(names.size(), 21U);
}

TEST(Training, TellsTheBestModelBehindEachCheckpointAndTouchesNoFile) {
  const ScratchFolder scratch;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.path());
  std::vector<std::string> order;
  TrainingCallbacks callbacks = stop_after(30);  // in the third epoch
  callbacks.on_checkpoint = [&](const Checkpoint& now) {
    order.push_back("checkpoint");
    EXPECT_EQ(now.position.epoch, 2);
  };
  Model best;
  callbacks.on_best = [&](const Model& model) {
    order.push_back("best");
    best = model;
  };
  const TrainingResult result = train(bars(1000, 1), small, quick_options(), callbacks);
  std::filesystem::current_path(before);
  EXPECT_EQ(order, (std::vector<std::string>{"checkpoint", "best"}));
  EXPECT_EQ(best.weights[0].values, result.best->weights[0].values);
  EXPECT_EQ(best.metadata, result.best->metadata);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

TEST(Training, StopsWithAReasonWhenTheLossIsNoNumber) {
  TrainingOptions options = quick_options();
  options.learning_rate = 1e30F;
  const std::string message = message_of(bars(1000, 1), options);
  EXPECT_NE(message.find("the loss became"), std::string::npos) << message;
  EXPECT_NE(message.find("learning rate"), std::string::npos) << message;
}

TEST(Training, RefusesOptionsThatDoNotFit) {
  const Dataset dataset = bars(300, 1);
  const auto with = [&](auto change) {
    TrainingOptions options = quick_options();
    change(options);
    return message_of(dataset, options);
  };
  EXPECT_EQ(with([](auto& o) { o.epochs = 0; }), "training: epochs is 0, expected 1 or more");
  EXPECT_NE(with([](auto& o) { o.batch = 0; }), "");
  EXPECT_NE(with([](auto& o) { o.batch = 101; }), "");
  EXPECT_NE(with([](auto& o) { o.validation = 300; }), "");
  EXPECT_EQ(with([](auto& o) { o.learning_rate = 0; }),
            "training: learning rate is 0, expected more than 0");
  EXPECT_NE(with([](auto& o) { o.learning_rate = INFINITY; }), "");
  EXPECT_NE(with([](auto& o) { o.learning_rate = -1; }), "");
  EXPECT_EQ(with([](auto& o) { o.momentum = 1; }),
            "training: momentum is 1, expected 0 to below 1");
  EXPECT_NE(with([](auto& o) { o.smoothing = 1; }), "");
  EXPECT_NE(with([](auto& o) { o.weight_ema = 1; }), "");
  EXPECT_NE(with([](auto& o) { o.weight_decay = -1; }), "");
  EXPECT_EQ(with([](auto& o) { o.warmup = 5; }),
            "training: warmup is 5, expected 0 to the number of epochs");
  EXPECT_EQ(with([](auto& o) { o.warmup = 4; }), "");
  EXPECT_EQ(with([](auto& o) { o.outliers = 1.5F; }), "training: outliers is 1.5, expected 0 to 1");
  EXPECT_EQ(with([](auto& o) { o.rare_styles = -1; }),
            "training: rare styles is -1, expected 0 to 1");
  EXPECT_EQ(with([](auto& o) { o.patience = -1; }), "training: patience is -1, expected 0 or more");
  EXPECT_NE(with([](auto& o) { o.patience = 1, o.validation = 0; }), "");
  EXPECT_EQ(with([](auto& o) { o.precision = Precision::int8; }),
            "training: precision is int8, expected auto, f32 or bf16");
  EXPECT_NE(with([](auto& o) { o.temperature = NAN; }), "");
  EXPECT_NE(with([](auto& o) { o.threads = -1; }), "");
  EXPECT_NE(with([](auto& o) { o.threads = 1'000'000; }), "");
  EXPECT_EQ(with([](auto& o) { o.augmentation.rotation = NAN; }),
            "augmentation: rotation is nan, expected 0 to 180");
  EXPECT_NE(with([](auto& o) { o.augmentation.thickness = 1e9F; }), "");
  EXPECT_NE(with([](auto& o) { o.augmentation.scale = -0.1F; }), "");
}

/// Data sets that no file could hold, each wrong in one thing.
std::vector<Dataset> misfits() {
  std::vector<Dataset> all(4, bars(300, 1));
  all[0].labels[299] = 10;
  all[1].labels[3] = 255;
  all[2].images.pop_back();
  all[3].images.push_back(0);
  return all;
}

TEST(Training, RefusesDataSetsThatDoNotFit) {
  for (const Dataset& misfit : misfits()) {
    EXPECT_THROW(train(misfit, small, quick_options()), std::invalid_argument);
  }
}

TEST(Training, RefusesArchitecturesThatAreNone) {
  const Dataset dataset = bars(300, 1);
  EXPECT_NE(message_of(dataset, quick_options(), {}), "");
  EXPECT_NE(message_of(dataset, quick_options(), {{Pool{Pool::Kind::max, 0}, Dense{10}}}), "");
}

TEST(Training, RefusesModelsThatAreNone) {
  const Dataset dataset = bars(300, 1);
  TrainingOptions options = quick_options();
  options.teachers = {Model{}};
  EXPECT_NE(message_of(dataset, options), "");
  options.teachers = {};
  options.from = Model{};
  EXPECT_NE(message_of(dataset, options), "");
  options.from = initialize(small, 1);
  options.from->normalization.std = 0;
  EXPECT_NE(message_of(dataset, options), "");
}

TEST(Evaluation, RefusesDataSetsThatDoNotFit) {
  const Model model = initialize(small, 1);
  for (const Dataset& misfit : misfits()) {
    EXPECT_THROW(evaluate(model, misfit), std::invalid_argument);
    EXPECT_THROW(predict(model, misfit), std::invalid_argument);
    EXPECT_THROW(digest(misfit), std::invalid_argument);
  }
}

TEST(Evaluation, RefusesAnEnsembleOfNone) {
  EXPECT_THROW(evaluate(std::span<const Model>(), bars(10, 1)), std::invalid_argument);
}

TEST(Evaluation, CountsEveryImageOnce) {
  const Dataset dataset = bars(333, 3);
  const Evaluation evaluation = evaluate(initialize(small, 1), dataset, Precision::f32, 2);
  std::size_t correct = 0;
  std::size_t all = 0;
  for (std::size_t label = 0; label < 10; ++label) {
    std::size_t row = 0;
    for (const std::size_t count : evaluation.confusion[label]) row += count;
    EXPECT_EQ(row, static_cast<std::size_t>(std::ranges::count(dataset.labels, label)));
    correct += evaluation.confusion[label][label];
    all += row;
  }
  EXPECT_EQ(all, 333U);
  EXPECT_DOUBLE_EQ(evaluation.score.accuracy, static_cast<double>(correct) / 333);
  EXPECT_THROW(evaluate(initialize(small, 1), Dataset{}), Error);
}

TEST(Evaluation, OfAnEnsembleAveragesProbabilities) {
  const Dataset dataset = bars(300, 3);
  const Model a = initialize(small, 1);
  const Model b = initialize(small, 2);
  const std::vector<Model> twice{a, a};
  EXPECT_NEAR(evaluate(twice, dataset, Precision::f32).score.loss,
              evaluate(a, dataset, Precision::f32).score.loss, 1e-5);
  const std::vector<Model> both{a, b};
  // The logarithm of an average is no less than the average of logarithms.
  EXPECT_LE(evaluate(both, dataset, Precision::f32).score.loss,
            (evaluate(a, dataset, Precision::f32).score.loss +
             evaluate(b, dataset, Precision::f32).score.loss) /
                2);
}

TEST(Evaluation, ATemperatureCoolsProbabilitiesAndChangesNoAnswer) {
  const Dataset dataset = bars(300, 3);
  Model model = initialize(small, 1);
  const Evaluation before = evaluate(model, dataset, Precision::f32);
  model.temperature = 100;
  const Evaluation after = evaluate(model, dataset, Precision::f32);
  EXPECT_EQ(before.confusion, after.confusion);
  EXPECT_NEAR(after.score.loss, std::log(10.0), 0.01);
}

TEST(Temperature, IsFoundWhereLogitsAreTooLargeByAFactor) {
  // Labels drawn from the probabilities that the logits stand for.
  Random random({1});
  std::vector<float> logits;
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 20000; ++i) {
    std::array<float, digit_count> own;
    for (float& logit : own) logit = 3 * random.uniform();
    std::array<float, digit_count> probabilities{};
    add_softmax(own, 1, probabilities);
    float left = random.uniform();
    std::uint8_t label = 0;
    while (label < 9 && left > probabilities[label]) left -= probabilities[label++];
    labels.push_back(label);
    for (const float logit : own) logits.push_back(logit * 2.5F);
  }
  EXPECT_NEAR(fit_temperature(logits, labels), 2.5, 0.15);
  EXPECT_GT(summarize(logits, labels).calibration_error, 0.1);
  for (float& logit : logits) logit /= 2.5F;
  EXPECT_LT(summarize(logits, labels).calibration_error, 0.02);
}

}  // namespace
}  // namespace scrawl
