// scrawl train --model reader
#include "training/train_reader.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "cli/cli.hpp"
#include "cli/interrupt.hpp"
#include "cli/named_dataset.hpp"
#include "cli/terminal.hpp"
#include "cli/train_arguments.hpp"
#include "cli/training_display.hpp"
#include "files/files.hpp"
#include "network/shapes.hpp"
#include "training/made_pages.hpp"

namespace scrawl::cli {

namespace {

nlohmann::json to_json(const MarkCounts& counts) {
  return {{"marks", counts.marks}, {"recall", counts.recall()}, {"accuracy", counts.accuracy()}};
}

/// "under 12", "12 to 20", ...: heights in pixels.
std::string height_name(std::size_t part) {
  if (part == 0) return fmt::format("to {}", mark_heights[0]);
  if (part == mark_heights.size()) return fmt::format("above {}", mark_heights.back());
  return fmt::format("{} to {}", mark_heights[part - 1], mark_heights[part]);
}

nlohmann::json to_json(const ReaderReport& report, const PageSource& source) {
  const PageScore& score = report.validation;
  nlohmann::json json{{"epoch", report.epoch},
                      {"train_loss", report.train_loss},
                      {"validation_loss", score.loss.loss()},
                      {"center_loss", score.loss.center},
                      {"symbol_loss", score.loss.symbol},
                      {"box_loss", score.loss.box},
                      {"handwritten_loss", score.loss.handwritten},
                      {"recall", score.all.recall()},
                      {"precision", score.precision()},
                      {"accuracy", score.all.accuracy()},
                      {"quality", score.quality()},
                      {"seconds", report.seconds},
                      {"making_seconds", report.making_seconds},
                      {"validation_seconds", report.validation_seconds},
                      {"pages_per_second", report.pages_per_second},
                      {"best", report.best}};
  for (std::size_t i = 0; i < score.by_height.size(); ++i) {
    json["by_height"][height_name(i)] = to_json(score.by_height[i]);
  }
  for (std::size_t i = 0; i < score.by_kind.size(); ++i) {
    json["by_kind"][source.validation[i].name] = to_json(score.by_kind[i]);
  }
  return json;
}

std::string line(const ReaderReport& report) {
  const PageScore& score = report.validation;
  return fmt::format(
      "epoch {:>2}/{}  train loss {:.4f}  validation loss {:.4f}, recall {:.2f} %, precision "
      "{:.2f} %, symbols {:.2f} %  {:.1f} s, {:.0f} pages/s{}",
      report.epoch, report.epochs, report.train_loss, score.loss.loss(), 100 * score.all.recall(),
      100 * score.precision(), 100 * score.all.accuracy(), report.seconds, report.pages_per_second,
      report.best ? "  best" : "");
}

TrainingOptions options_of(const TrainArguments& arguments) {
  TrainingOptions options = reader_options();
  for (const auto& change : arguments.changes) change(options);
  if (!arguments.from.empty()) options.from = model_named(arguments.from);
  if (options.threads == 0) options.threads = arguments.team.threads;
  check_reader_options(options);
  return options;
}

void print_result(const TrainArguments& arguments, const TrainingResult& result,
                  const Common& common) {
  const EpochReport best = result.best_epoch.value_or(EpochReport());
  if (common.json) {
    print_json({{"file", arguments.out.string()},
                {"finished", result.finished},
                {"epochs", result.epochs_done},
                {"best",
                 {{"epoch", best.epoch},
                  {"validation_loss", best.validation.loss},
                  {"quality", best.validation.accuracy}}}});
  } else if (best.epoch > 0) {
    print("{}: epoch {}, validation quality {:.2f} %\n", arguments.out.string(), best.epoch,
          100 * best.validation.accuracy);
  }
}

}  // namespace

int run_train_reader(TrainArguments& arguments, const Common& common) {
  arguments.options = options_of(arguments);
  const TrainingOptions& options = arguments.options;
  check_files(arguments, common.data_folder());
  const Architecture architecture = reader_architecture();
  const NamedDataset data = open_named_data(common, Part::train, options.threads);
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
  PageSource source = made_pages(data.dataset.view(), architecture.input, options);
  data.dataset.check_unchanged();
  source.pages_in_epoch = arguments.epoch_pages;
  ReaderCallbacks callbacks;
  callbacks.on_batch = [&](const ReaderBatchReport& report) {
    return display.on_batch({report.epoch, report.epochs, report.batch, report.batches},
                            [&] { return fmt::format("loss {:.4f}", report.average_loss); });
  };
  callbacks.on_epoch = [&](const ReaderReport& report) {
    display.on_epoch(line(report));
    log.write(to_json(report, source), report.epoch);
  };
  if (keeps_files) keep_in_files(arguments, callbacks);
  const auto from = checkpoint_of(arguments);
  const TrainingResult result =
      train_reader(source, architecture, options, callbacks, from.get(), arguments.team.team);
  display.clear();
  print_result(arguments, result, common);
  return end_training(arguments, log, result.finished);
}

}  // namespace scrawl::cli
