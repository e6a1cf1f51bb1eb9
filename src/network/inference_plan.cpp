#include "network/inference_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "network/inference_stages.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

/// A network in one precision.
template <typename T>
class Inference {
 public:
  Inference(const Model& model, std::size_t rows)
      : stages_(make_stages<T>(model, rows)),
        rows_(rows),
        scale_(1.0F / (255.0F * model.normalisation.deviation)),
        shift_(-model.normalisation.mean / model.normalisation.deviation) {
    give_back(make_workspace());
  }

  std::size_t rows() const { return rows_; }

  void run(std::span<const std::uint8_t> glyphs, std::span<float> logits) {
    std::unique_ptr<Workspace> workspace = borrow();
    if (workspace == nullptr) workspace = make_workspace();
    // Rows beyond those of `glyphs` hold what they held before; nobody looks at what becomes of
    // them.
    normalise(glyphs, scale_, shift_, workspace->in.data());
    for (StageRun<T>& stage : workspace->stages) {
      std::visit([&](auto& run) { run(workspace->in.data(), workspace->out.data()); }, stage);
      std::swap(workspace->in, workspace->out);
    }
    const auto* last = reinterpret_cast<const float*>(workspace->in.data());
    std::copy_n(last, logits.size(), logits.begin());
    give_back(std::move(workspace));
  }

 private:
  /// The working memory of one call.
  struct Workspace {
    std::vector<StageRun<T>> stages;
    AlignedVector<T> in;  // of the stage to come: (rows, largest size of any stage)
    AlignedVector<T> out;
  };

  std::unique_ptr<Workspace> make_workspace() const {
    auto workspace = std::make_unique<Workspace>();
    std::size_t largest = glyph_pixels;
    for (const Stage<T>& stage : stages_) {
      workspace->stages.push_back(start(stage));
      largest = std::max(largest, out_size(stage));
    }
    largest = std::max(largest, digit_count * sizeof(float) / sizeof(T));
    workspace->in.resize(rows_ * largest);
    workspace->out.resize(rows_ * largest);
    return workspace;
  }

  std::unique_ptr<Workspace> borrow() {
    const std::scoped_lock guard(lock_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Workspace> workspace = std::move(idle_.back());
    idle_.pop_back();
    return workspace;
  }

  void give_back(std::unique_ptr<Workspace> workspace) {
    const std::scoped_lock guard(lock_);
    idle_.push_back(std::move(workspace));
  }

  std::vector<Stage<T>> stages_;
  std::size_t rows_;
  float scale_;  // a pixel at the network's input is pixel * scale_ + shift_
  float shift_;
  std::mutex lock_;
  std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace

struct InferencePlan::Compiled {
  std::variant<std::unique_ptr<Inference<float>>, std::unique_ptr<Inference<Bf16>>> inference;
};

InferencePlan::InferencePlan(const Model& model, std::size_t rows, bool bf16)
    : compiled_(std::make_unique<Compiled>()) {
  check_weights(model);
  if (bf16) {
    compiled_->inference = std::make_unique<Inference<Bf16>>(model, rows);
  } else {
    compiled_->inference = std::make_unique<Inference<float>>(model, rows);
  }
}

InferencePlan::~InferencePlan() = default;
InferencePlan::InferencePlan(InferencePlan&&) noexcept = default;
InferencePlan& InferencePlan::operator=(InferencePlan&&) noexcept = default;

std::size_t InferencePlan::rows() const {
  return std::visit([](const auto& inference) { return inference->rows(); }, compiled_->inference);
}

void InferencePlan::run(std::span<const std::uint8_t> glyphs, std::span<float> logits) const {
  const std::size_t count = glyphs.size() / glyph_pixels;
  if (count == 0 || count > rows() || glyphs.size() != count * glyph_pixels ||
      logits.size() != count * digit_count) {
    throw std::invalid_argument("InferencePlan: glyphs or logits of the wrong size");
  }
  const onednn::OneThread one_thread;
  std::visit([&](auto& inference) { inference->run(glyphs, logits); }, compiled_->inference);
  if (!std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); })) {
    throw Error("model: its logits are not finite: the weights are too large");
  }
}

}  // namespace scrawl
