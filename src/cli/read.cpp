// scrawl read
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/recognizer.hpp>

#include "cli/cli.hpp"
#include "cli/terminal.hpp"
#include "picture/write_png.hpp"

namespace scrawl::cli {

namespace {

struct ReadArguments {
  std::vector<std::string> files;
  std::filesystem::path model;  // empty: the one in the box
  std::size_t top = 0;
  bool one = false;
  bool line = false;
  std::filesystem::path explanation;
  ReadOptions options;
};

nlohmann::json to_json(const Digit& digit) {
  return {{"digit", digit.digit},
          {"confidence", digit.confidence},
          {"box",
           {{"x", digit.box.x},
            {"y", digit.box.y},
            {"width", digit.box.width},
            {"height", digit.box.height}}},
          {"probabilities", digit.probabilities}};
}

nlohmann::json to_json(const std::string& file, const Reading& reading) {
  nlohmann::json digits = nlohmann::json::array();
  for (const Digit& digit : reading.digits) digits.push_back(to_json(digit));
  return {{"file", file},
          {"text", reading.text},
          {"confidence", reading.confidence},
          {"digits", digits}};
}

/// "7 98.1 %, 1 1.2 %, 9 0.3 %"
std::string most_probable(const Digit& digit, std::size_t count) {
  std::array<std::size_t, digit_count> order;
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, std::greater(), [&](std::size_t i) { return digit.probabilities[i]; });
  std::string text;
  for (std::size_t i = 0; i < std::min(count, digit_count); ++i) {
    text += fmt::format("{}{} {:.2f} %", i == 0 ? "" : ", ", order[i],
                        100 * digit.probabilities[order[i]]);
  }
  return text;
}

void print_text(const std::string& prefix, const Reading& reading, std::size_t top) {
  if (top == 0) {
    fmt::print("{}{}\n", prefix, reading.text);
    return;
  }
  for (const Digit& digit : reading.digits) {
    fmt::print("{}{}\n", prefix, most_probable(digit, top));
  }
}

/// Prints what one picture says; false when nothing could be read.
bool read_one(const Recognizer& recognizer, const std::string& file, const ReadArguments& arguments,
              const Common& common) {
  Reading reading;
  try {
    const Picture picture = load_picture(file);
    reading = recognizer.read(picture, arguments.options);
    if (!arguments.explanation.empty()) write_png(explain(picture, reading), arguments.explanation);
  } catch (const Error& error) {
    if (common.json) fmt::print("{}\n", dump({{"file", file}, {"error", error.what()}}));
    say("scrawl: {}\n", printable(error.what()));
    return false;
  }
  if (common.json) {
    fmt::print("{}\n", dump(to_json(file, reading)));
  } else if (!reading.digits.empty()) {
    print_text(arguments.files.size() > 1 ? file + ": " : "", reading, arguments.top);
  }
  if (reading.digits.empty() && !common.quiet) {
    fmt::print(stderr,
               "scrawl: {}: no digit found: there is no ink that stands out from the paper\n",
               file == "-" ? "standard input" : file);
  }
  return !reading.digits.empty();
}

int run_read(ReadArguments arguments, const Common& common) {
  if (arguments.one) arguments.options.layout = Layout::one;
  if (arguments.line) arguments.options.layout = Layout::line;
  if (!arguments.model.empty() && !std::filesystem::exists(arguments.model)) {
    throw Error(
        fmt::format("{}: no such model; train one with `scrawl train`, or leave --model out",
                    arguments.model.string()));
  }
  const Recognizer recognizer(arguments.model.empty() ? default_model()
                                                      : load_model(arguments.model));
  bool all_read = true;
  for (const std::string& file : arguments.files) {
    all_read = read_one(recognizer, file, arguments, common) && all_read;
  }
  return all_read ? exit_ok : exit_failed;
}

}  // namespace

void add_read(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ReadArguments>();
  CLI::App* command =
      add_command(app, "read", "Reads the digit in each picture",
                  "  scrawl read 7.png\n"
                  "  scrawl read --top 3 photo.jpg\n"
                  "  cat 7.png | scrawl read --json -",
                  common, exit_code, [arguments, &common] { return run_read(*arguments, common); });
  command
      ->add_option("files", arguments->files,
                   "Pictures: PNG, JPEG, TIFF, BMP, GIF, WebP, PNM; - is standard input")
      ->required();
  command->add_option("--model", arguments->model, "The model to read with [the one in the box]");
  command->add_option("--top", arguments->top, "Print the N most probable digits")
      ->check(CLI::Range(0, 10));
  command->add_option("--explain", arguments->explanation, "Draw what was found into a PNG file");
  command->add_flag("--one", arguments->one, "Each picture is one digit");
  command->add_flag("--line", arguments->line, "Each picture is one line");
  command->add_option("--digits", arguments->options.digits, "Each picture has N digits")->check(CLI::Range(1, 1000));
  command->add_option("--min-confidence", arguments->options.min_confidence, "Print ? for digits below P")->check(CLI::Range(0.0, 1.0));
}

}  // namespace scrawl::cli
