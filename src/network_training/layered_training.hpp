// Training of any network, layer by layer.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/kernels.hpp"
#include "network_training/placed_steps.hpp"
#include "network_training/team.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"

namespace scrawl {

/// A step has three parts: chunks, each of which one task takes through all layers, forward, loss,
/// and back, to a gradient of its own; slices of the learned numbers, for which the chunks'
/// gradients are summed, and then applied; and layers, which make copies of their weights as the
/// next step multiplies with them. The first is gradient(), the others are update(). T is the type
/// of activations and of gradients between layers.
///
/// In a team, each process takes its share of the chunks, and all update the same weights by the
/// same sums, which are in the order of the chunks as they would be in one process.
template <typename T>
class LayeredTraining {
 public:
  LayeredTraining(const Architecture& architecture, const Normalization& normalization,
                  const PlanOptions& options, const TrainingState& state, Workers& workers);

  LossSum gradient(const Batch& batch, std::span<const std::uint8_t* const> next);
  DetectionSum gradient(const PageBatch& batch);
  void update(const Optimizer& optimizer);
  TrainingState state() const;
  Share own_rows(std::size_t rows) const;
  std::span<const float> logits() const { return {logits_.data(), rows_ * digit_count}; }

 private:
  /// A worker's memory for one chunk.
  struct Workspace {
    std::vector<AlignedVector<T>> inputs;  // of each layer: (chunk, in size)
    AlignedVector<T> output;               // of the last, where it is no dense one: (chunk, size)
    AlignedVector<T> gradient;             // of what a layer gives: (chunk, largest size)
    AlignedVector<T> in_gradient;          // of what it takes
    /// Of what residual sums add, by the step whose input it is, while it waits for that step;
    /// others: empty. As large as gradient.
    std::vector<AlignedVector<T>> waiting;
    std::vector<AlignedVector<T>> spare;  // memory for the next to wait; the last is warmest
    AlignedVector<float> maps;            // of one image: (height, width, channels)
    AlignedVector<float> maps_gradient;   // the same
  };

  void add_slices();
  void add_workspaces();
  template <typename AnyBatch>
  auto take_chunks(const AnyBatch& batch);
  template <typename AnyBatch>
  auto chunk_task(std::size_t index, std::size_t worker, const AnyBatch& batch);
  void load(std::span<const std::uint8_t* const> images, T* to) const;
  DetectionCounts count(std::span<const DetectionTargets> targets) const;
  LossSum take_loss(const Chunk& chunk, const Batch& batch, Workspace& workspace);
  DetectionSum take_loss(const Chunk& chunk, const PageBatch& batch, Workspace& workspace);
  T* last_output(const Chunk& chunk, Workspace& workspace);
  void forward(const Chunk& chunk, Workspace& workspace);
  void backward(const Chunk& chunk, Workspace& workspace);
  void backward_step(std::size_t index, const Chunk& chunk, Workspace& workspace);
  void let_wait(std::size_t source, std::size_t values, Workspace& workspace);
  void apply(const Sgd& sgd);
  void apply(const AdamW& adam);
  void sum_slices(float decay, const std::function<void(std::size_t)>& use);
  void sum_slice(const WeightRange& slice, float decay);
  void add_to_piece(std::size_t piece, float decay, bool is_first);
  void update_statistics(const WeightRange& slice, float ema_decay);
  Share own_chunks(std::size_t chunks) const;
  float* ema_of(const WeightRange& slice) {
    return options_.weight_ema ? weight_ema_.data() + slice.offset : nullptr;
  }
  void refresh(std::size_t layer);

  Architecture architecture_;
  PlanOptions options_;
  Workers& workers_;
  Normalization normalization_;
  Chunking chunking_;
  bool is_classifier_;
  std::size_t rows_ = 0;  // of the last batch
  Share own_;             // of its chunks: those of this process
  std::vector<PlacedStep<T>> steps_;
  std::vector<WeightRange> slices_;
  std::vector<Share> piece_slices_;              // what a team sums at once
  std::vector<std::span<float>> pieces_;         // the same, of gradient_
  std::vector<std::size_t> copying_;             // which steps copy their weights after each step
  AlignedVector<float> weights_;                 // (numbers of all layers); so are the next four
  AlignedVector<float> velocity_;                // AdamW's first moment
  AlignedVector<float> squares_;                 // AdamW's second one; empty where not asked for
  AlignedVector<float> weight_ema_;              // empty where not asked for
  AlignedVector<float> gradient_;                // (numbers of all layers): the chunks' sum
  std::vector<AlignedVector<float>> gradients_;  // of each own chunk: (numbers of all layers)
  std::vector<const float*> used_gradients_;     // of those that the last batch has
  std::vector<Workspace> workspaces_;            // one for each worker
  AlignedVector<float> logits_;                  // (chunks * images of a chunk, 10)
  DetectionCounts counts_;                       // of the last batch
};

}  // namespace scrawl
