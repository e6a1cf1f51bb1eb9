#include "cli/training_display.hpp"

#include <algorithm>
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
  if (!quiet_) print_stderr("{}{}\n", line, left_text());
}

std::string TrainingDisplay::left_text() const {
  constexpr double worth_saying = 30;  // seconds
  return left_ && *left_ >= worth_saying ? "  " + time_left(*left_) : "";
}

void TrainingDisplay::print_line(const TrainingProgress& progress,
                                 const std::string& scores) const {
  print_stderr("epoch {}/{}  batch {}/{}  {}{}\n", progress.epoch, progress.epochs, progress.batch,
               progress.batches, scores, left_text());
}

/// As wide as the terminal, by way of the bar, which is left out where there are few columns.
void TrainingDisplay::show_bar(const TrainingProgress& progress, const std::string& scores) {
  constexpr std::size_t widest = 30;
  constexpr std::size_t narrowest = 5;
  const double fraction =
      static_cast<double>(progress.batch) / static_cast<double>(progress.batches);
  const std::string epoch = fmt::format("epoch {}/{}", progress.epoch, progress.epochs);
  const std::string left = left_ ? "  " + time_left(*left_) : "";
  const std::size_t text = epoch.size() + scores.size() + left.size() + 5;  // " [] ", the last
  const std::size_t columns = terminal_columns();
  const std::size_t width = columns > text ? std::min(widest, columns - text) : 0;
  const std::string drawn =
      width < narrowest ? "" : fmt::format(" [{}]", bar(fraction, static_cast<int>(width)));
  live_.show(fmt::format("{}{} {}{}", epoch, drawn, scores, left));
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
