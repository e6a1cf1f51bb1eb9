// Training by several processes, which are threads here: the same weights however many there are.
#include "network_training/team.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "network/random.hpp"
#include "thread_team.hpp"
#include "training/check_team.hpp"
#include "training/train_in_team.hpp"

namespace scrawl {
namespace {

Dataset some_digits(std::size_t count) {
  Random random({1});
  Dataset dataset;
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::size_t>(random.below(10));
    dataset.labels.push_back(static_cast<std::uint8_t>(label));
    for (std::size_t p = 0; p < glyph_pixels; ++p) {
      const bool ink = p / glyph_side / 2 == label + 2;
      dataset.images.push_back(static_cast<std::uint8_t>(random.below(ink ? 256 : 64)));
    }
  }
  return dataset;
}

const Architecture network = parse_architecture(
    "conv 8 3, norm, relu, max-pool 2, dropout 0.1, conv 16 3, norm, relu, max-pool 3, dense 10");

TrainingOptions all_options() {
  TrainingOptions options;
  options.epochs = 2;
  options.batch = 150;  // and 30 extras: six chunks, the last of them smaller
  options.learning_rate = 0.05F;
  options.momentum = 0.9F;
  options.nesterov = true;
  options.weight_decay = 0.001F;
  options.weight_ema = 0.9F;
  options.augmentation = parse_augmentation("light");
  options.outliers = 0.15F;
  options.rare_styles = 0.05F;
  options.validation = 100;
  options.threads = 1;
  return options;
}

void expect_same(const TrainingResult& found, const TrainingResult& expected) {
  for (std::size_t t = 0; t < expected.best->weights.size(); ++t) {
    EXPECT_EQ(found.best->weights[t].values, expected.best->weights[t].values)
        << expected.best->weights[t].name;
  }
  EXPECT_EQ(found.best->metadata, expected.best->metadata);
  EXPECT_EQ(found.best->temperature, expected.best->temperature);
}

TEST(Team, SharesOutAllItemsInOrder) {
  for (const std::size_t items : {0U, 1U, 5U, 6U, 64U}) {
    std::size_t next = 0;
    for (std::size_t rank = 0; rank < 4; ++rank) {
      const Share share = share_of(items, rank, 4);
      EXPECT_EQ(share.begin, next);
      EXPECT_LE(share.size(), (items + 3) / 4);
      next = share.end;
    }
    EXPECT_EQ(next, items);
  }
}

TEST(Team, OfAnySizeGivesTheSameWeights) {
  const Dataset dataset = some_digits(600);
  const TrainingOptions options = all_options();
  const TrainingResult alone = train(dataset, network, options);
  for (const std::size_t size : {1U, 2U, 3U, 8U}) {
    in_team(size, [&](Team& team) {
      TrainingOptions own = options;
      own.threads = 1 + static_cast<int>(team.rank() % 2);
      expect_same(train_in_team(&team, nullptr, dataset, network, own, {}), alone);
    });
  }
}

TEST(Team, LearnsFromTeachersAlike) {
  const Dataset dataset = some_digits(400);
  TrainingOptions options = all_options();
  options.epochs = 1;
  options.teachers = {*train(dataset, network, options).best};
  const TrainingResult alone = train(dataset, network, options);
  in_team(3, [&](Team& team) {
    expect_same(train_in_team(&team, nullptr, dataset, network, options, {}), alone);
  });
}

TEST(Team, StopsTogetherWhereOneWantsToAndIsResumedByAnother) {
  const Dataset dataset = some_digits(600);
  const TrainingOptions options = all_options();
  const TrainingResult alone = train(dataset, network, options);
  const std::string file = ::testing::TempDir() + "team_test.checkpoint";
  in_team(3, [&](Team& team) {
    TrainingCallbacks callbacks;
    if (team.rank() == 1) {
      callbacks.on_batch = [left = 2](const BatchReport&) mutable { return --left > 0; };
    }
    if (team.rank() == 0) {
      callbacks.on_checkpoint = [&](const Checkpoint& now) { save_checkpoint(now, file); };
    }
    EXPECT_FALSE(train_in_team(&team, nullptr, dataset, network, options, callbacks).finished);
  });
  const auto checkpoint = load_checkpoint(file);
  in_team(2, [&](Team& team) {
    expect_same(train_in_team(&team, checkpoint.get(), dataset, network, options, {}), alone);
  });
}

TEST(Team, SaysWhoHasOtherOptionsOrData) {
  const auto error_of = [](const auto& change) {
    std::string message;
    in_team(2, [&](Team& team) {
      Dataset dataset = some_digits(400);
      TrainingOptions options = all_options();
      if (team.rank() == 1) change(dataset, options);
      try {
        train_in_team(&team, nullptr, dataset, network, options, {});
      } catch (const Error& error) {
        if (team.rank() == 0) message = error.what();
      }
    });
    return message;
  };
  EXPECT_NE(error_of([](Dataset&, TrainingOptions& options) {
              options.seed = 7;
            }).find("seed is '7', but '1' on rank 0"),
            std::string::npos);
  EXPECT_NE(error_of([](Dataset& dataset, TrainingOptions&) {
              dataset.images[5] ^= 1;
            }).find("copy one data set to all machines"),
            std::string::npos);
}

}  // namespace
}  // namespace scrawl
