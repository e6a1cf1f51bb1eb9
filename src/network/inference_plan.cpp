#include "network/inference_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "network/forward_pass.hpp"
#include "network/inference_stages.hpp"
#include "network/mutex.hpp"
#include "network/one_thread.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

struct InferencePlan::Compiled {
  Compiled(const Model& model, std::size_t most, DataType type)
      : stages(make_stages(model, most, model.architecture.input, type)),
        rows(most),
        in_bf16(type != DataType::f32 && has_native_bf16()),
        normalization(model.normalization) {
    give_back(make_pass());
  }

  std::unique_ptr<ForwardPass> make_pass() const {
    return std::make_unique<ForwardPass>(stages, rows, glyph_pixels);
  }

  std::unique_ptr<ForwardPass> borrow() {
    const Lock lock(mutex);
    if (idle.empty()) return nullptr;
    std::unique_ptr<ForwardPass> pass = std::move(idle.back());
    idle.pop_back();
    return pass;
  }

  void give_back(std::unique_ptr<ForwardPass> pass) {
    const Lock lock(mutex);
    idle.push_back(std::move(pass));
  }

  void run(std::span<const std::uint8_t> glyphs, std::span<float> logits) {
    std::unique_ptr<ForwardPass> pass = borrow();
    if (pass == nullptr) pass = make_pass();
    // Rows beyond those of `glyphs` hold what they held before; nobody looks at what becomes of
    // them.
    void* first = pass->input();
    in_bf16 ? normalize(glyphs, normalization, static_cast<Bf16*>(first))
            : normalize(glyphs, normalization, static_cast<float*>(first));
    std::memcpy(logits.data(), pass->run(), logits.size_bytes());
    give_back(std::move(pass));
  }

  std::vector<Stage> stages;
  std::size_t rows;
  bool in_bf16;  // rather than f32
  Normalization normalization;
  Mutex mutex;
  std::vector<std::unique_ptr<ForwardPass>> idle;
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
  compiled_->run(glyphs, logits);
  if (!std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); })) {
    throw Error("model: its logits are not finite: the weights are too large");
  }
}

}  // namespace scrawl
