#include "cli/training_display.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <string>

#include "cli/interrupt.hpp"

namespace scrawl::cli {

TrainingDisplay::TrainingDisplay(const TrainArguments& arguments, const Common& common)
    : quiet_(common.quiet),
      lines_(!quiet_ && (arguments.verbose || !stderr_is_live())),
      live_(!quiet_ && !lines_) {}

void TrainingDisplay::on_epoch(const std::string& line) {
  live_.clear();
  if (!quiet_) print_stderr("{}\n", line);
}

void TrainingDisplay::print_line(const TrainingProgress& progress, const std::string& scores) {
  print_stderr("epoch {}/{}  batch {}/{}  {}\n", progress.epoch, progress.epochs, progress.batch,
               progress.batches, scores);
}

void TrainingDisplay::show_bar(const TrainingProgress& progress, const std::string& scores) {
  const double fraction =
      static_cast<double>(progress.batch) / static_cast<double>(progress.batches);
  live_.show(fmt::format("epoch {}/{} [{}] {}", progress.epoch, progress.epochs, bar(fraction, 30),
                         scores));
}

bool TrainingDisplay::goes_on() {
  return !InterruptGuard::interrupted();
}

int end_training(const TrainArguments& arguments, const TrainingLog& log, bool finished) {
  if (!log.problem().empty())
    print_error("the model is saved, the log is not whole: {}", log.problem());
  if (finished) return log.problem().empty() ? exit_ok : exit_failed;
  print_error("stopped; the same command with --resume goes on from {}",
              checkpoint_path(arguments).string());
  return exit_failed;
}

}  // namespace scrawl::cli
