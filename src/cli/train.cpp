// scrawl train
#include <CLI/CLI.hpp>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "cli/cli.hpp"
#include "cli/terminal.hpp"

namespace scrawl::cli {

namespace {

// The one thing that a signal handler may touch.
volatile std::sig_atomic_t interrupted = 0;

/// Ctrl-C asks the training to stop; a second one ends the program as usual.
class InterruptGuard {
 public:
  InterruptGuard() {
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, &before_int_);
    // A shell starts what runs in the background with Ctrl-C ignored; so it stays.
    if (before_int_.sa_handler == SIG_IGN) sigaction(SIGINT, &before_int_, nullptr);
    sigaction(SIGTERM, &action, &before_term_);
  }
  ~InterruptGuard() {
    sigaction(SIGINT, &before_int_, nullptr);
    sigaction(SIGTERM, &before_term_, nullptr);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

struct TrainArguments {
  TrainingOptions options;
  std::string model = "mlp";
  std::filesystem::path log;
  bool verbose = false;
};

nlohmann::json to_json(const EpochReport& report) {
  return {{"epoch", report.epoch},
          {"train_loss", report.train.loss},
          {"train_accuracy", report.train.accuracy},
          {"validation_loss", report.validation.loss},
          {"validation_accuracy", report.validation.accuracy},
          {"seconds", report.seconds},
          {"validation_seconds", report.validation_seconds},
          {"images_per_second", report.images_per_second},
          {"best", report.best}};
}

/// Everything that a person sees of a training, and the log.
class Display {
 public:
  Display(const TrainArguments& arguments, const Common& common)
      : arguments_(arguments),
        validated_(arguments.options.validation > 0),
        quiet_(common.quiet),
        lines_(!quiet_ && (arguments.verbose || !stderr_is_live())),
        live_(!quiet_ && !lines_) {}

  bool on_batch(const BatchReport& report) {
    constexpr std::size_t every = 100;
    if (lines_ && report.batch % every == 0) {
      say("epoch {}/{}  batch {}/{}  loss {:.4f}  accuracy {:.2f} %\n", report.epoch, report.epochs,
          report.batch, report.batches, report.average.loss, 100 * report.average.accuracy);
    } else if (live_.due()) {
      const double share = static_cast<double>(report.batch) / static_cast<double>(report.batches);
      live_.show(fmt::format("epoch {}/{} [{}] loss {:.4f}  accuracy {:.2f} %", report.epoch,
                             report.epochs, bar(share, 30), report.average.loss,
                             100 * report.average.accuracy));
    }
    return interrupted == 0;
  }

  void on_epoch(const EpochReport& report) {
    live_.clear();
    if (!quiet_) say("{}\n", line(report));
    if (!arguments_.log.empty()) write_log(report);
  }

  void clear() { live_.clear(); }

 private:
  std::string line(const EpochReport& report) const {
    std::string text = fmt::format("epoch {:>2}/{}  train loss {:.4f}, {:.2f} %", report.epoch,
                                   report.epochs, report.train.loss, 100 * report.train.accuracy);
    if (validated_) {
      text += fmt::format("  validation loss {:.4f}, {:.2f} %", report.validation.loss,
                          100 * report.validation.accuracy);
    }
    text += fmt::format("  {:.3f} s, {:.0f} images/s", report.seconds, report.images_per_second);
    return report.best ? text + "  best" : text;
  }

  /// Opened at the first epoch, so that a training that cannot begin costs nobody the log of the
  /// last.
  void write_log(const EpochReport& report) {
    if (!log_.is_open()) {
      log_.open(arguments_.log, arguments_.options.resume ? std::ios::app : std::ios::trunc);
    }
    log_ << dump(to_json(report)) << std::endl;
    if (!log_) throw Error(fmt::format("{}: cannot write the log", arguments_.log.string()));
  }

  const TrainArguments& arguments_;
  bool validated_;
  bool quiet_;
  bool lines_;
  LiveLine live_;
  std::ofstream log_;
};

void print_result(const TrainArguments& arguments, const TrainingResult& result,
                  const Common& common) {
  const EpochReport& best = result.best_epoch;
  const std::string out = arguments.options.out.string();
  if (common.json) {
    nlohmann::json json{{"file", out},
                        {"finished", result.finished},
                        {"epochs", result.epochs_done},
                        {"best", to_json(best)}};
    fmt::print("{}\n", dump(json));
  } else if (best.epoch > 0) {
    const Score& score = arguments.options.validation > 0 ? best.validation : best.train;
    fmt::print("{}: epoch {}, {} accuracy {:.2f} %\n", out, best.epoch,
               arguments.options.validation > 0 ? "validation" : "training", 100 * score.accuracy);
  }
}

Architecture architecture_of(const TrainArguments& arguments) {
  try {
    return parse_architecture(arguments.model);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

void check_settings(const TrainArguments& arguments) {
  const TrainingOptions& options = arguments.options;
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw UsageError(what);
  };
  require(options.epochs >= 1, "--epochs: 1 or more");
  require(options.batch >= 1, "--batch: 1 or more");
  require(options.learning_rate > 0 && std::isfinite(options.learning_rate), "--lr: more than 0");
  require(options.momentum >= 0 && options.momentum < 1, "--momentum: 0 to below 1");
  require(!options.out.empty(), "--out: a file name is needed");
  require(arguments.log != options.out, "--log and --out are the same file");
}

int run_train(const TrainArguments& arguments, const Common& common) {
  check_settings(arguments);
  const Architecture architecture = architecture_of(arguments);
  const Dataset dataset = load_dataset(common.data_folder(), Part::train);
  Display display(arguments, common);
  if (!common.quiet) {
    say("{} weights: {}\n", parameter_count(architecture), to_string(architecture));
  }
  const InterruptGuard guard;
  const TrainingResult result =
      train(dataset, architecture, arguments.options,
            {[&](const BatchReport& report) { return display.on_batch(report); },
             [&](const EpochReport& report) { display.on_epoch(report); }});
  display.clear();
  print_result(arguments, result, common);
  if (result.finished) return exit_ok;
  say("scrawl: stopped; the same command with --resume goes on from {}\n",
      checkpoint_path(arguments.options.out).string());
  return exit_failed;
}

}  // namespace

void add_train(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<TrainArguments>();
  TrainingOptions& options = arguments->options;
  options.out = "model.safetensors";
  CLI::App* command = add_command(
      app, "train", "Trains a network on MNIST; keeps the best model by validation accuracy",
      "  scrawl train --epochs 5 --out mlp.safetensors\n"
      "  scrawl train --model \"dense 300, relu, dense 10\" --schedule one-cycle",
      common, exit_code, [arguments, &common] { return run_train(*arguments, common); });
  // Without its own words in the help. (C++ would read -1 as a very large number.)
  const CLI::Validator not_negative = CLI::Validator(CLI::NonNegativeNumber).description("");
  add_data_option(*command, common);
  command->add_option("--model", arguments->model,
                      "A preset (mlp) or the layers, as in \"dense 256, relu, dense 10\"");
  command->add_option("--epochs", options.epochs, "Times that each image is seen")
      ->check(not_negative);
  command->add_option("--batch", options.batch, "Images in a batch")->check(not_negative);
  command->add_option("--lr", options.learning_rate, "Learning rate (one-cycle: its peak)");
  command->add_option("--momentum", options.momentum, "Momentum of SGD, 0 to below 1");
  const std::map<std::string, Schedule> schedules{{"constant", Schedule::constant},
                                                  {"one-cycle", Schedule::one_cycle}};
  command->add_option("--schedule", options.schedule, "Learning rate over time")
      ->transform(CLI::CheckedTransformer(schedules, CLI::ignore_case))
      ->option_text("constant|one-cycle [constant]");
  command->add_option("--val", options.validation, "Images set aside to choose the best model")
      ->check(not_negative);
  command->add_option("--seed", options.seed, "Of the split, the first weights and the order")
      ->check(not_negative);
  add_precision_option(*command, options.precision);
  add_threads_option(*command, options.threads);
  command->add_option("--out", options.out, "The best model; its checkpoint stands beside it");
  command->add_option("--log", arguments->log, "A line of JSON for each epoch");
  command->add_flag("--resume", options.resume, "Go on from the checkpoint of --out");
  command->add_flag("--verbose", arguments->verbose, "A line every 100 batches, on a terminal too");
}

}  // namespace scrawl::cli
