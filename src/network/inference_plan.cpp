#include "network/inference_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "network/forward_pass_pool.hpp"
#include "network/inference_stages.hpp"
#include "network/one_thread.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

struct InferencePlan::Compiled {
  Compiled(const Model& model, std::size_t most, DataType type)
      : stages(make_stages(model, most, model.architecture.input, type)),
        rows(most),
        passes(stages, most, glyph_pixels, type != DataType::f32 && has_native_bf16(),
               model.normalization) {}

  std::vector<Stage> stages;
  std::size_t rows;
  ForwardPassPool passes;
};

DataType fastest_type(const Model& model) {
  if (has_native_int8() && !model.activation_ranges.empty()) return DataType::u8;
  return has_native_bf16() ? DataType::bf16 : DataType::f32;
}

InferencePlan::InferencePlan(const Model& model, std::size_t rows, DataType type) {
  check_model(model);
  check_classifier(model.architecture);
  compiled_ = std::make_unique<Compiled>(model, rows, type);
}

InferencePlan::~InferencePlan() = default;
InferencePlan::InferencePlan(InferencePlan&&) noexcept = default;
InferencePlan& InferencePlan::operator=(InferencePlan&&) noexcept = default;

std::size_t InferencePlan::rows() const {
  return compiled_->rows;
}

void InferencePlan::run(std::span<const std::uint8_t> glyphs, std::span<float> logits) const {
  const std::size_t count = glyphs.size() / glyph_pixels;
  if (count == 0 || count > rows() || glyphs.size() != count * glyph_pixels ||
      logits.size() != count * digit_count) {
    throw std::invalid_argument("InferencePlan: glyphs or logits of the wrong size");
  }
  const OneThread one_thread;
  compiled_->passes.run(
      glyphs, [&](const void* last) { std::memcpy(logits.data(), last, logits.size_bytes()); });
  if (!std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); })) {
    throw Error("model: its logits are not finite: the weights are too large");
  }
}

}  // namespace scrawl
