#include "training/evaluate.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <scrawl/error.hpp>

#include "network/inference_plan.hpp"
#include "network/kernels.hpp"
#include "network/onednn.hpp"

namespace scrawl {

namespace {

constexpr std::size_t rows = 64;  // glyphs at once: a task for one worker

/// What one task finds out about its glyphs.
struct Answers {
  double loss = 0;
  std::array<std::uint8_t, rows> digits{};
};

Answers evaluate_rows(const InferencePlan& plan, const Dataset& dataset, std::size_t begin,
                      std::size_t count) {
  std::array<float, rows * digit_count> buffer;
  std::array<float, rows * digit_count> gradient;  // not looked at
  const std::span<float> logits(buffer.data(), count * digit_count);
  plan.run(std::span(dataset.images).subspan(begin * glyph_pixels, count * glyph_pixels), logits);
  Answers found;
  found.loss =
      softmax_cross_entropy(logits.data(), {std::span(dataset.labels).subspan(begin, count)}, 1.0F,
                            gradient.data())
          .loss;
  for (std::size_t row = 0; row < count; ++row) {
    const float* first = logits.data() + row * digit_count;
    found.digits[row] =
        static_cast<std::uint8_t>(std::max_element(first, first + digit_count) - first);
  }
  return found;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

bool uses_bf16(Precision precision) {
  return precision == Precision::bf16 ||
         (precision == Precision::automatic && onednn::has_native_bf16());
}

Evaluation evaluate(const Model& model, const Dataset& dataset, bool bf16, Workers& workers) {
  if (dataset.size() == 0) throw Error("evaluation: the data set is empty");
  const InferencePlan plan(model, rows, bf16);
  const auto start = std::chrono::steady_clock::now();
  std::vector<Answers> parts((dataset.size() + rows - 1) / rows);
  workers.run(parts.size(), [&](std::size_t task, std::size_t) {
    const std::size_t begin = task * rows;
    parts[task] = evaluate_rows(plan, dataset, begin, std::min(rows, dataset.size() - begin));
  });

  Evaluation evaluation;
  evaluation.images = dataset.size();
  for (const Answers& part : parts) evaluation.score.loss += part.loss;
  std::size_t right = 0;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const std::size_t answer = parts[i / rows].digits[i % rows];
    ++evaluation.confusion[dataset.labels[i]][answer];
    right += answer == dataset.labels[i] ? 1 : 0;
  }
  const auto images = static_cast<double>(dataset.size());
  const double accuracy = static_cast<double>(right) / images;
  evaluation.score.loss /= images;
  evaluation.score.accuracy = accuracy;
  evaluation.standard_error = std::sqrt(accuracy * (1 - accuracy) / images);
  evaluation.seconds = seconds_since(start);
  return evaluation;
}

Evaluation evaluate(const Model& model, const Dataset& dataset, Precision precision, int threads) {
  Workers workers(threads);
  return evaluate(model, dataset, uses_bf16(precision), workers);
}

}  // namespace scrawl
