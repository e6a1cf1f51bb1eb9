// Trains networks: what `scrawl train` does. Its options are in training_options.hpp.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/evaluation.hpp>
#include <scrawl/model.hpp>
#include <scrawl/training_options.hpp>

namespace scrawl {

/// Progress after a batch.
struct BatchReport {
  int epoch = 0;            ///< number of the epoch, from 1
  int epochs = 0;           ///< epochs in all
  std::size_t batch = 0;    ///< number of the batch in the epoch, from 1
  std::size_t batches = 0;  ///< batches per epoch
  float learning_rate = 0;  ///< of this batch
  Score average{};          ///< over the epoch's images so far
};

/// Results of an epoch.
struct EpochReport {
  int epoch = 0;                  ///< number of the epoch, from 1
  int epochs = 0;                 ///< epochs in all
  Score train{};                  ///< averages over the epoch, while the weights were changing
  Score validation{};             ///< after the epoch; zeros if there are no validation images
  double seconds = 0;             ///< time of the training alone
  double validation_seconds = 0;  ///< time of the validation
  double images_per_second = 0;   ///< speed of the training alone
  bool best = false;              ///< whether the model is the best so far
};

/// Details of the validation after an epoch.
struct ValidationReport {
  int epoch = 0;                    ///< number of the epoch, from 1
  Confusion confusion{};            ///< confusion matrix
  std::vector<Mistake> mistakes{};  ///< at most 24, the most confident first
};

/// The state of a training, from which it resumes as if it had never stopped.
struct Checkpoint;

/// Functions that a training calls, on the thread that called train(). Any may be empty. If
/// on_batch or on_epoch returns false, the training stops after a last on_checkpoint, and train()
/// returns what it has. An exception that a function throws ends the training, and leaves train().
struct TrainingCallbacks {
  /// After each batch. Return true to continue.
  std::function<bool(const BatchReport&)> on_batch = {};
  /// After each epoch. Return true to continue.
  std::function<bool(const EpochReport&)> on_epoch = {};
  /// Before on_epoch, if there are validation images.
  std::function<void(const ValidationReport&)> on_validation = {};
  /// Every five seconds and at the end, for save_checkpoint().
  std::function<void(const Checkpoint&)> on_checkpoint = {};
  /// The best model so far, for save_model(): after each on_checkpoint, and before train() throws
  /// because the loss is NaN. Not called before the end of the first epoch.
  std::function<void(const Model&)> on_best = {};
};

/// Result of a training.
struct TrainingResult {
  /// The model after the epoch with the highest validation accuracy (of several, that with the
  /// lowest loss), or after the last one if there are no validation images. Empty if a callback
  /// stopped the training within its first epoch: there is no model that is half trained.
  std::optional<Model> best{};
  std::optional<EpochReport> best_epoch{};  ///< the epoch of `best`; empty if `best` is
  int epochs_done = 0;                      ///< number of complete epochs
  /// Whether it trained all epochs, or ended by `patience`. False if a callback stopped it; then
  /// resume_training() continues it.
  bool finished = false;
};

/// Trains `architecture` on `dataset` with SGD and cross-entropy. The same data, options and number
/// of threads give the same weights, bit for bit, whether the training was stopped and resumed or
/// not. Reads and writes no files. Throws Error if the options do not suit the data, or if the loss
/// becomes NaN.
TrainingResult train(const Dataset& dataset, const Architecture& architecture,
                     const TrainingOptions& options, const TrainingCallbacks& callbacks = {});

/// Continues a training from a checkpoint. Throws what train() throws, and Error if the data set,
/// the architecture or an option differs from that training's.
TrainingResult resume_training(const Checkpoint& checkpoint, const Dataset& dataset,
                               const Architecture& architecture, const TrainingOptions& options,
                               const TrainingCallbacks& callbacks = {});

/// Writes a checkpoint. Throws Error if the file cannot be written or its folder does not exist.
void save_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& file);

/// Loads a checkpoint. Throws Error if the file is missing or damaged.
std::shared_ptr<const Checkpoint> load_checkpoint(const std::filesystem::path& file);

/// Scores of an epoch.
struct EpochScores {
  int epoch = 0;                      ///< number of the epoch, from 1
  Score train{};                      ///< averages over the epoch, while the weights were changing
  std::optional<Score> validation{};  ///< after the epoch; empty without validation images
};

/// The learning curve of a model, which train() stores in the model's metadata. After a very long
/// training, it has every second, fourth, ... epoch, and the last. Empty if the model has no
/// learning curve, or an invalid one.
std::vector<EpochScores> training_history(const Model& model);

/// Loads a learning curve from a file that `scrawl train --log` wrote, with one JSON object per
/// line. If an epoch is there twice, because a training was resumed from before it, the later line
/// counts. Throws Error, naming file and line, if the file is missing or invalid.
std::vector<EpochScores> load_training_log(const std::filesystem::path& file);

}  // namespace scrawl
