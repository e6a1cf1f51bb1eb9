// scrawl eval
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/training.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/terminal.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::cli {

namespace {

struct EvalArguments {
  std::vector<std::filesystem::path> models;  // empty: the built-in one
  Part part = Part::test;
  Precision precision = Precision::automatic;
  int threads = 0;
};

std::size_t labeled(const Evaluation& evaluation, std::size_t digit) {
  std::size_t count = 0;
  for (const std::size_t answered : evaluation.confusion[digit]) count += answered;
  return count;
}

/// Of a digit that has images.
double recall(const Evaluation& evaluation, std::size_t digit) {
  return static_cast<double>(evaluation.confusion[digit][digit]) /
         static_cast<double>(labeled(evaluation, digit));
}

std::vector<std::string> names(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.string());
  return names;
}

void print_as_json(const EvalArguments& arguments, const Evaluation& evaluation) {
  nlohmann::json json{
      {"models", names(arguments.models)},
      {"images", evaluation.images},
      {"accuracy", evaluation.score.accuracy},
      {"standard_error", evaluation.standard_error},
      {"loss", evaluation.score.loss},
      {"calibration_error", evaluation.calibration_error},
      {"confusion", evaluation.confusion},
      {"seconds", evaluation.seconds},
      {"images_per_second", static_cast<double>(evaluation.images) / evaluation.seconds}};
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    const bool known = labeled(evaluation, digit) > 0;
    json["digit_accuracy"].push_back(known ? nlohmann::json(recall(evaluation, digit)) : nullptr);
  }
  print_json(json);
}

void print_confusion(const Evaluation& evaluation) {
  print("\n{}", bold("  is \\ read as"));
  for (std::size_t answer = 0; answer < digit_count; ++answer) print("{:>6}", answer);
  print("   recall\n");
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    print("{:>14}", digit);
    for (const std::size_t count : evaluation.confusion[digit]) {
      print("{:>6}", count == 0 ? "." : std::to_string(count));
    }
    if (labeled(evaluation, digit) == 0) {
      print("  no image\n");
    } else {
      print("  {:5.2f} %\n", 100 * recall(evaluation, digit));
    }
  }
}

void print_text(const Evaluation& evaluation) {
  const auto images = static_cast<double>(evaluation.images);
  print("{}           {:.2f} ± {:.2f} % of {} images (standard error)\n", bold("accuracy"),
        100 * evaluation.score.accuracy, 100 * evaluation.standard_error, evaluation.images);
  print("{}               {:.4f}\n", bold("loss"), evaluation.score.loss);
  print("{}  {:.2f} %: how far confidence and accuracy differ\n", bold("calibration error"),
        100 * evaluation.calibration_error);
  print("{}               {:.4f} s, {:.0f} images/s\n", bold("time"), evaluation.seconds,
        images / evaluation.seconds);
  print_confusion(evaluation);
}

int run_eval(const EvalArguments& arguments, const Common& common) {
  std::vector<Model> models;
  for (const auto& file : arguments.models) models.push_back(model_named(file));
  if (models.empty()) models.push_back(default_model());
  const Dataset dataset = load_named_data(common, arguments.part, arguments.threads).dataset;
  const Evaluation evaluation = evaluate(models, dataset, arguments.precision, arguments.threads);
  common.json ? print_as_json(arguments, evaluation) : print_text(evaluation);
  return exit_ok;
}

}  // namespace

void add_eval(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<EvalArguments>();
  CLI::App* command =
      add_command(app, "eval", "Tests a model: accuracy, loss, confusion matrix, speed",
                  "  scrawl eval model.safetensors\n"
                  "  scrawl eval seed1.safetensors seed2.safetensors    (an ensemble)",
                  common, exit_code, [arguments, &common] { return run_eval(*arguments, common); });
  add_data_options(*command, common);
  command->add_option(
      "models", arguments->models,
      "The model to test [builtin: the built-in one]; several: the average of their "
      "probabilities");
  take_words(command->add_option("--part", arguments->part,
                                 "test or train; pictures that are not split are all of both"),
             part_words, arguments->part);
  add_precision_option(*command, arguments->precision);
  add_threads_option(*command, arguments->threads);
}

}  // namespace scrawl::cli
