// scrawl average
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <scrawl/average.hpp>
#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"
#include "training/average_models.hpp"

namespace scrawl::cli {

namespace {

struct AverageArguments {
  std::vector<std::filesystem::path> models;
  std::filesystem::path out;
};

/// Whether they were begun apart, as far as they say: then their weights have nothing in common.
bool are_of_several_trainings(const std::vector<Model>& models) {
  const auto said = [](const Model& model, const char* what) {
    const auto found = model.metadata.find(what);
    return found == model.metadata.end() ? std::string() : found->second;
  };
  return std::ranges::any_of(models, [&](const Model& model) {
    return said(model, "from") == "none" && said(models[0], "from") == "none" &&
           said(model, "seed") != said(models[0], "seed");
  });
}

int run_average(const AverageArguments& arguments, const Common& common) {
  refuse_standard_output(arguments.out, "--out");
  if (arguments.models.size() < 2) throw OptionError("average: two models at least are expected");
  refuse_own_models(arguments.out, "--out", arguments.models);
  std::vector<Model> models;
  std::vector<std::string> names;
  for (const auto& file : arguments.models) {
    models.push_back(is_builtin(file) ? default_model() : load_model_or_checkpoint(file));
    names.push_back(file.string());
  }
  const Model average = average_models(models);
  make_folder_of(arguments.out);
  save_model(average, arguments.out);
  if (common.json) {
    print_json({{"models", names},
                {"out", arguments.out.string()},
                {"architecture", to_string(average.architecture)},
                {"parameters", parameter_count(average.architecture)}});
  } else if (!common.quiet) {
    print_stderr(
        "{}: the average of {} models, each {}\nTo see whether it is better than each: scrawl eval "
        "{}\n",
        arguments.out.string(), models.size(), to_string(average.architecture),
        arguments.out.string());
    if (are_of_several_trainings(models))
      print_stderr(
          "They were trained from several seeds, so that their weights have nothing in common; "
          "scrawl eval of several models takes the mean of their answers.\n");
  }
  return exit_ok;
}

}  // namespace

void add_average(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<AverageArguments>();
  CLI::App* command = add_command(
      app, "average", "Makes one model of several of one training: the average of their weights",
      "  scrawl average epoch8.safetensors epoch9.safetensors epoch10.safetensors -o "
      "model.safetensors",
      common, exit_code, [arguments, &common] { return run_average(*arguments, common); });
  command
      ->add_option("models", arguments->models,
                   "Models or checkpoints of one architecture that started from the same weights: "
                   "of one training, or trained on from one model. (Others: scrawl eval tests them "
                   "as an ensemble)")
      ->required();
  command->add_option("-o,--out", arguments->out, "The model")->required();
}

}  // namespace scrawl::cli
