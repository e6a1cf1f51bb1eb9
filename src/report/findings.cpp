#include "report/findings.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "training/evaluate.hpp"

namespace scrawl::report {

namespace {

/// SHA-256 of MNIST's test images and labels, as digest() gives it.
constexpr std::string_view mnist_test_digest =
    "c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b";

std::optional<double> fraction(std::size_t part, std::size_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::array<DigitFacts, digit_count> digit_facts(const Evaluation& evaluation) {
  std::array<DigitFacts, digit_count> facts;
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    std::size_t answered = 0;
    for (std::size_t other = 0; other < digit_count; ++other) {
      facts[digit].images += evaluation.confusion[digit][other];
      answered += evaluation.confusion[other][digit];
    }
    const std::size_t correct = evaluation.confusion[digit][digit];
    facts[digit].recall = fraction(correct, facts[digit].images);
    facts[digit].precision = fraction(correct, answered);
  }
  return facts;
}

/// The answer is that of the logits, as evaluate() takes it.
std::vector<Mistake> find_mistakes(const std::vector<float>& logits, const Dataset& test) {
  const std::vector<Probabilities> probabilities = to_probabilities(logits);
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < test.size(); ++i) {
    const auto own = std::span(logits).subspan(i * digit_count, digit_count);
    const auto answer = static_cast<std::size_t>(std::ranges::max_element(own) - own.begin());
    if (answer != test.labels[i]) {
      mistakes.push_back({i, test.labels[i], answer, probabilities[i]});
    }
  }
  std::ranges::stable_sort(mistakes, [](const Mistake& a, const Mistake& b) {
    return a.probabilities[a.answer] > b.probabilities[b.answer];
  });
  return mistakes;
}

std::string to_text(const Shape& shape) {
  return shape.pixels() == 1
             ? fmt::format("{}", shape.channels)
             : fmt::format("{} × {} × {}", shape.channels, shape.height, shape.width);
}

std::vector<LayerFacts> layer_facts(const Model& model) {
  std::vector<LayerFacts> layers;
  for (const PlacedLayer& placed : place_layers(model.architecture)) {
    std::size_t weights = 0;
    for (std::size_t i = 0; i < placed.tensors; ++i) {
      const Tensor& tensor = model.weights[placed.tensor + i];
      if (!is_statistic(tensor)) weights += element_count(tensor);
    }
    layers.push_back(
        {to_string(placed.layer), to_text(placed.out), weights, operation_count(placed)});
  }
  return layers;
}

}  // namespace

Findings find(const Model& model, const Dataset& test, const ReportOptions& options) {
  check_model(model);
  const EvaluatedLogits result =
      evaluate_logits({&model, 1}, test, options.precision, options.threads);
  Findings findings;
  findings.evaluation = result.evaluation;
  findings.computed_in = name_of(inference_type(options.precision, model));
  findings.digits = digit_facts(result.evaluation);
  findings.mistakes = find_mistakes(result.logits, test);
  findings.layers = layer_facts(model);
  findings.file_bytes = format_safetensors(to_safetensors(model)).size();
  findings.history = options.history.empty() ? training_history(model) : options.history;
  findings.test_digest = digest(test);
  findings.mnist = findings.test_digest == mnist_test_digest;
  return findings;
}

}  // namespace scrawl::report
