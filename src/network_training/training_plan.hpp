// A model compiled for training: one step from a batch of pictures to better weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/kernels.hpp"
#include "network_training/detection_loss.hpp"
#include "network_training/detection_targets.hpp"
#include "network_training/renormalization.hpp"
#include "network_training/team.hpp"
#include "network_training/workers.hpp"

namespace scrawl {

/// The numbers that a training changes, in the order of weight_shapes(architecture).
struct TrainingState {
  std::vector<Tensor> weights;
  std::vector<Tensor> velocity;      ///< of the same shapes; AdamW's first moment
  std::vector<Tensor> weight_ema;    ///< moving average of the weights; empty where not asked for
  std::vector<Tensor> squares = {};  ///< AdamW's second moment; empty where not asked for
};

/// Which steps a plan can take.
enum class Steps {
  any,    ///< with all of Batch and Sgd
  plain,  ///< images and labels, rate and momentum alone: networks of dense layers are trained 1.3
          ///< times (f32) to 1.6 times (bf16) as fast so, by bench/training_step.cpp
};

/// What a plan is compiled for.
struct PlanOptions {
  std::size_t batch = 0;    ///< images, at most
  bool bf16 = false;        ///< multiplies in bfloat16 (see has_native_bf16)
  bool weight_ema = false;  ///< keeps a moving average of the weights: state.weight_ema
  bool squares = false;     ///< keeps what AdamW needs: state.squares
  std::uint64_t seed = 0;   ///< of dropout
  Steps steps = Steps::any;
  Team* team = nullptr;  ///< that shares the batches out; outlives the plan; null: nobody else
};

/// Labeled glyphs, owned by somebody else.
struct Batch {
  std::span<const std::uint8_t* const> images;  ///< (size) pointers to 784 bytes
  std::span<const std::uint8_t> labels;         ///< (size)
  /// (size, 10) probabilities to be learned in place of the labels; empty: the labels.
  std::span<const float> targets = {};
  /// Each label's probability is 1 - smoothing (and smoothing / 10 more), each other's
  /// smoothing / 10 (Szegedy et al. 2016). Not for targets.
  float smoothing = 0;
  std::uint64_t number = 0;  ///< of the step in the training: with the seed, what dropout drops
};

/// Pictures of the size of a page reader's input, and what is to be found in them. A process of a
/// team looks at those of its own_rows() alone.
struct PageBatch {
  std::span<const std::uint8_t* const> images;  ///< (size) pointers to (height, width) bytes
  std::span<const DetectionTargets> targets;    ///< (size)
  std::uint64_t number = 0;                     ///< as Batch's
  Renormalization renormalization = {};
};

/// A step has two halves: the gradient of a batch's loss, and the update of the weights by it.
/// Not to be used by two threads at once; it shares its work out to `workers`. The same steps give
/// the same bits however many workers there are, and however many processes a team that sums in
/// order has.
class TrainingPlan {
 public:
  /// Starts from a copy of `state`. `workers` outlives the plan. Throws Error when oneDNN cannot.
  TrainingPlan(const Architecture& architecture, const Normalization& normalization,
               const PlanOptions& options, const TrainingState& state, Workers& workers);
  ~TrainingPlan();
  TrainingPlan(const TrainingPlan&) = delete;
  TrainingPlan& operator=(const TrainingPlan&) = delete;

  /// Takes the gradient of the loss, averaged over a batch of 1 to `batch` glyphs, for a network
  /// that gives ten logits; returns the loss. `next` (may be empty) is fetched into the cache
  /// meanwhile. Throws std::invalid_argument when the batch does not fit, or asks for more than
  /// plain steps of a plan that takes no others.
  LossSum gradient(const Batch& batch, std::span<const std::uint8_t* const> next = {});

  /// The same of pictures, for a network that gives DetectionChannels::count maps.
  DetectionSum gradient(const PageBatch& batch);

  /// Updates the weights by the last gradient. Throws std::invalid_argument when the plan was not
  /// made for that optimizer.
  void update(const Optimizer& optimizer);

  /// Both.
  LossSum step(const Batch& batch, const Optimizer& optimizer,
               std::span<const std::uint8_t* const> next = {}) {
    const LossSum sum = gradient(batch, next);
    update(optimizer);
    return sum;
  }

  /// What the steps have made of the state. (The plan keeps its weights as they are multiplied
  /// fastest, which need not be as PyTorch names and shapes them.)
  TrainingState state() const;

  /// Which images of a batch of so many this process looks at; the pointers to others may point
  /// anywhere. All of them where there is no team, or the plan, which is one of dense layers and
  /// plain steps, has nothing to share out: each process then takes the whole step.
  Share own_rows(std::size_t rows) const;

  /// The last gradient's logits (batch, 10), of a network that gives them; set for own_rows().
  std::span<const float> logits() const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace scrawl
