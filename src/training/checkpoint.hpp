// All that a training needs to go on as if it had never stopped, in one safetensors file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

#include "network/kernels.hpp"
#include "network_training/training_plan.hpp"

namespace scrawl {

/// How far a training has come. With the seed, this is also the state of its random numbers: every
/// order is made from seed and epoch.
struct Position {
  int epoch = 0;          ///< epochs finished
  std::size_t batch = 0;  ///< batches of the present epoch finished
  LossSum sum;            ///< over those batches
  double seconds = 0;     ///< spent on them
};

struct Checkpoint {
  std::filesystem::path file;  ///< that it was loaded from, for messages; empty: none
  /// What must be the same for the training to go on: architecture, data set, seed, ...
  std::map<std::string, std::string> settings;
  /// Of the network's input; none in checkpoints of before it was noted.
  std::optional<Normalization> normalization;
  Position position;
  TrainingState state;
  EpochReport best_epoch;            ///< epoch 0: none yet
  std::vector<Tensor> best_weights;  ///< empty: none yet
  float best_temperature = 1;
  std::vector<EpochScores> history;  ///< see training/history.hpp
};

/// What load_checkpoint makes of the file's bytes.
std::shared_ptr<const Checkpoint> parse_checkpoint(std::span<const std::byte> bytes,
                                                   const std::filesystem::path& file);

/// Whether there is a best model: once an epoch is whole.
inline bool has_best(const Checkpoint& checkpoint) {
  return checkpoint.best_epoch.epoch > 0;
}

/// Whether the training has come to its end, by its epochs or by its patience. What a checkpoint
/// holds alone decides, so that no training goes on that has ended.
inline bool is_finished(const Checkpoint& checkpoint, const TrainingOptions& options) {
  const int done = checkpoint.position.epoch;
  return done >= options.epochs ||
         (options.patience > 0 && done - checkpoint.best_epoch.epoch >= options.patience);
}

/// Throws Error when the checkpoint's settings are not `expected`, naming the setting, what was
/// found and what was expected.
void check_settings(const Checkpoint& checkpoint,
                    const std::map<std::string, std::string>& expected);

/// Throws Error, saying what is wrong, when no training on `images` images, in `batches` batches an
/// epoch, could have made the checkpoint: it is damaged.
void check_checkpoint(const Checkpoint& checkpoint, std::size_t images, std::size_t batches);

}  // namespace scrawl
