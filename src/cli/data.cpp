// scrawl data: get, check and describe a data set.
#include <CLI/CLI.hpp>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fmt/core.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/personalization.hpp>

#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/sheet.hpp"
#include "cli/terminal.hpp"
#include "dataset/digest.hpp"
#include "dataset/images.hpp"
#include "dataset/source.hpp"

namespace scrawl::cli {

namespace {

std::string progress_text(const FetchProgress& progress) {
  const std::string received = human_bytes(progress.received);
  if (progress.total == 0) return fmt::format("{}  {}", progress.file, received);
  const double fraction =
      static_cast<double>(progress.received) / static_cast<double>(progress.total);
  return fmt::format("{}  [{}] {} of {}", progress.file, bar(fraction, 20), received,
                     human_bytes(progress.total));
}

int fetch(const Common& common) {
  const std::filesystem::path folder = common.data_folder();
  LiveLine live(!common.quiet && stderr_is_live());
  const auto on_progress = [&](const FetchProgress& progress) {
    if (live.due()) live.show(progress_text(progress));
  };
  const auto on_message = [&](std::string_view line) {
    live.clear();
    if (!common.quiet) print_stderr("{}\n", line);
  };
  const int fetched = fetch_mnist(folder, on_progress, on_message);
  live.clear();
  if (common.json) {
    const nlohmann::json result{{"folder", folder.string()}, {"fetched", fetched}};
    print_json(result, 2);
  } else {
    print("{}: MNIST, {}\n", folder.string(),
          fetched == 0 ? "complete already" : fmt::format("{} of 4 files fetched", fetched));
  }
  return exit_ok;
}

nlohmann::json to_json(const FileCheck& check) {
  return {{"name", check.name},       {"path", check.path.string()},
          {"sha256", check.sha256},   {"expected", check.expected},
          {"problem", check.problem}, {"ok", check.problem.empty()}};
}

int verify(const Common& common) {
  const std::filesystem::path folder = common.data_folder();
  bool ok = true;
  auto files = nlohmann::json::array();
  for (const FileCheck& check : verify_mnist(folder)) {
    ok = ok && check.problem.empty();
    files.push_back(to_json(check));
    if (common.json) continue;
    print("{}: {}\n", check.path.empty() ? (folder / check.name).string() : check.path.string(),
          check.problem.empty() ? "OK" : check.problem);
  }
  if (common.json) {
    const nlohmann::json result{{"folder", folder.string()}, {"ok", ok}, {"files", files}};
    print_json(result, 2);
  }
  if (!ok && !common.quiet) {
    print_stderr("Get MNIST with: scrawl data fetch --data {}\n", folder.string());
  }
  return ok ? exit_ok : exit_failed;
}

/// What `scrawl data info` tells about one part.
struct Summary {
  std::string_view name;
  std::size_t count = 0;
  bool labeled = true;
  std::array<std::size_t, digit_count> digits{};  ///< how many images of each
  double mean = 0;                                ///< of pixels / 255
  double std = 0;
  std::string sha256{};
};

Summary summarize(std::string_view name, const Images& images) {
  Sha256 sum_of_bytes;  // as digest() has it
  sum_of_bytes.update(std::as_bytes(std::span(images.pixels)));
  sum_of_bytes.update(std::as_bytes(std::span(images.labels)));
  Summary summary{.name = name, .count = images.size(), .labeled = !images.labels.empty()};
  summary.sha256 = sum_of_bytes.hex();
  for (const std::uint8_t label : images.labels) ++summary.digits[label];
  std::array<std::size_t, 256> histogram{};  // whole numbers: the sums below are exact
  for (const std::uint8_t pixel : images.pixels) ++histogram[pixel];
  double sum = 0;
  double squares = 0;
  for (std::size_t value = 0; value < histogram.size(); ++value) {
    sum += static_cast<double>(histogram[value] * value);
    squares += static_cast<double>(histogram[value] * value * value);
  }
  const auto pixels = static_cast<double>(images.pixels.size());
  const double mean = sum / pixels;
  summary.mean = mean / 255;
  summary.std = std::sqrt(squares / pixels - mean * mean) / 255;
  return summary;
}

nlohmann::json to_json(const Summary& summary) {
  return {{"images", summary.count},
          {"digits", summary.labeled ? nlohmann::json(summary.digits) : nullptr},
          {"mean", summary.mean},
          {"std", summary.std},
          {"sha256", summary.sha256}};
}

void print_as_json(const std::filesystem::path& folder, const std::vector<Summary>& parts) {
  nlohmann::json result{{"folder", folder.string()}};
  for (const Summary& part : parts) result[std::string(part.name)] = to_json(part);
  print_json(result, 2);
}

void print_table(const std::filesystem::path& folder, const std::vector<Summary>& parts) {
  print("{}\n\n", folder.string());
  print("part   images    mean     std  images of digit 0 to 9\n");
  for (const Summary& part : parts) {
    print("{:<5} {:>7}  {:.4f}  {:.4f}", part.name, part.count, part.mean, part.std);
    if (!part.labeled) print("  no labels: scrawl predict reads them");
    for (const std::size_t count : part.digits)
      if (part.labeled) print(" {:>5}", count);
    print("\n");
  }
  print("\nMean and std are of pixels / 255. SHA-256 of images and labels:\n");
  for (const Summary& part : parts) print("{:<5} {}\n", part.name, part.sha256);
}

/// The parts that there are, and what to call them. Pictures by digit may be without a part, which
/// are all of both, or of one part alone.
std::vector<std::pair<std::string_view, Part>> parts_of(const std::filesystem::path& folder) {
  const bool train = has_pictures_by_digit(folder / "train");
  const bool test = has_pictures_by_digit(folder / "test");
  const bool unsplit = has_pictures_by_digit(folder);
  if (unsplit && !train && !test) return {{"all", Part::train}};
  if (train && !test && !unsplit) return {{"train", Part::train}};
  if (test && !train && !unsplit) return {{"test", Part::test}};
  if (!train && !test && !unsplit && !is_split(folder)) {
    if (!std::filesystem::is_directory(folder)) return {{"all", Part::test}};
    if (look_for_source(folder, Part::test).images.empty()) return {{"train", Part::train}};
    if (look_for_source(folder, Part::train).images.empty()) return {{"test", Part::test}};
  }
  return {{"train", Part::train}, {"test", Part::test}};
}

int info(const std::filesystem::path& sheet, const Common& common) {
  const std::filesystem::path folder = common.data_folder();
  refuse_standard_output(sheet, "--out");
  require_png_name(sheet, "--out");
  refuse_own_data(sheet, "--out", folder);
  std::vector<Summary> parts;
  std::string samples;
  for (const auto& [name, part] : parts_of(folder)) {
    Common said = common;  // what is odd about one part is so about the other
    said.quiet = common.quiet || !parts.empty();
    const Images images = load_named_images(said, part, 0);
    parts.push_back(summarize(name, images));
    if (parts.size() > 1) continue;
    samples = text_of_samples(images);
    if (!sheet.empty()) sheet_of_samples(images).write(sheet);
  }
  if (common.json) {
    print_as_json(folder, parts);
    return exit_ok;
  }
  print_table(folder, parts);
  print("\n{}", Own{samples});
  if (!sheet.empty() && !common.quiet)
    print_stderr("{}: samples of {}\n", sheet.string(), parts.front().name);
  return exit_ok;
}

void add_info(CLI::App& data, Common& common, int& exit_code) {
  const auto sheet = std::make_shared<std::filesystem::path>();
  CLI::App* command = add_command(
      data, "info", "Describe a data set: images, digits, mean and std of pixels; samples",
      "  scrawl data info --data /usr/share/datasets/fashion-mnist\n"
      "  scrawl data info --data emnist/gzip --transpose -o samples.png",
      common, exit_code, [sheet, &common] { return info(*sheet, common); });
  add_data_options(*command, common);
  command->add_option("-o,--out", *sheet,
                      "A PNG file for a sheet of samples, a row for each digit");
}

void add_subcommand(CLI::App& data, const char* name, const char* description, const char* example,
                    Common& common, int& exit_code, int (*body)(const Common&)) {
  CLI::App* command = add_command(data, name, description, example, common, exit_code,
                                  [&common, body] { return body(common); });
  add_data_option(*command, common);
}

}  // namespace

void add_data(CLI::App& app, Common& common, int& exit_code) {
  CLI::App* data = app.add_subcommand("data", "Get, check and describe a data set");
  data->require_subcommand(1);
  data->footer("\nExample:\n  scrawl data fetch");
  add_subcommand(*data, "fetch", "Download MNIST, or what is missing of it, and check it",
                 "  scrawl data fetch --data ~/mnist", common, exit_code, fetch);
  add_subcommand(*data, "verify", "Compare MNIST's files with their SHA-256 sums",
                 "  scrawl data verify       four times OK, or what is wrong and exit code 1",
                 common, exit_code, verify);
  add_info(*data, common, exit_code);
  add_preview(*data, common, exit_code);
}

}  // namespace scrawl::cli
