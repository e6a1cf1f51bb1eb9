// Training of a page reader on pictures without end.
#pragma once

#include <cstddef>
#include <functional>

#include <scrawl/model.hpp>
#include <scrawl/training.hpp>
#include <scrawl/training_options.hpp>

#include "network_training/team.hpp"
#include "training/checkpoint.hpp"
#include "training/page_score.hpp"
#include "training/page_source.hpp"

namespace scrawl {

/// The options that suit a page reader.
TrainingOptions reader_options();

/// Throws OptionError, naming the option, when one cannot be, or asks for what is for glyphs.
/// train_reader() calls it.
void check_reader_options(const TrainingOptions& options);

/// The network that `scrawl train --model reader` trains.
Architecture reader_architecture();

/// One step of a training, for progress displays.
struct ReaderBatchReport {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  std::size_t batch = 0;  ///< from 1
  std::size_t batches = 0;
  float learning_rate = 0;
  double average_loss = 0;  ///< over this epoch's steps so far
  DetectionSum last;        ///< of the step
};

struct ReaderReport {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  double train_loss = 0;  ///< average while the weights were changing
  PageScore validation;
  double seconds = 0;  ///< training alone, the making of pages included
  double making_seconds = 0;
  double validation_seconds = 0;
  double pages_per_second = 0;
  bool best = false;  ///< the best model so far
};

/// As TrainingCallbacks, but on_checkpoint comes every minute.
struct ReaderCallbacks {
  std::function<bool(const ReaderBatchReport&)> on_batch = {};
  std::function<void(const ReaderReport&)> on_epoch = {};
  std::function<void(const Checkpoint&)> on_checkpoint = {};
  std::function<void(const Model&)> on_best = {};
};

/// Trains `architecture` on the source's pictures with AdamW; from a checkpoint on where one is
/// given. The same source, options and architecture give the same weights, bit for bit, stopped and
/// resumed or not, on however many threads, and of a team (may be null) that sums in order, which
/// calls this as train_in_team, on however many processes. Throws Error when the options ask for
/// what is for glyphs, the checkpoint is of another training, or the loss becomes NaN.
TrainingResult train_reader(const PageSource& source, const Architecture& architecture,
                            const TrainingOptions& options, const ReaderCallbacks& callbacks = {},
                            const Checkpoint* from = nullptr, Team* team = nullptr);

}  // namespace scrawl
