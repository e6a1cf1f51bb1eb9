// scrawl train
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/did_you_mean.hpp"
#include "cli/interrupt.hpp"
#include "cli/named_dataset.hpp"
#include "cli/syntax.hpp"
#include "cli/terminal.hpp"
#include "cli/train_arguments.hpp"
#include "cli/training_display.hpp"
#include "files/files.hpp"
#include "formats/model_file.hpp"
#include "network_training/team.hpp"
#include "training/checkpoint.hpp"
#include "training/options.hpp"
#include "training/train_in_team.hpp"

namespace scrawl::cli {

namespace {

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

std::string line(const EpochReport& report, bool validated) {
  std::string text = fmt::format("epoch {:>2}/{}  train loss {:.4f}, {:.2f} %", report.epoch,
                                 report.epochs, report.train.loss, 100 * report.train.accuracy);
  if (validated) {
    text += fmt::format("  validation loss {:.4f}, {:.2f} %", report.validation.loss,
                        100 * report.validation.accuracy);
  }
  text += fmt::format("  {:.3f} s, {:.0f} images/s", report.seconds, report.images_per_second);
  return report.best ? text + "  best" : text;
}

/// "validation accuracy 97.41 % (10000 images set aside)"
std::string what_was_measured(const TrainingOptions& options, const EpochReport& best) {
  if (options.validation > 0) {
    return fmt::format("validation accuracy {:.2f} % ({} training images set aside)",
                       100 * best.validation.accuracy, options.validation);
  }
  const bool augmented = options.augmentation != Augmentation{};
  return fmt::format("training accuracy {:.2f} % (of the epoch while it learned{})",
                     100 * best.train.accuracy, augmented ? ", on augmented images" : "");
}

/// What the model makes of the test images; nothing where there are none that it has not seen, or
/// they are broken: the training is no less done.
std::optional<Evaluation> test(const TrainArguments& arguments, const TrainingResult& result,
                               Common common) {
  if (!arguments.test || !result.finished || !result.best) return std::nullopt;
  const int threads = arguments.options.threads;
  try {
    if (!has_test_part(common)) return std::nullopt;
    common.quiet = true;  // what there is to say has been said of the training images
    return evaluate(*result.best, load_named_data(common, Part::test, threads).dataset,
                    Precision::automatic, threads);
  } catch (const Error& error) {
    print_error("not tested: {}", error.what());
    return std::nullopt;
  }
}

void print_result(const TrainArguments& arguments, const TrainingResult& result,
                  const Common& common) {
  const EpochReport best = result.best_epoch.value_or(EpochReport());
  const std::string out = arguments.out.string();
  const std::optional<Evaluation> tested = test(arguments, result, common);
  if (common.json) {
    nlohmann::json json{{"file", out},
                        {"finished", result.finished},
                        {"epochs", result.epochs_done},
                        {"best", to_json(best)}};
    if (tested) {
      json["test"] = {{"images", tested->images},
                      {"accuracy", tested->score.accuracy},
                      {"standard_error", tested->standard_error},
                      {"loss", tested->score.loss}};
    }
    print_json(json);
    return;
  }
  if (best.epoch == 0) return;
  print("{}: epoch {}, {}\n", out, best.epoch, what_was_measured(arguments.options, best));
  if (tested) {
    print("test accuracy {:.2f} ± {:.2f} % ({} images that it has not seen)\n",
          100 * tested->score.accuracy, 100 * tested->standard_error, tested->images);
  }
  std::fflush(stdout);  // before what follows on stderr, wherever both go
  if (result.finished && !common.quiet)
    print_stderr("next: scrawl read --model {} 7.png\n", shell_word(out));
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names{reader_name};
  for (const Preset& preset : presets()) names.push_back(preset.name);
  return names;
}

Architecture architecture_of(const TrainArguments& arguments) {
  if (arguments.options.from && !arguments.model_is_given) {
    return arguments.options.from->architecture;
  }
  try {
    return parse_architecture(arguments.model);
  } catch (const Error& error) {
    throw OptionError(error.what() + suggestion(arguments.model, preset_names()));
  }
}

/// Large batches take fewer steps, and so longer ones, which the first weights do not stand: the
/// rate grows with the batch, and is warmed up (Goyal et al. 2017, who do so over 5 of 90 epochs).
/// An average of the weights goes on to look back over as many images.
void scale_rate(TrainingOptions& options, std::size_t usual_batch) {
  if (options.schedule == Schedule::constant) {
    throw OptionError(
        "--scale-lr: the schedule is constant, expected one that warms up: add --schedule cosine "
        "or --schedule one-cycle");
  }
  const float factor = static_cast<float>(options.batch) / static_cast<float>(usual_batch);
  options.learning_rate *= factor;
  options.warmup = std::max(options.warmup, static_cast<float>(options.epochs) * 5 / 90);
  if (options.weight_ema > 0) options.weight_ema = std::pow(options.weight_ema, factor);
}

/// The preset's settings, or else the defaults, with what the command line says; for so many
/// pictures by digit; 0: another data set.
TrainingOptions options_of(const TrainArguments& arguments, std::size_t images) {
  TrainingOptions options;
  if (!arguments.from.empty()) options = fine_tuning_options();
  const std::optional<Preset> preset = find_preset(arguments.model);
  if (preset && (arguments.from.empty() || arguments.model_is_given)) options = preset->options;
  // Of a small data set, a sixth is set aside, as of MNIST, and a batch is no more than the rest.
  if (images > 0) {
    options.validation = std::min(options.validation, images / 6);
    options.batch = std::min(options.batch, images - options.validation);
  }
  const std::size_t usual_batch = options.batch;
  for (const auto& change : arguments.changes) change(options);
  if (arguments.scale_rate) scale_rate(options, usual_batch);
  if (options.threads == 0) options.threads = arguments.team.threads;
  check_options(options);
  return options;
}

TrainingResult train_or_resume(const TrainArguments& arguments, const DatasetView& dataset,
                               const Architecture& architecture,
                               const TrainingCallbacks& callbacks) {
  const std::shared_ptr<const Checkpoint> from = checkpoint_of(arguments);
  return train_in_team(arguments.team.team, from.get(), dataset, architecture, arguments.options,
                       callbacks);
}

int run_train(TrainArguments& arguments, const Common& common) {
  if (arguments.model_is_given && arguments.model == reader_name) {
    return run_train_reader(arguments, common);
  }
  if (arguments.epoch_pages != PageSource().pages_in_epoch)
    throw OptionError("--epoch-pages is for --model reader; other epochs are all images once");
  arguments.options = options_of(arguments, 0);
  check_files(arguments, common.data_folder());
  if (!arguments.from.empty()) arguments.options.from = model_named(arguments.from);
  const Architecture architecture = architecture_of(arguments);
  for (const auto& file : arguments.teachers) {
    arguments.options.teachers.push_back(model_named(file));
  }
  const NamedDataset data = open_named_data(common, Part::train, arguments.options.threads);
  const DatasetView dataset = data.dataset.view();
  if (data.is_pictures) {
    TrainingOptions options = options_of(arguments, dataset.size());
    options.from = std::move(arguments.options.from);
    options.teachers = std::move(arguments.options.teachers);
    arguments.options = std::move(options);
  }
  const bool keeps_files = arguments.team.keeps_files();
  if (keeps_files) {
    require_writable(arguments.out);
    require_writable(checkpoint_path(arguments));
  }
  TrainingLog log(keeps_files ? arguments.log : std::filesystem::path(), arguments.resume);
  TrainingDisplay display(arguments, common);
  if (!common.quiet) {
    print_stderr("{} weights: {}\n", parameter_count(architecture), to_string(architecture));
    print_ranks(arguments);
  }
  const InterruptGuard guard;
  TrainingCallbacks callbacks;
  callbacks.on_batch = [&](const BatchReport& report) {
    data.dataset.check_unchanged();
    return display.on_batch({report.epoch, report.epochs, report.batch, report.batches}, [&] {
      return fmt::format("loss {:.4f}  accuracy {:.2f} %", report.average.loss,
                         100 * report.average.accuracy);
    });
  };
  callbacks.on_epoch = [&](const EpochReport& report) {
    display.on_epoch(line(report, arguments.options.validation > 0));
    log.write(to_json(report), report.epoch);
    return true;
  };
  if (keeps_files) {
    keep_in_files(arguments, callbacks);
    callbacks.on_checkpoint = [&,
                               keep = std::move(callbacks.on_checkpoint)](const auto& checkpoint) {
      data.dataset.check_unchanged();  // before anything of it is kept
      keep(checkpoint);
    };
  }
  const TrainingResult result = train_or_resume(arguments, dataset, architecture, callbacks);
  display.clear();
  print_result(arguments, result, common);
  return end_training(arguments, log, result.finished);
}

/// A line for each preset: how good, how long, how large, what for.
std::string preset_table() {
  std::string table = fmt::format("{:11}{:>15} {:>8} {:>8} {:>6}\n", "Presets:", "test accuracy",
                                  "seconds", "weights", "MFLOP");
  for (const Preset& preset : presets()) {
    const Architecture architecture = parse_architecture(preset.name);
    const Measurement& measured = preset.measured;
    const std::string accuracy = fmt::format("{:.2f} ± {:.2f} %", measured.accuracy, measured.std);
    table += fmt::format("  {:8} {:>15} {:8} {:8} {:6.2f}  {}\n", preset.name, accuracy,
                         measured.seconds, parameter_count(architecture),
                         static_cast<double>(operation_count(architecture)) / 1e6, preset.summary);
  }
  table += fmt::format("  (measured on {}; MFLOP to read one glyph)\n",
                       presets().front().measured.machine);
  return table +
         fmt::format("  {:8} reads whole pages: learns from made-up ones, in hours\n", reader_name);
}

/// What `options` change of the defaults, as one would write it: "--lr 0.01 --schedule cosine".
std::string flags_of(const TrainingOptions& options) {
  std::string text;
  for_each_training_option([&](const auto& option) {
    const auto& value = options.*option.member;
    if constexpr (requires { to_text(value); }) {
      if (value == TrainingOptions().*option.member) return;
      text += fmt::format("{}--{} {}", text.empty() ? "" : " ", option.flag, to_text(value));
    }
  });
  return text;
}

/// Adds options of the table to the command line, as suits their values.
class OptionAdder {
 public:
  OptionAdder(CLI::App& command, TrainArguments& arguments)
      : command_(command), arguments_(arguments) {}

  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void operator()(const TrainingOption<Number>& option) const {
    std::string description(option.description);
    if (option.range.is_limited()) description += "; " + option.range.text();
    command_.add_option_function<Number>(flag(option), change(option), description)
        ->check(not_negative())
        ->default_str(to_text(TrainingOptions().*option.member));
  }

  void operator()(const TrainingOption<bool>& option) const {
    command_.add_flag_function(
        flag(option), [set = change(option)](std::int64_t) { set(true); },
        std::string(option.description));
  }

  template <typename Enum>
  requires std::is_enum_v<Enum>
  void operator()(const TrainingOption<Enum>& option) const {
    take_words(command_.add_option_function<Enum>(flag(option), change(option),
                                                  std::string(option.description)),
               option.words, TrainingOptions().*option.member);
  }

  void operator()(const TrainingOption<Augmentation>& option) const {
    command_.add_option_function<std::string>(
        flag(option),
        [set = change(option)](const std::string& text) { set(parse_augmentation(text)); },
        fmt::format("{}: none, light, strong, or as in \"rotation 10, shift 1.5\"",
                    option.description));
  }

  void operator()(const TrainingOption<std::optional<Model>>& option) const {
    command_.add_option(flag(option), arguments_.from,
                        fmt::format("{}, builtin: the built-in one; unless told otherwise with {}",
                                    option.description, flags_of(fine_tuning_options())));
  }

  void operator()(const TrainingOption<std::vector<Model>>& option) const {
    command_.add_option(flag(option), arguments_.teachers, std::string(option.description))
        ->option_text("FILE...");
  }

 private:
  template <typename Value>
  static std::string flag(const TrainingOption<Value>& option) {
    return fmt::format("--{}", option.flag);
  }

  /// What is done with the option's value on the command line.
  template <typename Value>
  std::function<void(const Value&)> change(const TrainingOption<Value>& option) const {
    return [&changes = arguments_.changes, member = option.member](const Value& value) {
      changes.emplace_back([=](TrainingOptions& options) { options.*member = value; });
    };
  }

  CLI::App& command_;
  TrainArguments& arguments_;
};

constexpr const char* own_examples =
    "  scrawl train --epochs 5 --out mlp.safetensors\n"
    "  scrawl train --model \"conv 16 5, relu, max-pool 2, dense 10\" --schedule cosine\n"
    "  scrawl train --from builtin --data my-digits --epochs 5\n\n";

constexpr const char* team_examples =
    "  mpirun -n 4 scrawl-mpi train --model best\n"
    "  mpirun --hostfile machines scrawl-mpi train --model best --batch 1024 --scale-lr\n\n";

}  // namespace

void add_train(CLI::App& app, Common& common, int& exit_code) {
  add_train(app, common, exit_code, {});
}

void add_train(CLI::App& app, Common& common, int& exit_code, const TrainingTeam& team) {
  auto arguments = std::make_shared<TrainArguments>();
  arguments->team = team;
  CLI::App* command = add_command(
      app, "train", "Trains a network on MNIST; keeps the best model by validation accuracy",
      std::string(team.team == nullptr ? own_examples : team_examples) + preset_table(), common,
      exit_code, [arguments, &common] { return run_train(*arguments, common); });
  add_data_options(*command, common);
  command
      ->add_option("--model", arguments->model,
                   "A preset, which sets the options below too, or layers, as in \"dense 256, "
                   "relu, dense 10\"")
      ->each([arguments](const std::string&) { arguments->model_is_given = true; });
  for_each_training_option(OptionAdder(*command, *arguments));
  command->add_flag(
      "--scale-lr", arguments->scale_rate,
      "The learning rate is for the usual batch: another batch gets it in proportion, "
      "after a longer warmup (Goyal et al. 2017)");
  command
      ->add_option("--epoch-pages", arguments->epoch_pages,
                   "Of --model reader: made-up pages that are called an epoch")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30));
  command->add_option("-o,--out", arguments->out,
                      "The best model; its checkpoint stands beside it");
  command->add_option("--log", arguments->log, "A line of JSON for each epoch");
  command->add_flag_callback(
      "--no-test", [arguments] { arguments->test = false; },
      "Do not test the model in the end, on test images if there are some");
  command->add_flag("--resume", arguments->resume, "Go on from the checkpoint of --out");
  command->add_flag("--verbose", arguments->verbose, "A line every 100 batches, on a terminal too");
}

}  // namespace scrawl::cli
