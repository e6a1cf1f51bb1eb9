#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>

#include <scrawl/recognizer.hpp>

#include "network/inference_plan.hpp"

namespace scrawl {

namespace {

Probabilities softmax(const std::array<float, digit_count>& logits) {
  const float largest = *std::ranges::max_element(logits);
  Probabilities probabilities;
  float total = 0;
  for (std::size_t i = 0; i < digit_count; ++i) {
    probabilities[i] = std::exp(logits[i] - largest);
    total += probabilities[i];
  }
  for (float& probability : probabilities) probability /= total;
  return probabilities;
}

Digit to_digit(const Probabilities& probabilities, const Box& box) {
  const auto* const best = std::ranges::max_element(probabilities);
  return {static_cast<int>(best - probabilities.begin()), *best, box, probabilities};
}

}  // namespace

struct Recognizer::Compiled {
  explicit Compiled(const Model& model) : one(model, 1, fastest_type(model)) {}

  InferencePlan one;  // for a single glyph
};

Recognizer::Recognizer() : Recognizer(default_model()) {}

Recognizer::Recognizer(const Model& model) : compiled_(std::make_unique<Compiled>(model)) {}

Recognizer::~Recognizer() = default;
Recognizer::Recognizer(Recognizer&&) noexcept = default;
Recognizer& Recognizer::operator=(Recognizer&&) noexcept = default;

Probabilities Recognizer::classify(GlyphView glyph) const {
  std::array<float, digit_count> logits;
  compiled_->one.run(glyph, logits);
  return softmax(logits);
}

Reading Recognizer::read(const Picture& picture) const {
  Reading reading;
  const std::optional<FoundGlyph> found = find_glyph(picture);
  if (!found) return reading;
  reading.digits.push_back(to_digit(classify(found->glyph), found->box));
  for (const Digit& digit : reading.digits) reading.text += static_cast<char>('0' + digit.digit);
  reading.confidence = std::ranges::min(reading.digits, {}, &Digit::confidence).confidence;
  return reading;
}

}  // namespace scrawl
