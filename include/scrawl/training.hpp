// Training: what `scrawl train` uses. What it can be asked for stands in training_options.hpp.
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

/// One batch of a training, for progress displays.
struct BatchReport {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  std::size_t batch = 0;  ///< from 1
  std::size_t batches = 0;
  float learning_rate = 0;
  Score average{};  ///< over this epoch's images so far
};

/// One epoch of a training.
struct EpochReport {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  Score train{};       ///< averages while the weights were changing, as the tutorial has them
  Score validation{};  ///< after the epoch; zeros when validation is 0
  double seconds = 0;  ///< training alone
  double validation_seconds = 0;
  double images_per_second = 0;  ///< training alone
  bool best = false;             ///< the best model so far
};

/// What an epoch's validation shows beside its score.
struct ValidationReport {
  int epoch = 0;  ///< from 1
  Confusion confusion{};
  std::vector<Mistake> mistakes{};  ///< the most confident first, at most 24
};

/// All that a training needs to go on as if it had never stopped.
struct Checkpoint;

/// What a training calls as it goes, from the thread that called train(); any may be empty. What
/// they throw ends the training.
struct TrainingCallbacks {
  std::function<bool(const BatchReport&)> on_batch;  ///< false: stop, after a last on_checkpoint
  std::function<void(const EpochReport&)> on_epoch = {};
  /// Before on_epoch, where images were set aside.
  std::function<void(const ValidationReport&)> on_validation = {};
  /// Every five seconds and at the end: to be kept by save_checkpoint.
  std::function<void(const Checkpoint&)> on_checkpoint = {};
  /// Behind each on_checkpoint, and before train() gives up since the loss is no number: the best
  /// model so far, once an epoch is done.
  std::function<void(const Model&)> on_best = {};
};

struct TrainingResult {
  Model best{};  ///< by validation accuracy (ties: lower loss); the last where validation is 0
  EpochReport best_epoch{};
  int epochs_done = 0;
  bool finished = false;  ///< false: a callback stopped it; resume_training goes on
};

/// Trains `architecture` on `dataset` with SGD and cross-entropy. The same data, options, and
/// number of threads give the same weights, bit for bit, stopped and resumed or not. It touches no
/// files. Throws Error when the options do not fit the data, or the loss becomes NaN.
TrainingResult train(const Dataset& dataset, const Architecture& architecture,
                     const TrainingOptions& options, const TrainingCallbacks& callbacks = {});

/// Goes on with the training that the checkpoint is of. Throws Error as train() does, and when that
/// training had another data set, architecture or option.
TrainingResult resume_training(const Checkpoint& checkpoint, const Dataset& dataset,
                               const Architecture& architecture, const TrainingOptions& options,
                               const TrainingCallbacks& callbacks = {});

/// Throws Error when the disk does not take it.
void save_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& file);

/// Throws Error when the file is missing or damaged.
std::shared_ptr<const Checkpoint> load_checkpoint(const std::filesystem::path& file);

/// How a training did in one epoch.
struct EpochScores {
  int epoch = 0;                      ///< from 1
  Score train{};                      ///< averages while the weights were changing
  std::optional<Score> validation{};  ///< after the epoch; nothing where no images were set aside
};

/// The epochs of the training that made the model, as train() keeps them in its metadata, in their
/// order; of a very long training every second, fourth, and so on, and the last. Empty where the
/// model has none, or none that can be understood.
std::vector<EpochScores> training_history(const Model& model);

/// The same from a file that `scrawl train --log` wrote: one JSON object a line. Of an epoch that
/// is there twice, since a training was resumed from before it, the later line counts. Throws
/// Error, naming file and line, when the file is missing or anything else.
std::vector<EpochScores> load_training_log(const std::filesystem::path& file);

}  // namespace scrawl
