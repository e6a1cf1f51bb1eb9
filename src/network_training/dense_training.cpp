#include "network_training/dense_training.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <variant>
#include <vector>

#include <scrawl/glyph.hpp>

#include "network/aligned.hpp"

namespace scrawl {

namespace {

/// Rows that one task takes through the network: enough for oneDNN to run at full rate, few enough
/// to make several tasks of a batch of 128.
constexpr std::size_t chunk = SparseInput::chunk;

void prefetch(const std::uint8_t* glyph) {
  for (std::size_t at = 0; at < glyph_pixels; at += cache_line) __builtin_prefetch(glyph + at);
}

/// The rows of fc1.weight, (outputs, 784), that one part of the first layer has.
std::span<float> part_of(Tensor& weight, std::size_t part) {
  constexpr std::size_t size = SparseInput::outputs * glyph_pixels;
  return std::span(weight.values).subspan(part * size, size);
}

}  // namespace

template <typename T>
DenseTraining<T>::DenseTraining(const Architecture& architecture,
                                const Normalization& normalization, const PlanOptions& options,
                                const TrainingState& state, Workers& workers)
    : state_(state),
      workers_(workers),
      team_(options.team),
      normalization_(normalization),
      capacity_((options.batch + chunk - 1) / chunk * chunk),
      logits_(capacity_ * digit_count),
      sums_(capacity_ / chunk) {
  add_layers(architecture, normalization);
  add_slice_tasks();
}

/// Tasks of one part of the first layer stand together, so that they fall to one worker, and each
/// part is followed by its share of the other layers' tasks.
template <typename T>
void DenseTraining<T>::add_slice_tasks() {
  std::vector<SliceTask> others;
  for (std::size_t layer = first_.empty() ? 0 : 1; layer < layers_.size(); ++layer) {
    for (std::size_t slice = 0; slice < layers_[layer].slices(); ++slice)
      others.push_back({layer, slice});
  }
  const std::size_t parts = std::max<std::size_t>(1, first_.size());
  for (std::size_t part = 0; part < parts; ++part) {
    for (std::size_t slice = 0; slice < first_.size() / parts * SparseInput::slices; ++slice) {
      slice_tasks_.push_back({0, part * SparseInput::slices + slice});
    }
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (i * parts / others.size() == part) slice_tasks_.push_back(others[i]);
    }
  }
}

template <typename T>
void DenseTraining<T>::add_layers(const Architecture& architecture,
                                  const Normalization& normalization) {
  std::size_t inputs = glyph_pixels;
  const auto& layers = architecture.layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto* dense = std::get_if<Dense>(&layers[i]);
    if (dense == nullptr) continue;  // a ReLU, done with the dense layer before it
    const bool last = i + 1 == layers.size();
    const bool relu = !last && std::holds_alternative<Relu>(layers[i + 1]);
    if (type_of<T> == DataType::bf16 && i == 0 && !last && SparseInput::supports(dense->outputs)) {
      add_first(dense->outputs, relu, normalization);
    }
    // A sparse layer does the work of the dense one, which then only says how large it is.
    const bool sparse = is_sparse(layers_.size());
    layers_.emplace_back(inputs, dense->outputs, relu, last, chunk, capacity_,
                         sparse ? 0 : workers_.size());
    if (!sparse) layers_.back().refresh(weight(layers_.size() - 1), 0, dense->outputs);
    inputs_.emplace_back(sparse ? 0 : capacity_ * inputs);
    output_gradients_.emplace_back(capacity_ * dense->outputs);
    inputs = dense->outputs;
  }
}

template <typename T>
void DenseTraining<T>::add_first(std::size_t outputs, bool relu,
                                 const Normalization& normalization) {
  for (std::size_t part = 0; part < outputs / SparseInput::outputs; ++part) {
    first_.emplace_back(relu, normalization, capacity_);
    first_.back().load(part_of(state_.weights[0], part), part_of(state_.velocity[0], part));
  }
}

template <typename T>
TrainingState DenseTraining<T>::state() const {
  TrainingState state = state_;
  for (std::size_t part = 0; part < first_.size(); ++part) {
    first_[part].store(part_of(state.weights[0], part), part_of(state.velocity[0], part));
  }
  return state;
}

template <typename T>
LossSum DenseTraining<T>::gradient(const Batch& batch, std::span<const std::uint8_t* const> next) {
  rows_ = batch.labels.size();
  if (rows_ == 0 || rows_ > capacity_ || batch.images.size() != rows_) {
    throw std::invalid_argument("TrainingPlan: a batch of the wrong size");
  }
  const std::size_t chunks = capacity_ / chunk;
  if (!first_.empty()) {
    workers_.run(first_.size() * chunks, [&](std::size_t task, std::size_t) {
      forward_first(task / chunks, task % chunks * chunk, batch);
    });
  }
  workers_.run(chunks, [&](std::size_t task, std::size_t worker) {
    sums_[task] = rows_task(worker, task * chunk, batch);
    const std::size_t end = std::min(next.size(), (task + 1) * chunk);
    for (std::size_t row = task * chunk; row < end; ++row) prefetch(next[row]);
  });
  LossSum sum;
  for (const LossSum& part : sums_) sum += part;
  return sum;
}

/// The weights' gradient is summed over the batch as each slice of them is updated. Each process of
/// a team does all of it: a step takes no longer than to share it out.
template <typename T>
void DenseTraining<T>::update(const Sgd& sgd) {
  constexpr std::size_t updates_between_words = 16;  // some 5 milliseconds
  if (team_ != nullptr && ++updates_ % updates_between_words == 0) team_->gather({});
  workers_.run(slice_tasks_.size(), [&](std::size_t task, std::size_t worker) {
    slice_task(worker, slice_tasks_[task], sgd);
  });
}

template <typename T>
LossSum DenseTraining<T>::rows_task(std::size_t worker, std::size_t begin, const Batch& batch) {
  if (first_.empty()) load(begin, batch);
  forward(worker, begin);
  // Rows beyond the end of a smaller last batch get a gradient of zero, and so change nothing.
  const std::size_t rows = std::min(chunk, rows_ - std::min(rows_, begin));
  T* gradient = output_gradients_.back().data() + begin * digit_count;
  std::fill_n(gradient + rows * digit_count, (chunk - rows) * digit_count, T{});
  const LossSum sum = softmax_cross_entropy(logits_.data() + begin * digit_count,
                                            {batch.labels.subspan(std::min(begin, rows_), rows)},
                                            1.0F / static_cast<float>(rows_), gradient);
  backward(worker, begin);
  return sum;
}

template <typename T>
void DenseTraining<T>::load(std::size_t begin, const Batch& batch) {
  for (std::size_t row = begin; row < begin + chunk; ++row) {
    T* to = inputs_[0].data() + row * glyph_pixels;
    if (row < rows_) {
      normalize({batch.images[row], glyph_pixels}, normalization_, to);
    } else {
      std::fill_n(to, glyph_pixels, T{});
    }
  }
}

/// One part of the first layer's outputs, of one chunk of rows.
template <typename T>
void DenseTraining<T>::forward_first(std::size_t part, std::size_t begin, const Batch& batch) {
  if constexpr (type_of<T> == DataType::bf16) {
    const std::size_t width = layers_[0].outputs();
    const std::size_t column = part * SparseInput::outputs;
    first_[part].forward(begin, batch.images, bias(0) + column,
                         inputs_[1].data() + begin * width + column, width);
  }
}

/// The layers, but for the first where that has been done.
template <typename T>
void DenseTraining<T>::forward(std::size_t worker, std::size_t begin) {
  for (std::size_t i = first_.empty() ? 0 : 1; i < layers_.size(); ++i) {
    DenseStep<T>& layer = layers_[i];
    void* out = i + 1 == layers_.size() ? static_cast<void*>(logits_.data() + begin * digit_count)
                                        : inputs_[i + 1].data() + begin * layer.outputs();
    layer.forward(worker, inputs_[i].data() + begin * layer.inputs(), weight(i), bias(i), out);
  }
}

template <typename T>
void DenseTraining<T>::backward(std::size_t worker, std::size_t begin) {
  for (std::size_t i = layers_.size(); i-- > 1;) {
    DenseStep<T>& layer = layers_[i];
    T* to = output_gradients_[i - 1].data() + begin * layer.inputs();
    layer.backward(worker, output_gradients_[i].data() + begin * layer.outputs(), weight(i), to);
    if (layers_[i - 1].relu()) {
      mask_relu({to, chunk * layer.inputs()}, inputs_[i].data() + begin * layer.inputs());
    }
  }
  if constexpr (type_of<T> == DataType::bf16) {
    const std::size_t width = layers_[0].outputs();
    for (std::size_t part = 0; part < first_.size(); ++part) {
      const T* gradient = output_gradients_[0].data() + begin * width + part * SparseInput::outputs;
      first_[part].set_gradient(begin, gradient, width);
    }
  }
}

template <typename T>
void DenseTraining<T>::slice_task(std::size_t worker, const SliceTask& task, Sgd sgd) {
  if (is_sparse(task.layer)) {
    return update_first(task.slice / SparseInput::slices, task.slice % SparseInput::slices, sgd);
  }
  DenseStep<T>& layer = layers_[task.layer];
  const auto gradient = layer.slice_gradient(worker, task.slice, inputs_[task.layer].data(),
                                             output_gradients_[task.layer].data());
  const std::size_t begin = layer.slice_begin(task.slice);
  update_tensor(2 * task.layer, begin * layer.inputs(), gradient.weight, sgd);
  update_tensor(2 * task.layer + 1, begin, gradient.bias, sgd);
  layer.refresh(weight(task.layer), begin, layer.slice_end(task.slice));
}

template <typename T>
void DenseTraining<T>::update_first(std::size_t part, std::size_t slice, Sgd sgd) {
  first_[part].update(slice, sgd);
  if (slice != 0) return;
  std::array<float, SparseInput::outputs> gradient;
  first_[part].bias_gradient(gradient.data());
  update_tensor(1, part * SparseInput::outputs, gradient, sgd);
}

/// Updates gradient.size() values of a tensor from `begin` on.
template <typename T>
void DenseTraining<T>::update_tensor(std::size_t tensor, std::size_t begin,
                                     std::span<const float> gradient, Sgd sgd) {
  scrawl::update({state_.weights[tensor].values.data() + begin, gradient.size()},
                 state_.velocity[tensor].values.data() + begin, gradient.data(), sgd);
}

template class DenseTraining<float>;
template class DenseTraining<Bf16>;

}  // namespace scrawl
