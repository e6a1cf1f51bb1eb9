// How far the confidences of digits that are found on pages can be trusted: of made-up pages, with
// those of MNIST's training images that no page reader was trained on, how many digits of each
// confidence are right. Fits the knots of recognition/calibration.cpp on half of the pages, from
// the confidences as they are now: for new ones calibrate() has to give back what it gets. The
// tables are of the other half.
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

#include <scrawl/model.hpp>

#include "network_training/workers.hpp"
#include "recognition/detection.hpp"
#include "recognition/recognizer.hpp"
#include "unseen_pages.hpp"

namespace {

using namespace scrawl;

/// A digit that was read.
struct Answer {
  double confidence = 0;
  bool correct = false;
};

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

/// From confidence to the share that is right, piecewise linear between knots, from 0 to 1.
struct Fit {
  std::vector<double> confidence{0, 1};
  std::vector<double> right{0, 1};

  double operator()(double c) const {
    const auto above = std::ranges::upper_bound(confidence, std::clamp(c, 0.0, 1 - 1e-9));
    const auto i = static_cast<std::size_t>(above - confidence.begin());
    const double part = (c - confidence[i - 1]) / (confidence[i] - confidence[i - 1]);
    return right[i - 1] + part * (right[i] - right[i - 1]);
  }
};

/// A knot for each sixteenth of the answers, in the order of their confidence; never falling.
Fit fit(std::vector<Answer> answers) {
  constexpr std::size_t parts = 16;
  std::ranges::sort(answers, {}, &Answer::confidence);
  Fit found{{0}, {0}};
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t begin = answers.size() * part / parts;
    const std::size_t end = answers.size() * (part + 1) / parts;
    Answer sum;
    double correct = 0;
    for (std::size_t i = begin; i < end; ++i) {
      sum.confidence += answers[i].confidence;
      correct += answers[i].correct ? 1 : 0;
    }
    const auto count = static_cast<double>(end - begin);
    found.confidence.push_back(sum.confidence / count);
    found.right.push_back(std::max(found.right.back(), correct / count));
  }
  found.confidence.push_back(1);
  found.right.push_back(1);
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
  std::string reader;
  CLI::App app("How far confidences on pages can be trusted");
  app.add_option("--pages", count, "Made-up pages [4000]");
  app.add_option("--data", data, "MNIST's folder");
  app.add_option("--page-reader", reader, "A model [the built-in one]");
  CLI11_PARSE(app, argc, argv);
  const pages::GlyphBank bank = unseen_digits(data);
  const Recognizer recognizer(default_model(),
                              reader.empty() ? default_page_reader() : load_model(reader));
  std::vector<std::vector<Answer>> by_page(count);
  Workers workers(2);
  workers.run(count, [&](std::size_t i, std::size_t) {
    by_page[i] = answers_of(make_unseen_page(bank, 77, i, 10), recognizer);
  });
  std::vector<Answer> halves[2];
  for (std::size_t i = 0; i < count; ++i)
    halves[i % 2].insert(halves[i % 2].end(), by_page[i].begin(), by_page[i].end());
  const Fit fitted = fit(halves[0]);
  fmt::print("as they are\n");
  report(halves[1], {});
  fmt::print("with knots\n  confidence {:.4f}\n  right      {:.4f}\n",
             fmt::join(fitted.confidence, "F, "), fmt::join(fitted.right, "F, "));
  report(halves[1], fitted);
}
