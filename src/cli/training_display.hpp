// What a person sees of a training, and what its end is called.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

#include "cli/terminal.hpp"
#include "cli/train_arguments.hpp"
#include "files/files.hpp"

namespace scrawl::cli {

/// How far a training has come.
struct TrainingProgress {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  std::size_t batch = 0;  ///< from 1
  std::size_t batches = 0;

  /// Of the whole training, 0 to 1.
  double fraction() const {
    const double epochs_done =
        epoch - 1 + static_cast<double>(batch) / static_cast<double>(batches);
    return epochs_done / epochs;
  }
};

/// Lines on standard error, or on a terminal one that changes; nothing with --quiet.
class TrainingDisplay {
 public:
  TrainingDisplay(const TrainArguments& arguments, const Common& common);

  /// `scores` gives "loss 0.1234", of the epoch so far, where it is shown. False: it shall stop.
  template <typename Scores>
  bool on_batch(const TrainingProgress& progress, const Scores& scores) {
    constexpr std::size_t every = 100;
    left_ = estimate_.left(progress.fraction());
    if (lines_ && progress.batch % every == 0) {
      print_line(progress, scores());
    } else if (live_.due()) {
      show_bar(progress, scores());
    }
    return goes_on();
  }

  void on_epoch(const std::string& line);
  void clear() { live_.clear(); }

 private:
  void print_line(const TrainingProgress& progress, const std::string& scores) const;
  /// "  12 min left" where that is worth saying.
  std::string left_text() const;
  void show_bar(const TrainingProgress& progress, const std::string& scores);
  static bool goes_on();

  bool quiet_;
  bool lines_;
  LiveLine live_;
  Estimate estimate_;
  std::optional<double> left_{};  ///< seconds
};

/// Keeps a training's checkpoint and its best model in their files, and makes their folders.
template <typename Callbacks>
void keep_in_files(const TrainArguments& arguments, Callbacks& callbacks) {
  callbacks.on_checkpoint = [file = checkpoint_path(arguments)](const Checkpoint& now) {
    make_folder_of(file);
    save_checkpoint(now, file);
  };
  callbacks.on_best = [file = arguments.out](const Model& model) {
    make_folder_of(file);
    save_model(model, file);
  };
}

/// Says what was stopped or is not whole; the exit code.
int end_training(const TrainArguments& arguments, const TrainingLog& log, bool finished);

}  // namespace scrawl::cli
