// A model compiled for training: one step from a batch of glyphs to better weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/kernels.hpp"
#include "network/workers.hpp"

namespace scrawl {

/// The numbers that a training changes.
struct TrainingState {
  std::vector<Tensor> weights;   ///< in the order of weight_shapes(architecture)
  std::vector<Tensor> velocity;  ///< of the same shapes
};

/// Labelled glyphs, owned by somebody else.
struct Batch {
  std::span<const std::uint8_t* const> images;  ///< (size) pointers to 784 bytes
  std::span<const std::uint8_t> labels;         ///< (size)
};

/// A step has two halves. In the first, each task takes some rows of the batch through all layers,
/// forward and back; in the second, each takes some outputs of one layer, sums their gradient over
/// the whole batch and updates their weights. So a step has two meeting points for the workers,
/// however many layers there are, and gives the same bits however many workers.
class TrainingPlan {
 public:
  /// Compiles for batches of up to `batch` images, starting from a copy of `state`. `workers`
  /// outlives the plan; `bf16` multiplies in bfloat16 (see onednn::has_native_bf16). Throws Error
  /// when oneDNN cannot.
  TrainingPlan(const Architecture& architecture, const Normalisation& normalisation,
               std::size_t batch, bool bf16, const TrainingState& state, Workers& workers);
  ~TrainingPlan();
  TrainingPlan(const TrainingPlan&) = delete;
  TrainingPlan& operator=(const TrainingPlan&) = delete;

  /// Trains on one batch of 1 to `batch` images, averaging the gradient over them; returns the loss
  /// before the update. `next` (may be empty) is fetched into the cache meanwhile.
  LossSum step(const Batch& batch, Sgd sgd, std::span<const std::uint8_t* const> next = {});

  /// What the steps have made of the state. (The plan keeps its weights as they are multiplied
  /// fastest, which need not be as PyTorch names and shapes them.)
  TrainingState state() const;

  /// The last step's logits (batch, 10).
  std::span<const float> logits() const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace scrawl
