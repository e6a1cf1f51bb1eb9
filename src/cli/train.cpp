// scrawl train
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"

namespace scrawl::cli {

namespace {

struct TrainArguments {
  TrainingOptions options;
  /// What the command line says about them, to be said again to a preset's.
  std::vector<std::function<void(TrainingOptions&)>> changes;
  std::string model = "mlp";
  bool model_is_given = false;
  std::string from;  // a model's file or box; empty: random weights
  std::vector<std::filesystem::path> teachers;
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

/// What --log names: a line of JSON for each epoch.
class Log {
 public:
  /// Throws Error where it cannot be opened, which an hour of training later would be too late.
  Log(const std::filesystem::path& file, bool resume) : file_(file), emptied_(resume) {
    if (file.empty()) return;
    errno = 0;
    stream_.open(file, std::ios::app);
    if (!stream_)
      throw Error(fmt::format("{}: cannot write the log: {}", file.string(), std::strerror(errno)));
  }

  /// A log that cannot be written any more, as on a full disk, is given up, and the training is
  /// not.
  void write(const EpochReport& report) {
    if (file_.empty() || !problem_.empty()) return;
    empty();
    errno = 0;
    stream_ << dump(to_json(report)) << std::endl;
    if (stream_) return;
    problem_ = fmt::format("{}: cannot write the log from epoch {} on: {}", file_.string(),
                           report.epoch, std::strerror(errno));
    say("scrawl: {}; the training goes on without it\n", problem_);
  }

  const std::string& problem() const { return problem_; }

 private:
  /// At the first epoch, so that a training that cannot begin costs nobody the log of the last.
  void empty() {
    if (std::exchange(emptied_, true)) return;
    std::error_code ignored;  // a pipe has nothing to be emptied of
    if (std::filesystem::is_regular_file(file_, ignored))
      std::filesystem::resize_file(file_, 0, ignored);
  }

  std::filesystem::path file_;
  bool emptied_;
  std::ofstream stream_;
  std::string problem_;
};

/// Everything that a person sees of a training.
class Display {
 public:
  Display(const TrainArguments& arguments, const Common& common)
      : validated_(arguments.options.validation > 0),
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
    return !InterruptGuard::interrupted();
  }

  void on_epoch(const EpochReport& report) {
    live_.clear();
    if (!quiet_) say("{}\n", line(report));
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

  bool validated_;
  bool quiet_;
  bool lines_;
  LiveLine live_;
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
    print_json(json);
  } else if (best.epoch > 0) {
    const Score& score = arguments.options.validation > 0 ? best.validation : best.train;
    print("{}: epoch {}, {} accuracy {:.2f} %\n", out, best.epoch,
          arguments.options.validation > 0 ? "validation" : "training", 100 * score.accuracy);
  }
}

Architecture architecture_of(const TrainArguments& arguments) {
  if (arguments.options.from && !arguments.model_is_given) {
    return arguments.options.from->architecture;
  }
  try {
    return parse_architecture(arguments.model);
  } catch (const Error& error) {
    throw OptionError(error.what());
  }
}

/// What suits a training that starts from a trained model, a tenth of a first training's rate.
TrainingOptions fine_tuning() {
  TrainingOptions options;
  options.learning_rate = 0.01F;
  options.momentum = 0.9F;
  options.schedule = Schedule::cosine;
  return options;
}

/// The preset's settings, or else the defaults, with what the command line says; for so many
/// pictures by digit; 0: another data set.
TrainingOptions options_of(const TrainArguments& arguments, std::size_t images) {
  TrainingOptions options;
  if (!arguments.from.empty()) options = fine_tuning();
  for (const Preset& preset : presets()) {
    if (preset.name != arguments.model) continue;
    if (arguments.from.empty() || arguments.model_is_given) options = preset.options;
  }
  // Of a small data set, a sixth is set aside, as of MNIST, and a batch is no more than the rest.
  if (images > 0) {
    options.validation = std::min(options.validation, images / 6);
    options.batch = std::min(options.batch, images - options.validation);
  }
  for (const auto& change : arguments.changes) change(options);
  check_options(options);
  return options;
}

void check_files(const TrainArguments& arguments) {
  if (arguments.options.out.empty()) throw OptionError("--out: a file name is needed");
  refuse_standard_output(arguments.options.out, "--out");
  refuse_standard_output(arguments.log, "--log");
  if (arguments.log == arguments.options.out) {
    throw OptionError("--log and --out are the same file");
  }
}

int run_train(TrainArguments& arguments, const Common& common) {
  arguments.options = options_of(arguments, 0);
  check_files(arguments);
  if (!arguments.from.empty()) arguments.options.from = model_named(arguments.from);
  const Architecture architecture = architecture_of(arguments);
  for (const auto& file : arguments.teachers) {
    arguments.options.teachers.push_back(model_named(file));
  }
  const PicturesByDigit data = load_named_data(common, Part::train, arguments.options.threads);
  const Dataset& dataset = data.dataset;
  if (!data.files.empty()) {
    TrainingOptions options = options_of(arguments, dataset.size());
    options.from = std::move(arguments.options.from);
    options.teachers = std::move(arguments.options.teachers);
    arguments.options = std::move(options);
  }
  Log log(arguments.log, arguments.options.resume);
  Display display(arguments, common);
  if (!common.quiet) {
    say("{} weights: {}\n", parameter_count(architecture), to_string(architecture));
  }
  const InterruptGuard guard;
  const TrainingResult result =
      train(dataset, architecture, arguments.options,
            {[&](const BatchReport& report) { return display.on_batch(report); },
             [&](const EpochReport& report) {
               display.on_epoch(report);
               log.write(report);
             },
             {}});
  display.clear();
  print_result(arguments, result, common);
  if (!log.problem().empty())
    say("scrawl: the model is saved, the log is not whole: {}\n", log.problem());
  if (result.finished) return log.problem().empty() ? exit_ok : exit_failed;
  say("scrawl: stopped; the same command with --resume goes on from {}\n",
      checkpoint_path(arguments.options.out).string());
  return exit_failed;
}

constexpr const char* default_out = "model.safetensors";

/// A line for each preset: how good, how long, how large, what for.
std::string preset_table() {
  std::string table = "Presets:  test accuracy  seconds  weights  MFLOP\n";
  for (const Preset& preset : presets()) {
    const Architecture architecture = parse_architecture(preset.name);
    table += fmt::format("  {:8} {:11.2f} % {:8} {:8} {:6.2f}  {}\n", preset.name, preset.accuracy,
                         preset.seconds, parameter_count(architecture),
                         static_cast<double>(operation_count(architecture)) / 1e6, preset.summary);
  }
  return table + "  (measured on 2 cores of a Zen 4 server; MFLOP to read one glyph)\n";
}

/// Adds options of the command line that stand for members of TrainingOptions.
class Settings {
 public:
  Settings(CLI::App& command, std::vector<std::function<void(TrainingOptions&)>>& changes)
      : command_(command), changes_(changes) {}

  template <typename T>
  void operator()(const char* name, T TrainingOptions::*member, const char* description) const {
    auto* option = command_.add_option_function<T>(
        name,
        [&changes = changes_, member](const T& value) {
          changes.emplace_back([=](TrainingOptions& options) { options.*member = value; });
        },
        description);
    if constexpr (std::is_arithmetic_v<T>) {
      option->check(not_negative());
      option->default_str(fmt::format("{}", TrainingOptions().*member));
    }
  }

  void flag(const char* name, bool TrainingOptions::*member, const char* description) const {
    command_.add_flag_function(
        name,
        [&changes = changes_, member](std::int64_t) {
          changes.emplace_back([=](TrainingOptions& options) { options.*member = true; });
        },
        description);
  }

  /// The first choice is the default.
  template <typename T>
  void choice(const char* name, T TrainingOptions::*member, const char* description,
              const Choices<T>& choices) const {
    std::string text;
    for (const auto& [word, value] : choices) text += (text.empty() ? "" : "|") + word;
    command_
        .add_option_function<T>(
            name,
            [&changes = changes_, member](const T& value) {
              changes.emplace_back([=](TrainingOptions& options) { options.*member = value; });
            },
            description)
        ->transform(one_of(choices))
        ->option_text(fmt::format("{} [{}]", text, choices.front().first));
  }

 private:
  CLI::App& command_;
  std::vector<std::function<void(TrainingOptions&)>>& changes_;
};

}  // namespace

void add_train(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = add_command(
      app, "train", "Trains a network on MNIST; keeps the best model by validation accuracy",
      "  scrawl train --epochs 5 --out mlp.safetensors\n"
      "  scrawl train --model \"conv 16 5, relu, max-pool 2, dense 10\" --schedule cosine\n"
      "  scrawl train --from box --data my-digits --epochs 5\n\n" +
          preset_table(),
      common, exit_code, [arguments, &common] { return run_train(*arguments, common); });
  const Settings add(*command, arguments->changes);
  add_data_option(*command, common);
  command
      ->add_option("--model", arguments->model,
                   "A preset, which sets the options below too, or layers, as in \"dense 256, "
                   "relu, dense 10\"")
      ->each([arguments](const std::string&) { arguments->model_is_given = true; });
  command->add_option("--from", arguments->from,
                      "Start from this model, box: the one in the box; its network, and unless "
                      "told otherwise --lr 0.01 --momentum 0.9 --schedule cosine");
  add("--epochs", &TrainingOptions::epochs, "Times that each image is seen");
  add("--batch", &TrainingOptions::batch, "Images in a batch");
  add("--lr", &TrainingOptions::learning_rate, "Learning rate (one-cycle, cosine: its peak)");
  add("--momentum", &TrainingOptions::momentum, "Momentum of SGD, 0 to below 1");
  add.flag("--nesterov", &TrainingOptions::nesterov, "Nesterov's momentum");
  add("--weight-decay", &TrainingOptions::weight_decay, "Of weights, not of biases");
  add.choice("--schedule", &TrainingOptions::schedule, "Learning rate over time",
             {{"constant", Schedule::constant},
              {"one-cycle", Schedule::one_cycle},
              {"cosine", Schedule::cosine}});
  add("--warmup", &TrainingOptions::warmup, "Epochs in which the rate rises (cosine)");
  add("--smoothing", &TrainingOptions::smoothing, "Of labels, 0 to below 1");
  add("--average", &TrainingOptions::average,
      "The model is an average over steps, of which this share stays each step, as 0.99");
  command->add_option_function<std::string>(
      "--augment",
      [arguments](const std::string& text) {
        const Augmentation augmentation = parse_augmentation(text);
        arguments->changes.emplace_back(
            [=](TrainingOptions& options) { options.augmentation = augmentation; });
      },
      "Changes images at random: none, light, strong, or as in \"rotation 10, shift 1.5\"");
  add("--outliers", &TrainingOptions::outliers,
      "Things that are no digits, for each image, that the model learns to doubt, as 0.1");
  add("--rare-styles", &TrainingOptions::rare_styles,
      "Drawn digits as MNIST hardly has them, for each image: 1 with a flag, 7 with a bar");
  command
      ->add_option("--teacher", arguments->teachers,
                   "Models whose answers are learned in place of the labels; several: their "
                   "average")
      ->option_text("FILE...");
  add("--temperature", &TrainingOptions::temperature,
      "Of the probabilities; 0: fitted on the images set aside");
  add("--val", &TrainingOptions::validation, "Images set aside to choose the best model");
  add("--seed", &TrainingOptions::seed, "Of the split, the first weights and the order");
  add.choice("--precision", &TrainingOptions::precision,
             "Of products; auto: bf16 where the CPU has it, else f32",
             {{"auto", Precision::automatic}, {"f32", Precision::f32}, {"bf16", Precision::bf16}});
  add("--threads", &TrainingOptions::threads, "Threads; 0: one for each core");
  arguments->changes.emplace_back([](TrainingOptions& options) { options.out = default_out; });
  add("-o,--out", &TrainingOptions::out, "The best model; its checkpoint stands beside it");
  command->add_option("--log", arguments->log, "A line of JSON for each epoch");
  add.flag("--resume", &TrainingOptions::resume, "Go on from the checkpoint of --out");
  command->add_flag("--verbose", arguments->verbose, "A line every 100 batches, on a terminal too");
}

}  // namespace scrawl::cli
