// How far the confidences of digits that are found on pages can be trusted: of made-up pages, with
// those of MNIST's training images that no page reader was trained on, how many digits of each
// confidence are right. Fits what read_page.cpp calibrates by on half of the pages, from the
// confidences as they are now: weights of 1, 1 and 0 are those that change nothing. The tables are
// of the other half.
//
//     page_calibration_bench --pages 4000
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "network/random.hpp"
#include "network_training/workers.hpp"
#include "pages/fonts.hpp"
#include "pages/glyph_bank.hpp"
#include "pages/page.hpp"
#include "recognition/recognizer.hpp"
#include "training/batches.hpp"

namespace {

using namespace scrawl;

/// A digit that was read.
struct Answer {
  double confidence = 0;
  bool correct = false;
};

Rectangle to_rectangle(const Box& box) {
  const auto left = static_cast<float>(box.x);
  const auto top = static_cast<float>(box.y);
  return {left, top, left + static_cast<float>(box.width), top + static_cast<float>(box.height)};
}

/// Of a page: each digit that was read and is not where nothing can be said.
std::vector<Answer> answers_of(const pages::Page& page, const Recognizer& recognizer) {
  const Picture picture{page.picture.width, page.picture.height, 1, page.picture.pixels};
  std::vector<Answer> answers;
  for (const Digit& digit : recognizer.read(picture).digits) {
    const Rectangle box = to_rectangle(digit.box);
    const auto holds = [&](const Rectangle& area) {
      return intersection(box, area).area() > 0.4F * std::min(box.area(), area.area());
    };
    if (std::ranges::any_of(page.ignored, holds)) continue;
    const bool correct = std::ranges::any_of(page.marks, [&](const pages::Mark& mark) {
      return static_cast<int>(mark.symbol) == digit.digit && holds(mark.box);
    });
    answers.push_back({digit.confidence, correct});
  }
  return answers;
}

/// Beta calibration (Kull et al. 2017): the logistic function of a ln(c) - b ln(1 - c) + d.
struct Fit {
  std::array<double, 3> weights{1, 1, 0};

  static std::array<double, 3> features(double confidence) {
    const double c = std::clamp(confidence, 1e-6, 1 - 1e-6);
    return {std::log(c), -std::log(1 - c), 1};
  }
  double operator()(double confidence) const {
    const auto x = features(confidence);
    return 1 / (1 + std::exp(-(weights[0] * x[0] + weights[1] * x[1] + weights[2] * x[2])));
  }
};

/// Solves rows of (3 coefficients, what they add up to), by Gauss and Jordan.
std::array<double, 3> solve(std::array<std::array<double, 4>, 3> rows) {
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      if (j == i) continue;
      const double factor = rows[j][i] / rows[i][i];
      for (std::size_t k = i; k < 4; ++k) rows[j][k] -= factor * rows[i][k];
    }
  }
  return {rows[0][3] / rows[0][0], rows[1][3] / rows[1][1], rows[2][3] / rows[2][2]};
}

/// Logistic regression by Newton's method.
Fit fit(const std::vector<Answer>& answers) {
  Fit found;
  for (int step = 0; step < 30; ++step) {
    std::array<std::array<double, 4>, 3> rows{};
    for (std::size_t i = 0; i < 3; ++i) rows[i][i] = 1e-6;
    for (const Answer& answer : answers) {
      const auto x = Fit::features(answer.confidence);
      const double p = found(answer.confidence);
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) rows[i][j] += p * (1 - p) * x[i] * x[j];
        rows[i][3] += (p - (answer.correct ? 1 : 0)) * x[i];
      }
    }
    const std::array<double, 3> change = solve(rows);
    for (std::size_t i = 0; i < 3; ++i) found.weights[i] -= change[i];
  }
  return found;
}

/// Prints the table; returns the expected calibration error (Naeini et al. 2015).
double report(const std::vector<Answer>& answers, const Fit& by) {
  struct Bin {
    double count = 0, sum = 0, correct = 0;
  };
  std::array<Bin, 10> bins{};
  for (const Answer& answer : answers) {
    const double p = by(answer.confidence);
    Bin& bin = bins[static_cast<std::size_t>(std::min(9.0, p * 10))];
    bin.count += 1;
    bin.sum += p;
    bin.correct += answer.correct ? 1 : 0;
  }
  double error = 0;
  for (const Bin& bin : bins) {
    if (bin.count == 0) continue;
    fmt::print("  {:8.0f} digits of {:5.1f} %: {:5.1f} % right\n", bin.count,
               100 * bin.sum / bin.count, 100 * bin.correct / bin.count);
    error += std::abs(bin.sum - bin.correct) / static_cast<double>(answers.size());
  }
  fmt::print("  calibration error {:.2f} %\n", 100 * error);
  return error;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 4000;
  std::string data;
  CLI::App app("How far confidences on pages can be trusted");
  app.add_option("--pages", count, "Made-up pages [4000]");
  app.add_option("--data", data, "MNIST's folder");
  CLI11_PARSE(app, argc, argv);
  const Dataset dataset =
      load_dataset(data.empty() ? default_data_folder() : std::filesystem::path(data), Part::train);
  const std::vector<std::uint32_t> unseen = split(dataset.size(), 10'000, 1).validation;
  std::vector<std::string> problems;
  const pages::GlyphBank bank(dataset, unseen,
                              pages::load_fonts(pages::find_fonts().found, problems));
  const Recognizer recognizer;
  std::vector<std::vector<Answer>> by_page(count);
  Workers workers(2);
  workers.run(count, [&](std::size_t i, std::size_t) {
    Random random({77, i});
    pages::PageOptions options;
    const int side = 96 << random.below(4);
    options.width = static_cast<int>(static_cast<float>(side) * (1 + 2 * random.uniform()));
    options.height = side;
    options.min_digit_height = 10;
    options.max_digit_height = 0.6F * static_cast<float>(side);
    by_page[i] = answers_of(make_page(bank, options, random), recognizer);
  });
  std::vector<Answer> halves[2];
  for (std::size_t i = 0; i < count; ++i)
    halves[i % 2].insert(halves[i % 2].end(), by_page[i].begin(), by_page[i].end());
  const Fit fitted = fit(halves[0]);
  fmt::print("as they are\n");
  report(halves[1], {});
  fmt::print("with weights {:.3f}\n", fmt::join(fitted.weights, ", "));
  report(halves[1], fitted);
}
