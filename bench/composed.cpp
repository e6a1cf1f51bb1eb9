// How many composed numbers are read correctly, by kind of paper. With --out, also writes the
// pictures and their labels.csv, as a folder to look at.
#include "composed.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <string>

#include <scrawl/dataset.hpp>

#include "decoding/write_png.hpp"
#include "files/files.hpp"
#include "recognition/recognizer.hpp"

namespace {

using namespace scrawl;

std::string without_space(const std::string& text) {
  std::string digits;
  for (const char c : text)
    if (c != ' ' && c != '\n') digits += c;
  return digits;
}

struct Arguments {
  int pictures = 200;
  int first = 0;
  std::filesystem::path data = default_data_folder();
  std::filesystem::path out;
  std::filesystem::path model;
  std::string page_reader;
  std::string paper;
  std::string kind;
};

struct Tally {
  int correct = 0;  // digits
  int layout = 0;   // and spaces and lines too
};

/// Composes, reads, and writes what was misread (or all, to a folder).
Tally read_kind(const Recognizer& recognizer, const Dataset& dataset, const Composition& c,
                const std::string& name, const Arguments& arguments, std::string& labels) {
  Tally tally;
  for (int i = 0; i < arguments.pictures; ++i) {
    const ComposedPicture composed = compose(dataset, c, arguments.first + i);
    const Reading reading = recognizer.read(composed.picture);
    const bool correct = without_space(reading.text) == without_space(composed.text);
    tally.correct += correct ? 1 : 0;
    tally.layout += reading.text == composed.text ? 1 : 0;
    const std::string file = fmt::format("{} {}.png", name, i);
    if (!correct) fmt::print(stderr, "{}: {} read as {}\n", file, composed.text, reading.text);
    if (arguments.out.empty()) continue;
    write_png(composed.picture, arguments.out / file);
    if (!correct) write_png(explain(composed.picture, reading), arguments.out / ("wrong " + file));
    std::string label;
    for (const char letter : composed.text)
      label += letter == '\n' ? "\\n" : std::string(1, letter);
    labels += fmt::format("{},{},{}\n", file, label, c.lines == 1 ? "line" : "lines");
  }
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Reads numbers composed of MNIST's test digits");
  app.add_option("--pictures", arguments.pictures, "Of each kind [200]");
  app.add_option("--first", arguments.first, "The first picture's seed [0]");
  app.add_option("--data", arguments.data, "MNIST's folder");
  app.add_option("--out", arguments.out,
                 "Where to write the pictures, and those misread explained");
  app.add_option("--model", arguments.model, "Instead of the built-in one");
  app.add_option("--page-reader", arguments.page_reader, "Instead of the built-in one");
  app.add_option("--paper", arguments.paper, "Only this one, as in ruled or thin");
  app.add_option("--kind", arguments.kind, "Only apart, touching, spaced or lines");
  CLI11_PARSE(app, argc, argv);
  const Dataset dataset = load_dataset(arguments.data, Part::test);
  const Recognizer recognizer(
      arguments.model.empty() ? default_model() : load_model(arguments.model),
      arguments.page_reader.empty() ? default_page_reader() : load_model(arguments.page_reader));
  if (!arguments.out.empty()) std::filesystem::create_directories(arguments.out);
  std::string labels = "file,label,kind\n";
  fmt::print("{:12} {:>22} {:>22} {:>22} {:>22}\n", "paper", "apart", "a pair touching",
             "two numbers", "three lines");
  for (const Paper paper : all_papers) {
    if (!arguments.paper.empty() && arguments.paper != to_string(paper)) continue;
    fmt::print("{:12}", to_string(paper));
    const std::pair<const char*, Composition> kinds[] = {
        {"apart", {.paper = paper}},
        {"touching", {.paper = paper, .touching = true}},
        {"spaced", {.paper = paper, .spaced = true}},
        {"lines", {.paper = paper, .min_digits = 4, .max_digits = 7, .lines = 3}}};
    for (const auto& [name, composition] : kinds) {
      if (!arguments.kind.empty() && arguments.kind != name) {
        fmt::print(" {:>24}", "-");
        continue;
      }
      const Tally tally =
          read_kind(recognizer, dataset, composition, fmt::format("{} {}", to_string(paper), name),
                    arguments, labels);
      const double percent = 100.0 / arguments.pictures;
      fmt::print(" {:>6.1f} % ({:>5.1f} % spaced)", percent * tally.correct,
                 percent * tally.layout);
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
  if (!arguments.out.empty())
    write_file(arguments.out / "labels.csv", std::as_bytes(std::span(labels)));
}
