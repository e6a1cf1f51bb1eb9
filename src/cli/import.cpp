// scrawl import
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>

#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"
#include "formats/imported.hpp"
#include "training/import_model.hpp"

namespace scrawl::cli {

namespace {

struct ImportArguments {
  std::filesystem::path file;
  std::filesystem::path out;  // empty: out_of()
  std::string architecture;   // empty: recognized
  std::string key;
  std::optional<float> mean;
  std::optional<float> deviation;
  int threads = 0;
};

std::filesystem::path out_of(const ImportArguments& arguments) {
  refuse_standard_output(arguments.out, "--out");
  if (!arguments.out.empty()) return arguments.out;
  if (arguments.file == "-") return "model.safetensors";
  std::filesystem::path out = arguments.file;
  out.replace_extension(".safetensors");
  if (out == arguments.file) throw OptionError("--out: a name other than the file's is needed");
  return out;
}

ImportOptions options_of(const ImportArguments& arguments) {
  ImportOptions options;
  options.key = arguments.key;
  if (!arguments.architecture.empty())
    options.architecture = parse_architecture(arguments.architecture);
  if (!arguments.mean && !arguments.deviation) return options;
  Normalization normalization;
  normalization.mean = arguments.mean.value_or(normalization.mean);
  normalization.std = arguments.deviation.value_or(normalization.std);
  if (!std::isfinite(normalization.mean)) throw OptionError("--mean: expected a finite number");
  if (!std::isnormal(normalization.std) || normalization.std < 0) {
    throw OptionError("--std: expected a number above 0");
  }
  options.normalization = normalization;
  return options;
}

/// A model, and where it was not measured why not.
struct Outcome {
  MeasuredImport measured;
  std::string unmeasured;
};

/// Measured where the training images are at hand. Only a folder that was named has to be there.
Outcome import_as_well_as_possible(const ImportArguments& arguments, const Common& common) {
  const ImportOptions options = options_of(arguments);
  const std::filesystem::path name = shown_name(arguments.file);
  const Imported imported = read_foreign_model(model_bytes_in(arguments.file), name, options);
  if (imported.knows_normalization) return {{settle(imported, options, name)}, ""};
  Dataset images;
  std::string unmeasured;
  try {
    images = load_named_data(common, Part::train, arguments.threads).dataset;
  } catch (const MissingDatasetError& error) {
    if (!common.data.empty()) throw;
    unmeasured = "there is no MNIST here to measure it with; scrawl data fetch gets it";
  } catch (const Error& error) {
    if (!common.data.empty()) throw;
    unmeasured = error.what();
  }
  if (unmeasured.empty()) return {measure(imported, options, name, images, arguments.threads), ""};
  try {
    return {{settle(imported, options, name)}, unmeasured};
  } catch (const OptionError&) {
    throw;
  } catch (const Error& error) {
    throw Error(fmt::format("{}. (Networks are also told apart by how well they read, but {}.)",
                            error.what(), unmeasured));
  }
}

std::string text_of(const Normalization& normalization) {
  const auto [mean, deviation] = normalization;
  std::string text = fmt::format("mean {:.4g}, deviation {:.4g}", mean, deviation);
  if (mean == 0 && deviation == 1) text += " (pixels from 0 to 1)";
  if (mean == 0.5F && deviation == 0.5F) text += " (pixels from -1 to 1)";
  if (mean == 0 && deviation == 1.0F / 255) text += " (pixels from 0 to 255)";
  return text;
}

bool same(const Normalization& left, const Normalization& right) {
  return left.mean == right.mean && left.std == right.std;
}

/// The best of the trials for which `is_other` holds; nullptr: there is none.
template <typename Condition>
const ImportTrial* best_where(const std::vector<ImportTrial>& trials, Condition is_other) {
  const auto found = std::ranges::find_if(trials, is_other);
  return found == trials.end() ? nullptr : &*found;
}

void print_trials(const MeasuredImport& measured) {
  const ImportTrial& best = measured.trials[0];
  print_stderr("Measured on {} training images: {:.1f} % are read with {}{}", best.images,
               100 * best.accuracy, text_of(best.normalization),
               best.is_inverted ? ", and learned as black on white" : "");
  const auto* other = best_where(measured.trials, [&](const ImportTrial& trial) {
    return !same(trial.normalization, best.normalization);
  });
  if (other != nullptr)
    print_stderr("; {:.1f} % with {}", 100 * other->accuracy, text_of(other->normalization));
  print_stderr("\n");
  const auto* usual = best_where(measured.trials, [&](const ImportTrial& trial) {
    return trial.architecture != best.architecture || trial.has_sigmoids != best.has_sigmoids;
  });
  if (usual != nullptr) {
    print_stderr("Another network: {:.1f} % as {}{}\n", 100 * usual->accuracy,
                 to_string(usual->architecture),
                 usual->has_sigmoids ? ", each tanh a sigmoid" : "");
  }
  constexpr double good = 0.9;
  if (best.accuracy < good) {
    print_stderr(
        "That is little for images that it may have learned from: perhaps its layers or its "
        "normalization are others. Tell them with --model, --mean and --std.\n");
  }
}

void print_outcome(const ImportArguments& arguments, const Outcome& outcome,
                   const std::filesystem::path& out) {
  const Model& model = outcome.measured.model;
  const bool is_told = !arguments.architecture.empty();
  print_stderr("{}: {} weights, {} as: {}{}\n", out.string(), parameter_count(model.architecture),
               is_told ? "taken" : "recognized", to_string(model.architecture),
               !outcome.measured.trials.empty() && outcome.measured.trials[0].has_sigmoids
                   ? ", each tanh with the weights around it a sigmoid"
                   : "");
  if (!outcome.measured.trials.empty()) print_trials(outcome.measured);
  if (!outcome.unmeasured.empty()) {
    print_stderr("Taken for granted: {}. It was not measured: {}\n", text_of(model.normalization),
                 outcome.unmeasured);
  }
  print_stderr("To see how good it is: scrawl eval {}\n", out.string());
}

nlohmann::json json_of(const ImportTrial& trial) {
  return {{"architecture", to_string(trial.architecture)},
          {"sigmoids", trial.has_sigmoids},
          {"mean", trial.normalization.mean},
          {"std", trial.normalization.std},
          {"inverted", trial.is_inverted},
          {"images", trial.images},
          {"accuracy", trial.accuracy},
          {"loss", trial.loss}};
}

int run_import(const ImportArguments& arguments, const Common& common) {
  const std::filesystem::path out = out_of(arguments);
  refuse_own_input(out, "--out", arguments.file);
  refuse_own_data(out, "--out", common.data);
  const Outcome outcome = import_as_well_as_possible(arguments, common);
  const Model& model = outcome.measured.model;
  make_folder_of(out);
  save_model(model, out);
  if (!common.json) {
    if (!common.quiet) print_outcome(arguments, outcome, out);
    return exit_ok;
  }
  nlohmann::json trials = nlohmann::json::array();
  for (const ImportTrial& trial : outcome.measured.trials) trials.push_back(json_of(trial));
  print_json({{"file", arguments.file.string()},
              {"out", out.string()},
              {"architecture", to_string(model.architecture)},
              {"parameters", parameter_count(model.architecture)},
              {"mean", model.normalization.mean},
              {"std", model.normalization.std},
              {"clear", outcome.measured.is_clear},
              {"trials", std::move(trials)}});
  return exit_ok;
}

}  // namespace

void add_import(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = add_command(
      app, "import", "Makes a model of weights that PyTorch saved, without running what is in them",
      "  scrawl import model_best.pth -o model.safetensors", common, exit_code,
      [arguments, &common] { return run_import(*arguments, common); });
  command
      ->add_option(
          "file", arguments->file,
          "A state dict, or a checkpoint with one, that torch.save wrote (.pth, .pt), or a "
          "safetensors file; -: standard input")
      ->required()
      ->option_text("FILE");
  command->add_option("-o,--out", arguments->out,
                      "The model [FILE's name, ending in .safetensors]");
  command
      ->add_option("--model", arguments->architecture,
                   "Its layers, as scrawl train takes them [recognized from names and shapes]")
      ->option_text("ARCHITECTURE");
  command->add_option("--key", arguments->key,
                      "Where in a checkpoint the state dict is, as in model or nets.student [the "
                      "only one]");
  command->add_option("--mean", arguments->mean,
                      "Of the pixels, from 0 to 1, that the network was trained with [measured]");
  command->add_option("--std", arguments->deviation, "Their standard deviation [measured]");
  add_data_option(*command, common);
  add_threads_option(*command, arguments->threads);
}

}  // namespace scrawl::cli
