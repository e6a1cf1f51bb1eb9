// Training of networks that are dense layers and ReLUs alone, by plain SGD: the fastest way for
// them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/kernels.hpp"
#include "network_training/dense_step.hpp"
#include "network_training/sparse_input.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"

namespace scrawl {

/// A step has three parts, in each of which every task writes to places of its own, so that a step
/// gives the same bits however many workers there are: the first layer's outputs (where it is
/// sparse); rows of the batch through all other layers, forward and back; and slices of the
/// weights, whose gradient is summed over the whole batch. T is the type of activations and of
/// gradients between layers.
template <typename T>
class DenseTraining {
 public:
  DenseTraining(const Architecture& architecture, const Normalization& normalization,
                const PlanOptions& options, const TrainingState& state, Workers& workers);

  LossSum gradient(const Batch& batch, std::span<const std::uint8_t* const> next);
  void update(const Sgd& sgd);
  TrainingState state() const;
  std::span<const float> logits() const { return {logits_.data(), rows_ * digit_count}; }

 private:
  struct SliceTask {
    std::size_t layer;
    std::size_t slice;
  };

  void add_first(std::size_t outputs, bool relu, const Normalization& normalization);
  void add_layers(const Architecture& architecture, const Normalization& normalization);
  bool is_sparse(std::size_t layer) const { return layer == 0 && !first_.empty(); }
  const float* weight(std::size_t layer) const { return state_.weights[2 * layer].values.data(); }
  const float* bias(std::size_t layer) const { return state_.weights[2 * layer + 1].values.data(); }
  LossSum rows_task(std::size_t worker, std::size_t begin, const Batch& batch);
  void load(std::size_t begin, const Batch& batch);
  void forward_first(std::size_t part, std::size_t begin, const Batch& batch);
  void forward(std::size_t worker, std::size_t begin);
  void backward(std::size_t worker, std::size_t begin);
  void slice_task(std::size_t worker, const SliceTask& task, Sgd sgd);
  void update_first(std::size_t part, std::size_t slice, Sgd sgd);
  void add_slice_tasks();
  void update_tensor(std::size_t tensor, std::size_t begin, std::span<const float> gradient,
                     Sgd sgd);

  TrainingState state_;  // but for the first layer's weights where that is sparse
  Workers& workers_;
  Team* team_;  // which has nothing to do but to stop together; null: there is none
  std::size_t updates_ = 0;
  Normalization normalization_;
  std::size_t capacity_;  // rows, a multiple of chunk; those beyond the batch have no gradient
  std::size_t rows_ = 0;  // of the last batch
  std::vector<SparseInput> first_;  // side by side instead of layers_[0], where the CPU can
  std::vector<DenseStep<T>> layers_;
  std::vector<AlignedVector<T>> inputs_;            // of each layer: (capacity, layer inputs)
  std::vector<AlignedVector<T>> output_gradients_;  // of each layer: (capacity, layer outputs)
  AlignedVector<float> logits_;                     // (capacity, 10)
  std::vector<LossSum> sums_;                       // one for each chunk
  std::vector<SliceTask> slice_tasks_;
};

}  // namespace scrawl
