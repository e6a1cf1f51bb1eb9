// How exactly made-up scans of a form are registered, and how its fields are read: what is expected
// known, and not. With --out, also writes the scans.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "decoding/write_png.hpp"
#include "forms/read_form.hpp"
#include "made_form.hpp"
#include "recognition/recognizer.hpp"

namespace {

using namespace scrawl;

struct Arguments {
  int scans = 100;
  int first = 0;
  std::filesystem::path data = default_data_folder();
  std::filesystem::path out;
};

struct Tally {
  int fields = 0;
  int right = 0;
  int sure = 0;
  int sure_and_false = 0;     // what is in the table is not what was written
  int unlike = 0;             // scans that were refused
  std::vector<float> errors;  // pixels of the scan, at the worst corner
  double seconds = 0;
};

std::string digits_in(const std::string& text) {
  std::string digits;
  for (const char c : text)
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

float worst_corner(const Affine& a, const Affine& b, const Picture& page) {
  float worst = 0;
  const auto width = static_cast<float>(page.width);
  const auto height = static_cast<float>(page.height);
  for (const PagePoint corner :
       {PagePoint{0, 0}, PagePoint{width, 0}, PagePoint{0, height}, PagePoint{width, height}})
    worst = std::max(worst, std::hypot(a(corner).x - b(corner).x, a(corner).y - b(corner).y));
  return worst;
}

void count(const std::string& name, const FieldReading& field, const std::string& answer,
           const std::string& where, Tally& tally) {
  const bool is_right = digits_in(field.text) == answer;
  const bool is_sure = field.state == FieldState::sure || field.state == FieldState::blank;
  ++tally.fields;
  tally.right += is_right ? 1 : 0;
  tally.sure += is_sure ? 1 : 0;
  tally.sure_and_false += is_sure && !is_right ? 1 : 0;
  if (!is_right)
    fmt::print(stderr, "{} {}: {} is read as {} ({}, {:.3f}) {}\n", where, name, answer, field.text,
               to_string(field.state), field.confidence, field.reason);
}

Tally read_scans(const Form& form, const Dataset& dataset, const Arguments& arguments) {
  const Picture blank = draw_blank_form();
  const FormReader reader(form, blank);
  const Recognizer recognizer;
  const auto read = [&](const Picture& picture, const ReadOptions& options) {
    return recognizer.read(picture, options);
  };
  // What was written is what the form as it is made expects.
  const Form made = parse_form(made_form_json(""), "made");
  Tally tally;
  for (int i = 0; i < arguments.scans; ++i) {
    const auto seed = static_cast<std::uint64_t>(arguments.first + i);
    std::vector<std::string> answers = made_answers(made, seed);
    answers[seed % answers.size()] = "";  // one is left blank
    const MadeScan scan =
        scan_page(fill_in(blank, made, answers, dataset, seed), random_scan(seed));
    if (!arguments.out.empty())
      write_png(scan.picture, arguments.out / fmt::format("scan {}.png", seed));
    const auto start = std::chrono::steady_clock::now();
    try {
      const FormReading reading = reader.read(scan.picture, read);
      tally.errors.push_back(worst_corner(reading.registration->to_scan, scan.to_scan, blank));
      for (std::size_t f = 0; f < answers.size(); ++f)
        count(form.fields[f].name, reading.fields[f], answers[f], fmt::format("scan {}", seed),
              tally);
    } catch (const Error& error) {
      fmt::print(stderr, "scan {}: {}\n", seed, error.what());
      ++tally.unlike;
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    tally.seconds += seconds.count();
  }
  std::ranges::sort(tally.errors);
  return tally;
}

void print_tally(const std::string& name, const Tally& tally, const Arguments& arguments) {
  const auto percent = [&](int part) { return 100.0 * part / std::max(1, tally.fields); };
  fmt::print("{:24} {:6.2f} % right, {:6.2f} % sure or blank, {:5.2f} % so and false\n", name,
             percent(tally.right), percent(tally.sure), percent(tally.sure_and_false));
  if (tally.errors.empty()) return;
  fmt::print(
      "{:24} off by {:.2f} pixels at the worst corner (median), {:.2f} at most; {} scans "
      "refused; {:.0f} ms a scan\n",
      "", tally.errors[tally.errors.size() / 2], tally.errors.back(), tally.unlike,
      1000 * tally.seconds / arguments.scans);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Reads made-up scans of a form");
  app.add_option("--scans", arguments.scans, "How many [100]");
  app.add_option("--first", arguments.first, "The first scan's seed [0]");
  app.add_option("--data", arguments.data, "MNIST's folder");
  app.add_option("--out", arguments.out, "Where to write the scans");
  CLI11_PARSE(app, argc, argv);
  const Dataset dataset = load_dataset(arguments.data, Part::test);
  if (!arguments.out.empty()) std::filesystem::create_directories(arguments.out);
  Form form = parse_form(made_form_json("blank.png"), "made");
  print_tally("with what is expected", read_scans(form, dataset, arguments), arguments);
  for (Field& field : form.fields) {  // so many digits are, nothing else
    field.expected.range.reset();
    field.expected.date.reset();
    field.expected.check = CheckDigit::none;
  }
  print_tally("so many digits alone", read_scans(form, dataset, arguments), arguments);
}
