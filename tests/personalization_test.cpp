// Personalization: the collection, pictures by digit, training from a model, which model reads.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "dataset_files.hpp"
#include "decoding/write_png.hpp"
#include "network/random.hpp"
#include "picture/picture.hpp"
#include "process.hpp"
#include "recognition/recognizer.hpp"
#include "scratch.hpp"
#include "training/outlier.hpp"
#include "training_files.hpp"

namespace scrawl {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::error_of;
using testing::expect_mentions;

const fs::path examples = fs::path(SCRAWL_SOURCE) / "examples/pictures";
constexpr std::string_view mirrored_four = "206505 2028";

LabeledGlyph some_glyph(std::uint64_t number) {
  return draw_rare_style(Random({7, number}));
}

void add(const Glyph& glyph, std::uint8_t digit, Dataset& dataset) {
  dataset.images.insert(dataset.images.end(), glyph.begin(), glyph.end());
  dataset.labels.push_back(digit);
}

/// Drawn 1s, 4s and 7s.
Dataset drawn(std::size_t count) {
  Dataset dataset;
  for (std::size_t i = 0; i < count; ++i) {
    const LabeledGlyph glyph = some_glyph(i);
    add(glyph.glyph, glyph.label, dataset);
  }
  return dataset;
}

Dataset mirrored_fours(std::size_t count, std::uint64_t seed) {
  Dataset dataset;
  for (std::size_t i = 0; i < count; ++i)
    add(draw_by_one_writer(mirrored_four, 5, Random({seed, i})), 4, dataset);
  return dataset;
}

Glyph glyph_of(const Dataset& dataset, std::size_t index) {
  Glyph glyph;
  std::ranges::copy(dataset.image(index), glyph.begin());
  return glyph;
}

std::size_t files_in(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    count += entry.is_regular_file() ? 1 : 0;
  return count;
}

// ---- The collection

TEST(Collection, GivesGlyphsBackExactly) {
  const ScratchFolder folder;
  std::vector<std::pair<std::string, Glyph>> put;
  for (std::size_t i = 0; i < 200; ++i) {
    const LabeledGlyph glyph = some_glyph(i);
    const fs::path file = add_correction(folder.path(), glyph.glyph, glyph.label);
    EXPECT_EQ(file.parent_path().filename(), std::to_string(glyph.label));
    EXPECT_EQ(file.filename(), glyph_id(glyph.glyph) + ".png");
    put.emplace_back(file.string(), glyph.glyph);
  }
  std::ranges::sort(put);
  const Dataset dataset = load_collection(folder.path()).dataset;
  const std::vector<Correction> list = list_corrections(folder.path());
  ASSERT_EQ(dataset.size(), put.size());
  ASSERT_EQ(list.size(), put.size());
  for (std::size_t i = 0; i < put.size(); ++i) {
    EXPECT_EQ(list[i].file, put[i].first);
    EXPECT_EQ(dataset.labels[i], list[i].digit);
    ASSERT_EQ(glyph_of(dataset, i), put[i].second) << put[i].first;
  }
}

TEST(Collection, HoldsAGlyphOnceUnderItsLastDigit) {
  const ScratchFolder folder;
  const Glyph glyph = some_glyph(1).glyph;
  add_correction(folder.path(), glyph, 7);
  add_correction(folder.path(), glyph, 7);
  EXPECT_EQ(files_in(folder.path()), 1U);
  const fs::path file = add_correction(folder.path(), glyph, 1);
  EXPECT_EQ(files_in(folder.path()), 1U);
  EXPECT_EQ(file, folder.path() / "1" / (glyph_id(glyph) + ".png"));
  EXPECT_TRUE(fs::exists(file));
}

TEST(Collection, TakesBackWhatItHasAndNothingElse) {
  const ScratchFolder folder;
  std::ofstream(folder / "kept.png") << "not of the collection";
  const Glyph glyph = some_glyph(1).glyph;
  add_correction(folder.path(), glyph, 7);
  EXPECT_FALSE(remove_correction(folder.path(), "../kept"));
  EXPECT_FALSE(remove_correction(folder.path(), ""));
  EXPECT_TRUE(remove_correction(folder.path(), glyph_id(glyph)));
  EXPECT_FALSE(remove_correction(folder.path(), glyph_id(glyph)));
  EXPECT_TRUE(load_collection(folder.path()).files.empty());
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(Collection, RefusesWhatIsNoDigitAndWhatHasNoInk) {
  const ScratchFolder folder;
  EXPECT_THROW(add_correction(folder.path(), some_glyph(1).glyph, 10), std::invalid_argument);
  EXPECT_THROW(add_correction(folder.path(), some_glyph(1).glyph, -1), std::invalid_argument);
  expect_mentions(error_of([&] { add_correction(folder.path(), Glyph{}, 3); }), {"no ink"});
  EXPECT_EQ(files_in(folder.path()), 0U);
  EXPECT_TRUE(list_corrections(folder / "none").empty());
}

TEST(Collection, IsWhereTheUserSays) {
  setenv("XDG_DATA_HOME", "/x", 1);
  unsetenv("SCRAWL_CORRECTIONS");
  EXPECT_EQ(corrections_folder(), "/x/scrawl/corrections");
  EXPECT_EQ(personal_model_path(), "/x/scrawl/personal.safetensors");
  setenv("SCRAWL_CORRECTIONS", "/y", 1);
  EXPECT_EQ(corrections_folder(), "/y");
  unsetenv("SCRAWL_CORRECTIONS");
  unsetenv("XDG_DATA_HOME");
  setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
  EXPECT_EQ(corrections_folder(), "/var/lib/a/corrections") << "a service's own before a home";
  unsetenv("STATE_DIRECTORY");
}

// ---- Pictures by digit

TEST(PicturesByDigitTest, AreReadAsFindGlyphReadsThem) {
  const ScratchFolder folder;
  for (const auto& [digit, name] : {std::pair("2", "2-marker.png"), {"6", "6-shadow.jpg"}}) {
    fs::create_directory(folder / digit);
    fs::copy(examples / name, folder.path() / digit / name);
  }
  std::ofstream(folder / "2/.hidden") << "no picture";
  const PicturesByDigit pictures = load_pictures_by_digit(folder.path(), 2);
  ASSERT_EQ(pictures.dataset.labels, (std::vector<std::uint8_t>{2, 6}));
  ASSERT_EQ(pictures.files.size(), 2U);
  EXPECT_TRUE(pictures.unread.empty());
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(glyph_of(pictures.dataset, i), find_glyph(load_picture(pictures.files[i]))->glyph);
  }
}

TEST(PicturesByDigitTest, NameFilesThatCannotBeRead) {
  const ScratchFolder folder;
  add_correction(folder.path(), some_glyph(1).glyph, 7);
  std::ofstream(folder / "7/broken.png") << "\x89PNG\r\n\x1a\n and nothing more";
  const PicturesByDigit pictures = load_pictures_by_digit(folder.path());
  EXPECT_EQ(pictures.dataset.size(), 1U);
  ASSERT_EQ(pictures.unread.size(), 1U);
  EXPECT_EQ(pictures.unread[0].file, folder / "7/broken.png");
  EXPECT_EQ(pictures.unread[0].problem.find(folder.path().string()), std::string::npos);
}

TEST(PicturesByDigitTest, WithoutInkAreAnErrorThatNamesTheFile) {
  const ScratchFolder folder;
  add_correction(folder.path(), some_glyph(1).glyph, 7);
  for (const std::size_t side : {28, 100}) {
    for (const int level : {0, 240}) {
      const std::vector<std::uint8_t> blank(side * side, static_cast<std::uint8_t>(level));
      write_png(blank, side, folder / "7/blank.png");
      expect_mentions(error_of([&] { load_pictures_by_digit(folder.path()); }),
                      {"7/blank.png", "no ink"});
    }
  }
}

TEST(PicturesByDigitTest, MayStandInPartsAndGoBeforeIdxFiles) {
  const ScratchFolder folder;
  add_correction(folder / "train", some_glyph(1).glyph, 7);
  add_correction(folder / "train", some_glyph(2).glyph, 7);
  add_correction(folder / "test", some_glyph(3).glyph, 1);
  EXPECT_EQ(load_data(folder.path(), Part::train).dataset.size(), 2U);
  EXPECT_EQ(load_data(folder.path(), Part::test).dataset.size(), 1U);
  EXPECT_FALSE(has_pictures_by_digit(folder.path()));
  EXPECT_EQ(load_data(folder / "test", Part::train).dataset.size(), 1U);
  EXPECT_EQ(load_data(folder / "test", Part::test).dataset.size(), 1U);
  testing::put(folder / "idx/train-images-idx3-ubyte", testing::idx_images(3));
  testing::put(folder / "idx/train-labels-idx1-ubyte", testing::idx_labels(3));
  const PicturesByDigit idx = load_data(folder / "idx", Part::train);
  EXPECT_EQ(idx.dataset.size(), 3U);
  EXPECT_TRUE(idx.files.empty());
}

// ---- Training from a model

TrainingOptions short_training() {
  TrainingOptions options;
  options.epochs = 2;
  options.batch = 32;
  options.validation = 40;
  options.learning_rate = 0.05F;
  options.threads = 1;
  return options;
}

double first_loss(const TrainingOptions& options, const Dataset& dataset,
                  const Architecture& architecture) {
  double loss = 0;
  TrainingCallbacks callbacks;
  callbacks.on_batch = [&](const BatchReport& report) {
    loss = report.average.loss;
    return false;
  };
  train(dataset, architecture, options, callbacks);
  return loss;
}

TEST(TrainingFrom, GoesOnFromItsWeightsTemperatureAndNormalization) {
  const Dataset dataset = drawn(360);
  const Architecture network = parse_architecture("conv 8 5 stride 2, norm, relu, dense 10");
  TrainingOptions options = short_training();
  Model trained = train(dataset, network, options).best.value();
  trained.normalization = {0.2F, 0.4F};
  trained.temperature = 0.7F;
  const double random = first_loss(options, dataset, network);
  options.from = trained;
  options.validation = 0;
  EXPECT_LT(first_loss(options, dataset, network), random / 2);
  const Model after = train(dataset, network, options).best.value();
  EXPECT_EQ(after.normalization.mean, 0.2F);
  EXPECT_EQ(after.normalization.std, 0.4F);
  EXPECT_EQ(after.temperature, 0.7F);
  expect_mentions(error_of([&] { train(dataset, parse_architecture("dense 10"), options); }),
                  {"dense 10", "stride 2"});
}

TEST(TrainingFrom, IsResumedFromTheSameModelOnly) {
  const ScratchFolder folder;
  const Dataset dataset = drawn(360);
  const Architecture network = parse_architecture("conv 8 5 stride 2, norm, relu, dense 10");
  TrainingOptions options = short_training();
  options.from = initialize(network, 5);
  const Model whole = train(dataset, network, options).best.value();
  testing::TrainingFiles files(folder / "m");
  EXPECT_FALSE(files.train(dataset, network, options, testing::stop_after(3)).finished);
  TrainingOptions other = options;
  other.from = initialize(network, 6);
  expect_mentions(error_of([&] { files.resume(dataset, network, other); }),
                  {"cannot resume", "from"});
  const Model resumed = files.resume(dataset, network, options).best.value();
  for (std::size_t i = 0; i < whole.weights.size(); ++i)
    EXPECT_EQ(whole.weights[i].values, resumed.weights[i].values);
}

TEST(TrainingFrom, LeavesOutBatchesTooSmallForNormalizations) {
  const Dataset dataset = drawn(70);
  const auto batches = [&](const char* network, std::size_t batch) {
    TrainingOptions options = short_training();
    options.validation = 0;
    options.batch = batch;
    options.epochs = 1;
    std::size_t count = 0;
    TrainingCallbacks callbacks;
    callbacks.on_batch = [&](const BatchReport&) { return ++count > 0; };
    EXPECT_TRUE(train(dataset, parse_architecture(network), options, callbacks).finished);
    return count;
  };
  EXPECT_EQ(batches("dense 10", 64), 2U);
  EXPECT_EQ(batches("conv 8 5 stride 2, norm, relu, dense 10", 64), 1U);
  EXPECT_EQ(batches("conv 8 5 stride 2, norm, relu, dense 10", 50), 2U);
  expect_mentions(error_of([&] { batches("conv 8 5 stride 2, norm, relu, dense 10", 8); }),
                  {"batch is 8", "16"});
}

TEST(Validation, ShowsConfusionsAndTheMostConfidentMistakes) {
  const Dataset dataset = drawn(400);
  TrainingOptions options = short_training();
  options.validation = 200;
  options.learning_rate = 0.0001F;  // so that there are mistakes
  std::vector<ValidationReport> reports;
  std::vector<EpochReport> epochs;
  TrainingCallbacks callbacks;
  callbacks.on_validation = [&](const ValidationReport& report) { reports.push_back(report); };
  callbacks.on_epoch = [&](const EpochReport& report) {
    epochs.push_back(report);
    return true;
  };
  train(dataset, parse_architecture("dense 10"), options, callbacks);
  ASSERT_EQ(reports.size(), 2U);
  for (std::size_t e = 0; e < 2; ++e) {
    const ValidationReport& report = reports[e];
    EXPECT_EQ(report.epoch, epochs[e].epoch);
    std::size_t all = 0;
    std::size_t correct = 0;
    for (std::size_t label = 0; label < digit_count; ++label) {
      all = std::accumulate(report.confusion[label].begin(), report.confusion[label].end(), all);
      correct += report.confusion[label][label];
    }
    EXPECT_EQ(all, 200U);
    EXPECT_DOUBLE_EQ(static_cast<double>(correct) / 200, epochs[e].validation.accuracy);
    ASSERT_EQ(report.mistakes.size(), std::min<std::size_t>(24, 200 - correct));
    ASSERT_FALSE(report.mistakes.empty());
    for (const Mistake& mistake : report.mistakes) {
      EXPECT_EQ(mistake.label, dataset.labels[mistake.index]);
      EXPECT_NE(mistake.label, mistake.answer);
    }
    EXPECT_TRUE(std::ranges::is_sorted(report.mistakes, std::greater(), &Mistake::confidence));
  }
}

TEST(Prediction, IsWhatARecognizerSays) {
  const Dataset dataset = drawn(50);
  const Model model = default_model();
  const Recognizer recognizer(model);
  const std::vector<Probabilities> all = predict(model, dataset);
  ASSERT_EQ(all.size(), 50U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Probabilities one = recognizer.classify(dataset.image(i));
    for (std::size_t digit = 0; digit < digit_count; ++digit)
      EXPECT_NEAR(all[i][digit], one[digit], 0.02);
  }
  EXPECT_TRUE(predict(model, {}).empty());
}

// ---- Learning

/// On the first images of MNIST alone, so that it is soon done.
class Learning : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      train_ = first(load_dataset(default_data_folder(), Part::train), 4000);
      test_ = first(load_dataset(default_data_folder(), Part::test), 500);
    } catch (const Error&) {
      GTEST_SKIP() << "no MNIST here; get it with: scrawl data fetch";
    }
    options_.steps = 30;
  }

  static Dataset first(Dataset dataset, std::size_t count) {
    dataset.images.resize(count * glyph_pixels);
    dataset.labels.resize(count);
    return dataset;
  }

  Dataset train_;
  Dataset test_;
  PersonalizationOptions options_;
};

TEST_F(Learning, FiveGlyphsAreEnoughForTheNextOnes) {
  const Dataset later = mirrored_fours(100, 2);
  const Model builtin = default_model();
  EXPECT_LT(evaluate(builtin, later).score.accuracy, 0.2);
  std::vector<PersonalizationProgress> steps;
  PersonalizationCallbacks callbacks;
  callbacks.on_step = [&](const PersonalizationProgress& progress) {
    steps.push_back(progress);
    return true;
  };
  const PersonalizationResult result =
      personalize(builtin, mirrored_fours(5, 1), train_, test_, options_, callbacks);
  EXPECT_TRUE(result.kept) << result.reason;
  EXPECT_EQ(result.reason_code, "better");
  EXPECT_FALSE(result.canceled);
  EXPECT_GT(evaluate(result.model, later).score.accuracy, 0.9);
  EXPECT_GT(result.after.test, result.before.test - 0.01);
  EXPECT_GT(result.after.collection, result.before.collection);
  EXPECT_EQ(result.samples, 5U);
  EXPECT_EQ(result.validation_images, 2000U);
  EXPECT_EQ(result.model.temperature, builtin.temperature);
  EXPECT_NE(result.model.activation_ranges, builtin.activation_ranges);
  ASSERT_EQ(steps.size(), 30U);
  for (std::size_t i = 1; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].step, i + 1);
    EXPECT_GT(steps[i].loss, 0);
    EXPECT_GT(steps[i].done, steps[i - 1].done);
  }
  EXPECT_LT(steps.back().done, 1);
}

TEST_F(Learning, CanBeStoppedAndThenChangesNothing) {
  PersonalizationCallbacks callbacks;
  callbacks.on_step = [](const PersonalizationProgress& progress) { return progress.step < 2; };
  const Model builtin = default_model();
  const PersonalizationResult result =
      personalize(builtin, mirrored_fours(5, 1), train_, test_, options_, callbacks);
  EXPECT_TRUE(result.canceled);
  EXPECT_FALSE(result.kept);
  EXPECT_EQ(result.reason_code, "stopped");
  EXPECT_EQ(result.model.weights[0].values, builtin.weights[0].values);
}

TEST_F(Learning, CanBeStoppedBeforeEachMeasurement) {
  const Model builtin = default_model();
  for (const int measured : {0, 1, 4}) {  // of three before the steps, and as many after
    int steps = 0;
    int measurements = 0;
    PersonalizationCallbacks callbacks;
    callbacks.on_step = [&](const PersonalizationProgress&) { return ++steps > 0; };
    callbacks.on_measurement = [&] { return measurements++ < measured; };
    options_.steps = 2;
    const PersonalizationResult result =
        personalize(builtin, mirrored_fours(5, 1), train_, test_, options_, callbacks);
    EXPECT_TRUE(result.canceled);
    EXPECT_FALSE(result.kept);
    EXPECT_EQ(result.reason_code, "stopped");
    EXPECT_EQ(result.model.weights[0].values, builtin.weights[0].values);
    EXPECT_EQ(measurements, measured + 1);
    EXPECT_EQ(steps, measured < 3 ? 0 : 2);
    EXPECT_EQ(result.before.validation > 0, measured >= 3);
    EXPECT_EQ(result.after.validation, 0);
  }
}

TEST_F(Learning, WhatMakesItForgetIsNotKept) {
  Dataset wrong;  // MNIST's 7s, said to be 1s
  for (std::size_t i = 0; i < 500; ++i)
    if (test_.labels[i] == 7) add(glyph_of(test_, i), 1, wrong);
  options_.collection_fraction = 0.5F;
  const PersonalizationResult result = personalize(default_model(), wrong, train_, test_, options_);
  EXPECT_FALSE(result.kept);
  expect_mentions(result.reason, {"forgets"});
  EXPECT_EQ(result.reason_code, "forgets");
  EXPECT_LT(result.after.validation, result.before.validation - 0.001);
}

TEST(LearningWithout, WhatItNeedsSaysWhatToDo) {
  const Dataset some = drawn(10);
  expect_mentions(error_of([&] { personalize(default_model(), {}, some, some); }),
                  {"the collection is empty"});
  expect_mentions(error_of([&] { personalize(default_model(), some, {}, some); }),
                  {"MNIST", "fetch_mnist"});
  PersonalizationOptions options;
  options.collection_fraction = 1;
  EXPECT_THROW(personalize(default_model(), some, some, some, options), std::invalid_argument);
}

TEST(LearningFrom, DataSetsThatDoNotFitIsRefused) {
  const Dataset some = drawn(10);
  Dataset short_of_a_byte = some;
  short_of_a_byte.images.pop_back();
  Dataset of_eleven_digits = some;
  of_eleven_digits.labels[5] = 10;
  for (const Dataset& wrong : {short_of_a_byte, of_eleven_digits}) {
    EXPECT_THROW(personalize(default_model(), wrong, some, some), std::invalid_argument);
    EXPECT_THROW(personalize(default_model(), some, wrong, some), std::invalid_argument);
    EXPECT_THROW(personalize(default_model(), some, some, wrong), std::invalid_argument);
  }
}

// ---- Which model reads

/// Reads anything as `digit`.
Model stubborn(std::size_t digit) {
  Model model = initialize(parse_architecture("dense 10"), digit);
  for (float& weight : model.weights[0].values) weight = 0;
  model.weights[1].values[digit] = 20;
  return model;
}

TEST(CurrentModel, IsTheLastOneSavedAndGoesBackTwiceToTheBuiltinModel) {
  const ScratchFolder home;
  setenv("XDG_DATA_HOME", home.path().c_str(), 1);
  EXPECT_FALSE(has_personal_model());
  EXPECT_EQ(current_model().architecture, default_model().architecture);
  EXPECT_FALSE(undo_personal_model());
  save_personal_model(stubborn(1));
  save_personal_model(stubborn(2));
  EXPECT_EQ(current_model().weights[1].values[2], 20);
  EXPECT_TRUE(undo_personal_model());
  EXPECT_EQ(current_model().weights[1].values[1], 20);
  EXPECT_TRUE(undo_personal_model());
  EXPECT_FALSE(has_personal_model());
  EXPECT_FALSE(undo_personal_model());
  std::ofstream(personal_model_path()) << "damaged";
  expect_mentions(error_of([] { current_model(); }), {"personal.safetensors", "personal model"});
  EXPECT_TRUE(undo_personal_model());
  unsetenv("XDG_DATA_HOME");
}

/// $XDG_DATA_HOME for one test.
struct Home {
  Home() { setenv("XDG_DATA_HOME", folder.path().c_str(), 1); }
  ~Home() { unsetenv("XDG_DATA_HOME"); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  ScratchFolder folder;
};

/// How many of `threads` that undo at the same moment are told that they did.
int undo_at_once(int threads) {
  std::atomic<int> waiting{threads};
  std::atomic<int> undone{0};
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&] {
      for (--waiting; waiting > 0;) std::this_thread::yield();
      try {
        undone += undo_personal_model() ? 1 : 0;
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  return undone;
}

TEST(CurrentModel, IsUndoneAsOftenAsItWasSavedByHoweverManyAtOnce) {
  const Home home;
  for (int round = 0; round < 30; ++round) {
    const int saved = 1 + round % 2;
    for (int i = 0; i < saved; ++i) save_personal_model(stubborn(1));
    EXPECT_EQ(undo_at_once(4), saved) << "round " << round;
    EXPECT_FALSE(has_personal_model());
    EXPECT_EQ(current_model().architecture, default_model().architecture);
  }
}

TEST(CurrentModel, IsAlwaysWholeToAReader) {
  const Home home;
  const fs::path spare = home.folder / "spare";
  save_model(stubborn(1), spare);
  fs::create_directory(home.folder / "scrawl");
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) {
      fs::create_hard_link(spare, home.folder / "next");  // a model is put there by a rename
      fs::rename(home.folder / "next", personal_model_path());
      undo_personal_model();
    }
    done = true;
  });
  const Architecture builtin = default_model().architecture;
  std::string failure;
  while (!done && failure.empty()) {
    try {
      const Model model = current_model();
      EXPECT_TRUE(model.architecture == builtin || model.weights[1].values[1] == 20);
    } catch (const Error& error) {
      failure = error.what();
    }
  }
  EXPECT_EQ(failure, "");
  writer.join();
}

TEST(CurrentModel, IsWholeAfterAKillAndNothingElseIsLeft) {
  const Home home;
  save_personal_model(stubborn(1));
  for (int round = 0; round < 40; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      for (;;) {
        save_personal_model(stubborn(1));
        save_personal_model(stubborn(1));
        undo_personal_model();
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500 + 337 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    ASSERT_TRUE(has_personal_model()) << "after kill " << round;
    ASSERT_EQ(current_model().weights[1].values[1], 20) << "after kill " << round;
  }
  save_personal_model(stubborn(1));
  EXPECT_EQ(files_in(home.folder.path()), 2U);
}

TEST(CurrentModel, IsNotWaitedForWhereAPipeStandsInItsPlace) {
  const Home home;
  fs::create_directory(home.folder / "scrawl");
  ASSERT_EQ(mkfifo(personal_model_path().c_str(), 0600), 0);
  expect_mentions(error_of([] { current_model(); }),
                  {"personal.safetensors", "pipe", "personal model"});
  EXPECT_TRUE(undo_personal_model());
  EXPECT_NO_THROW(current_model());
}

TEST(CurrentModel, ReadsUnlessAnotherIsNamed) {
  const ScratchFolder home;
  const std::string seven = examples / "7-mnist.png";
  EXPECT_EQ(run_scrawl_in(home, {"read", seven}).out, "7\n");
  std::filesystem::create_directories(home / "scrawl");
  save_model(stubborn(3), home / "scrawl/personal.safetensors");
  EXPECT_EQ(run_scrawl_in(home, {"read", seven}).out, "3\n");
  EXPECT_EQ(run_scrawl_in(home, {"read", "--model", "builtin", seven}).out, "7\n");
  expect_mentions(run_scrawl_in(home, {"read", "--help"}).out, {"scrawl/personal.safetensors]"});
  EXPECT_EQ(run_scrawl_in(home, {"teach", "--undo"}).code, 0);
  EXPECT_EQ(run_scrawl_in(home, {"read", seven}).out, "7\n");
}

// ---- scrawl teach, train and eval

TEST(Teach, CollectsWhatItIsToldAndSaysWhatItRead) {
  const ScratchFolder home;
  const std::string seven = examples / "7-mnist.png";
  const std::string two = examples / "2-marker.png";
  std::filesystem::create_directories(home / "scrawl");
  save_model(stubborn(3), home / "scrawl/personal.safetensors");
  const ProcessResult told = run_scrawl_in(home, {"teach", seven, "7", two, "2"});
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_EQ(told.out,
            seven + ": 7 (was read as 3, > 99.9 %)\n" + two + ": 2 (was read as 3, > 99.9 %)\n");
  const Json list = Json::parse(run_scrawl_in(home, {"teach", "--list", "--json"}).out);
  EXPECT_EQ(list["counts"], Json({0, 0, 1, 0, 0, 0, 0, 1, 0, 0}));
  const std::string id = list["glyphs"][0]["id"];
  const ProcessResult forgotten = run_scrawl_in(home, {"teach", "--json", "--forget", id});
  EXPECT_EQ(forgotten.code, 0) << forgotten.err;
  EXPECT_EQ(forgotten.out, "{\"forgotten\":\"" + id + "\"}\n");
  EXPECT_EQ(run_scrawl_in(home, {"teach", "--forget", id}).code, 1);
  expect_mentions(run_scrawl_in(home, {"teach", "--list"}).out, {"1 glyphs", "\n7     1  "});
  const Json json =
      Json::parse(run_scrawl_in(home, {"teach", "--json", "-", "7"}, examples / "7-mnist.png").out);
  EXPECT_EQ(json["digit"], 7);
  EXPECT_EQ(json["was"], 3);
  EXPECT_TRUE(fs::exists(json["saved"].get<std::string>()));
}

TEST(Teach, RefusesWhatItCannotTake) {
  const ScratchFolder home;
  const std::string seven = examples / "7-mnist.png";
  const std::string blank = examples / "blank-page.jpg";
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                {seven},
                                                {seven, "x"},
                                                {seven, "10"},
                                                {seven, "7", seven},
                                                {"--learn", "--undo"}}) {
    auto arguments = wrong;
    arguments.insert(arguments.begin(), "teach");
    EXPECT_EQ(run_scrawl_in(home, arguments).code, 2);
  }
  const ProcessResult no_ink = run_scrawl_in(home, {"teach", seven, "7", blank, "3"});
  EXPECT_EQ(no_ink.code, 1);
  expect_mentions(no_ink.err, {"blank-page.jpg", "no ink"});
  EXPECT_FALSE(fs::exists(home / "scrawl/corrections")) << "nothing is saved when one is refused";
  const ProcessResult empty = run_scrawl_in(home, {"teach", "--learn"});
  EXPECT_EQ(empty.code, 1);
  expect_mentions(empty.err, {"scrawl teach"});
  const ProcessResult no_mnist =
      run_scrawl_in(home, {"teach", seven, "7", "--learn", "--data", home.path().string()});
  EXPECT_EQ(no_mnist.code, 1);
  expect_mentions(no_mnist.err, {"scrawl data fetch"});
}

/// White paper with black glyphs, each at its place, 4 pixels for each of theirs.
void write_page(const std::vector<std::pair<Glyph, Box>>& glyphs, const fs::path& file) {
  constexpr std::size_t width = 320;
  std::vector<std::uint8_t> levels(width * 280, 255);
  for (const auto& [glyph, place] : glyphs) {
    for (std::size_t i = 0; i < 16 * glyph_pixels; ++i) {
      const std::size_t x = i % 112;
      const std::size_t y = i / 112;
      std::uint8_t& level = levels[(static_cast<std::size_t>(place.y) + y) * width +
                                   static_cast<std::size_t>(place.x) + x];
      level = std::min<std::uint8_t>(level, 255 - glyph[y / 4 * glyph_side + x / 4]);
    }
  }
  write_png(levels, width, file);
}

Glyph glyph_in(const std::string& picture) {
  return find_glyph(load_picture(examples / picture))->glyph;
}

TEST(Teach, RefusesAPictureOfSeveralDigitsAndSaysWhatToDo) {
  const ScratchFolder home;
  const Glyph two = glyph_in("2-marker.png");
  const Glyph seven = glyph_in("7-mnist.png");
  write_page({{two, {10, 80, 0, 0}}, {seven, {150, 80, 0, 0}}}, home / "beside.png");
  write_page({{two, {80, 0, 0, 0}}, {seven, {80, 150, 0, 0}}}, home / "below.png");
  for (const char* name : {"beside.png", "below.png"}) {
    const ProcessResult several = run_scrawl_in(home, {"teach", (home / name).string(), "7"});
    EXPECT_EQ(several.code, 1) << several.out;
    expect_mentions(several.err, {name, "several digits", "2", "7", "Crop"});
  }
  EXPECT_EQ(run_scrawl_in(home, {"teach", examples / "2026-squared-paper.jpg", "2"}).code, 1);
  EXPECT_FALSE(fs::exists(home / "scrawl/corrections"));
}

TEST(Teach, TakesADigitWhoseStrokesAreApart) {
  const ScratchFolder home;
  Glyph two = glyph_in("2-marker.png");
  std::fill_n(two.begin() + 12 * glyph_side, 2 * glyph_side, std::uint8_t{0});
  Glyph zero = glyph_in("0-transparent.png");
  for (std::size_t y = 0; y < glyph_side; ++y)
    std::fill_n(zero.begin() + static_cast<std::ptrdiff_t>(y * glyph_side + 13), 2,
                std::uint8_t{0});
  write_page({{two, {100, 80, 0, 0}}}, home / "two.png");
  write_page({{zero, {100, 80, 0, 0}}}, home / "zero.png");
  const ProcessResult told =
      run_scrawl_in(home, {"teach", home / "two.png", "2", home / "zero.png", "0"});
  EXPECT_EQ(told.code, 0) << told.err;
}

TEST(Teach, SaysWhereNothingLooksLikeADigitAndTakesIt) {
  const ScratchFolder home;
  Model doubting = initialize(parse_architecture("dense 10"), 1);  // all that it sees
  for (Tensor& tensor : doubting.weights) std::ranges::fill(tensor.values, 0.0F);
  std::filesystem::create_directories(home / "scrawl");
  save_model(doubting, home / "scrawl/personal.safetensors");
  const std::string seven = examples / "7-mnist.png";
  const ProcessResult told = run_scrawl_in(home, {"teach", seven, "7"});
  EXPECT_EQ(told.code, 0) << told.err;
  expect_mentions(told.out, {"7-mnist.png: 7 (was read as "});
  expect_mentions(told.err,
                  {"7-mnist.png: nothing that looks like a digit was found", "--explain"});
  EXPECT_EQ(run_scrawl_in(home, {"teach", "--quiet", seven, "7"}).err, "");
  const ScratchFolder other;  // where the built-in model reads
  EXPECT_EQ(run_scrawl_in(other, {"teach", seven, "7"}).err, "");
}

TEST(Teach, LearnsFromEndToEnd) {
  try {
    load_dataset(default_data_folder(), Part::train);
  } catch (const Error&) {
    GTEST_SKIP() << "no MNIST here; get it with: scrawl data fetch";
  }
  const ScratchFolder home;
  const Dataset fours = mirrored_fours(6, 3);
  std::vector<std::string> teach{"teach", "--json", "--learn", "--steps", "30"};
  for (std::size_t i = 0; i < 6; ++i) {
    const std::string file = home / (std::to_string(i) + ".png");
    write_png(fours.image(i), glyph_side, file);
    if (i < 5) teach.insert(teach.end(), {file, "4"});
  }
  const std::string sixth = home / "5.png";
  const std::string before = run_scrawl_in(home, {"read", "--one", sixth}).out;
  EXPECT_NE(before, "4\n");
  const ProcessResult learned = run_scrawl_in(home, teach);
  ASSERT_EQ(learned.code, 0) << learned.err << learned.out;
  EXPECT_EQ(std::ranges::count(learned.out, '\n'), 6);
  const Json json =
      Json::parse(learned.out.substr(learned.out.rfind('\n', learned.out.size() - 2)));
  EXPECT_EQ(json["kept"], true);
  EXPECT_EQ(json["samples"], 5);
  EXPECT_GT(json["after"]["collection"], json["before"]["collection"]);
  EXPECT_GT(json["after"]["mnist_test"], 0.99);
  EXPECT_EQ(run_scrawl_in(home, {"read", "--one", sixth}).out, "4\n");
  EXPECT_EQ(run_scrawl_in(home, {"teach", "--undo"}).code, 0);
  EXPECT_EQ(run_scrawl_in(home, {"read", "--one", sixth}).out, before);
}

/// Whether the process catches the signal by now.
bool catches(pid_t process, int signal) {
  const std::string status = slurp("/proc/" + std::to_string(process) + "/status");
  const std::size_t at = status.find("SigCgt:");
  if (at == std::string::npos) return false;
  return (std::stoull(status.substr(at + 7), nullptr, 16) >> (signal - 1) & 1U) != 0;
}

TEST(Teach, SaysAtOnceThatItIsStopping) {
  try {
    load_dataset(default_data_folder(), Part::train);
  } catch (const Error&) {
    GTEST_SKIP() << "no MNIST here; get it with: scrawl data fetch";
  }
  const ScratchFolder home;
  const std::string seven = examples / "7-mnist.png";
  const pid_t child = start_scrawl({"teach", seven, "7", "--learn", "--steps", "1000"}, home);
  while (!catches(child, SIGTERM) && waitpid(child, nullptr, WNOHANG) == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  kill(child, SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(slurp(home / "err").starts_with("scrawl: stopping; again ends it at once\n"));
  const ProcessResult result = finish(child, home);
  EXPECT_EQ(result.code, 1);
  expect_mentions(result.err, {"scrawl: stopped; the model stays as it was"});
  EXPECT_FALSE(fs::exists(home / "scrawl/personal.safetensors"));
}

TEST(PicturesOnTheCommandLine, AreTrainedOnFromAModelAndEvaluated) {
  const ScratchFolder home;
  const std::string data = home / "data";
  for (std::uint64_t i = 0; i < 40; ++i) {
    const LabeledGlyph glyph = some_glyph(i);
    add_correction(data, glyph.glyph, glyph.label);
  }
  std::ofstream(home / "data/1/broken.png") << "no picture";
  const std::string model = home / "m.safetensors";
  const ProcessResult trained = run_scrawl_in(
      home, {"train", "--from", "builtin", "--data", data, "--epochs", "1", "--out", model});
  EXPECT_EQ(trained.code, 0) << trained.err;
  expect_mentions(trained.err, {"1/broken.png", "1 file is left out"});
  for (const std::string& tested : {std::string("builtin"), model}) {
    const Json json =
        Json::parse(run_scrawl_in(home, {"eval", "--json", "--data", data, tested}).out);
    EXPECT_EQ(json["images"], 40);
    EXPECT_GT(json["accuracy"], 0.8);
  }
  const ProcessResult other =
      run_scrawl_in(home, {"train", "--from", "builtin", "--model", "mlp", "--data", data});
  EXPECT_EQ(other.code, 2);
  expect_mentions(other.err, {"start from"});
}

}  // namespace
}  // namespace scrawl
