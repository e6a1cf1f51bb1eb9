// scrawl predict
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/evaluation.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"

namespace scrawl::cli {

namespace {

struct PredictArguments {
  std::vector<std::filesystem::path> models;  // empty: the built-in one
  Part part = Part::test;
  std::filesystem::path out = "-";
  Precision precision = Precision::automatic;
  int threads = 0;
};

/// The average of all models' probabilities, for each image.
std::vector<Probabilities> average(const std::vector<Model>& models, const Dataset& dataset,
                                   const PredictArguments& arguments) {
  std::vector<Probabilities> sum(dataset.size(), Probabilities{});
  for (const Model& model : models) {
    const auto one = predict(model, dataset, arguments.precision, arguments.threads);
    for (std::size_t i = 0; i < sum.size(); ++i)
      for (std::size_t digit = 0; digit < digit_count; ++digit)
        sum[i][digit] += one[i][digit] / static_cast<float>(models.size());
  }
  return sum;
}

std::size_t most_probable(const Probabilities& probabilities) {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

/// As Kaggle's competitions take it: under their images' own names, or numbered from 1.
std::string to_csv(const Images& images, const std::vector<Probabilities>& answers) {
  const bool named = !images.ids.empty();
  std::string csv = named ? images.id_name + ",label\n" : "ImageId,Label\n";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    csv += fmt::format("{},{}\n", named ? images.ids[i] : std::to_string(i + 1),
                       most_probable(answers[i]));
  }
  return csv;
}

/// A line for each image.
std::string to_json_lines(const Images& images, const std::vector<Probabilities>& answers) {
  std::string lines;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::size_t digit = most_probable(answers[i]);
    nlohmann::json line{{"image", i}, {"digit", digit}, {"confidence", answers[i][digit]}};
    if (!images.ids.empty()) line["id"] = images.ids[i];
    if (!images.labels.empty()) line["label"] = images.labels[i];
    lines += dump(line) + '\n';
  }
  return lines;
}

int run_predict(const PredictArguments& arguments, const Common& common) {
  refuse_own_models(arguments.out, "--out", arguments.models);
  refuse_own_data(arguments.out, "--out", common.data_folder());
  std::vector<Model> models;
  for (const auto& file : arguments.models) models.push_back(model_named(file));
  if (models.empty()) models.push_back(default_model());
  if (arguments.out.empty()) throw OptionError("--out: a file name is needed");
  const bool to_file = arguments.out != "-";
  if (to_file) require_writable(arguments.out);
  Images images = load_named_images(common, arguments.part, arguments.threads);
  Dataset dataset{std::move(images.pixels), images.labels};
  dataset.labels.resize(dataset.images.size() / glyph_pixels);  // no one looks at them
  const auto answers = average(models, dataset, arguments);
  const std::string text = common.json ? to_json_lines(images, answers) : to_csv(images, answers);
  if (!to_file) {
    print("{}", Own{text});
    return exit_ok;
  }
  make_folder_of(arguments.out);
  write_file(arguments.out, std::as_bytes(std::span(text)));
  if (!common.quiet) print_stderr("{}: {} images read\n", arguments.out.string(), answers.size());
  return exit_ok;
}

}  // namespace

void add_predict(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App* command = add_command(
      app, "predict", "Reads the images of a data set, with labels or without: a digit for each",
      "  scrawl predict model.safetensors --data test.csv -o submission.csv     for Kaggle\n"
      "  scrawl predict --data images.npy",
      common, exit_code, [arguments, &common] { return run_predict(*arguments, common); });
  add_data_options(*command, common);
  command->add_option(
      "models", arguments->models,
      "The model to read with [builtin: the built-in one]; several: the average of their "
      "probabilities");
  take_words(
      command->add_option("--part", arguments->part, "Of a data set that has both: test or train"),
      part_words, arguments->part);
  command->add_option("-o,--out", arguments->out,
                      "The CSV file with a digit for each image, or - for standard output; with "
                      "--json, a line of JSON for each");
  add_precision_option(*command, arguments->precision);
  add_threads_option(*command, arguments->threads);
}

}  // namespace scrawl::cli
