#include "recognition/recognizer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "network/inference_plan.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/read_picture.hpp"

namespace scrawl {

namespace {

void check(const ReadOptions& options) {
  if (options.digits > max_read_digits) {
    throw std::invalid_argument("read: " + std::to_string(options.digits) +
                                " digits are asked for, expected at most " +
                                std::to_string(max_read_digits));
  }
  if (options.layout == Layout::one && options.digits > 1) {
    throw std::invalid_argument("read: layout one is one digit, " + std::to_string(options.digits) +
                                " digits are asked for; leave one of them out");
  }
  if (!(options.min_confidence >= 0 && options.min_confidence <= 1)) {
    throw std::invalid_argument("read: min_confidence is " +
                                std::to_string(options.min_confidence) + ", expected 0 to 1");
  }
}

}  // namespace

struct Recognizer::Compiled {
  Compiled(const Model& model, const Model& reader, Precision precision)
      : one(model, 1, precision == Precision::f32 ? DataType::f32 : fastest_type(model)),
        page_reader(reader, precision) {}

  InferencePlan one;  // for a single glyph
  PageReader page_reader;
};

Recognizer::Recognizer(const Model& model, const Model& page_reader, Precision precision)
    : compiled_(std::make_shared<const Compiled>(model, page_reader, precision)) {}

Probabilities Recognizer::classify(GlyphView glyph) const {
  std::array<float, digit_count> logits;
  compiled_->one.run(glyph, logits);
  return softmax(logits);
}

// A plan for many glyphs at once would gain nothing: the built-in model takes 72 us a glyph one
// by one, and 70 to 71 in rows of 4 to 128.
std::vector<Probabilities> Recognizer::classify(std::span<const std::uint8_t> glyphs) const {
  if (glyphs.size() % glyph_pixels != 0) {
    throw std::invalid_argument("classify: " + std::to_string(glyphs.size()) +
                                " bytes of glyphs, expected a multiple of 784");
  }
  std::vector<Probabilities> answers;
  answers.reserve(glyphs.size() / glyph_pixels);
  for (; !glyphs.empty(); glyphs = glyphs.subspan(glyph_pixels))
    answers.push_back(classify(GlyphView(glyphs.first<glyph_pixels>())));
  return answers;
}

Reading Recognizer::read(const Picture& picture, const ReadOptions& options) const {
  check(options);
  const Classify classifier = [this](GlyphView glyph) { return classify(glyph); };
  return read_picture(picture, options, compiled_->page_reader, classifier);
}

}  // namespace scrawl
