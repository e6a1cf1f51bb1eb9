#include "network/layered_training.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <variant>
#include <vector>

#include "network/overloaded.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

/// Numbers that one task updates: enough to be worth a task, few enough to share out evenly.
constexpr std::size_t slice_size = 16384;

template <typename Step>
constexpr bool has_weights = requires(const Step& step) {
  step.ranges();
};

template <typename Step>
constexpr bool has_copy = requires(Step& step) {
  step.refresh(nullptr);
};

template <typename Step>
constexpr bool has_statistics = requires(Step& step) {
  step.update_statistics({}, nullptr);
};

}  // namespace

template <typename T>
LayeredTraining<T>::LayeredTraining(const Architecture& architecture,
                                    const Normalization& normalization, const PlanOptions& options,
                                    const TrainingState& state, Workers& workers)
    : architecture_(architecture),
      options_(options),
      workers_(workers),
      normalization_(normalization),
      chunks_((options.batch + chunk_images - 1) / chunk_images),
      workspaces_(workers.size()),
      logits_(chunks_ * chunk_images * digit_count),
      sums_(chunks_) {
  check_classifier(architecture);
  add_layers(architecture);
  add_workspaces();
  add_slices();
  weights_.resize(size_);
  velocity_.resize(size_);
  gradient_.resize(size_);
  gradients_.assign(chunks_, AlignedVector<float>(size_));
  import(state.weights, weights_);
  import(state.velocity, velocity_);
  if (options.weight_ema) {
    weight_ema_.resize(size_);
    import(state.weight_ema.empty() ? state.weights : state.weight_ema, weight_ema_);
  }
  for (const std::size_t layer : copying_) refresh(layer);
}

template <typename T>
void LayeredTraining<T>::add_layers(const Architecture& architecture) {
  const std::vector<PlacedLayer> placed = place_layers(architecture);
  place_of_layer_.resize(placed.size());
  std::size_t channels = architecture.input.channels;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const std::size_t own = i;
    place_of_layer_[own] = places_.size();
    const bool is_alone = own + 1 == placed.size() || is_residual_source(placed, own + 1);
    const bool pooled =
        places_.empty() && !is_alone && FusedConvMaxPoolStep<T>::fits(placed[own], placed[own + 1]);
    const bool relu = !is_alone && std::holds_alternative<Relu>(placed[own + 1].layer);
    const std::size_t in_size = channels * placed[own].in.pixels();
    if (pooled) {
      append_pooled(placed[own], placed[++i]);
      channels = placed[own].out.channels;
    } else {
      const Added added = append_layer(placed, own, relu, channels);
      channels = added.channels;
      if (relu && added.takes_relu) ++i;
    }
    Place& place = places_.back();
    place.in_size = in_size;
    place.out_size = channels * placed[i].out.pixels();
    place.tensor = placed[own].tensor;
    place.tensors = placed[own].tensors;
  }
}

template <typename T>
void LayeredTraining<T>::add_workspaces() {
  std::size_t largest = 0;
  for (const Place& place : places_) largest = std::max({largest, place.in_size, place.out_size});
  for (Workspace& workspace : workspaces_) {
    for (const Place& place : places_) workspace.inputs.emplace_back(chunk_images * place.in_size);
    workspace.gradient.resize(chunk_images * largest);
    workspace.in_gradient.resize(chunk_images * largest);
    workspace.residual_gradients.resize(places_.size());
    for (const Place& place : places_) {
      const auto* residual = std::get_if<ResidualStep<T>>(&place.step);
      if (residual == nullptr) continue;
      workspace.residual_gradients[residual->source()].resize(chunk_images * place.in_size);
    }
  }
}

/// Adds a step, and notes what is to be done for it.
template <typename T>
void LayeredTraining<T>::append(LayerStep<T> step) {
  places_.push_back({std::move(step), 0, 0, 0, 0});
  std::visit(
      [&]<typename Step>(const Step& added) {
        if constexpr (has_weights<Step>) {
          for (const Range& range : added.ranges())
            size_ = std::max(size_, range.offset + range.size);
        }
        if constexpr (has_copy<Step>) copying_.push_back(places_.size() - 1);
        if constexpr (has_statistics<Step>) norms_.push_back(places_.size() - 1);
      },
      places_.back().step);
  size_ = (size_ + 15) / 16 * 16;
}

template <typename T>
void LayeredTraining<T>::append_pooled(const PlacedLayer& convolution, const PlacedLayer& pool) {
  append(FusedConvMaxPoolStep<T>(convolution, pool, size_, workers_.size()));
}

/// Adds the step of layers[index].
template <typename T>
typename LayeredTraining<T>::Added LayeredTraining<T>::append_layer(
    std::span<const PlacedLayer> layers, std::size_t index, bool relu, std::size_t in_channels) {
  const PlacedLayer& placed = layers[index];
  const bool first = places_.empty();
  const bool last = index + 1 == layers.size();
  const std::size_t workers = workers_.size();
  const std::size_t values = chunk_images * placed.in.pixels() * in_channels;
  return std::visit(
      Overloaded{[&](const Conv&) -> Added {
                   append(ConvolutionStep<T>(placed, in_channels, relu, first, size_, workers));
                   return {stored_channels(placed), true};
                 },
                 [&](const Dense&) -> Added {
                   append(
                       DenseLayerStep<T>(placed, in_channels, relu, first, last, size_, workers));
                   return {placed.out.channels, true};
                 },
                 [&](const Norm&) -> Added {
                   append(NormStep<T>(placed, in_channels, relu, size_, workers, chunks_));
                   return {in_channels, true};
                 },
                 [&](const Residual& residual) -> Added {
                   append(ResidualStep<T>(relu, place_of_layer_[index - residual.span], values));
                   return {in_channels, true};
                 },
                 [&](const Pool&) -> Added {
                   append(PoolStep<T>(placed, in_channels));
                   return {in_channels};
                 },
                 [&](const Dropout& dropout) -> Added {
                   append(DropoutStep<T>(dropout.rate, values, index, workers));
                   return {in_channels};
                 },
                 [&](const Relu&) -> Added {
                   append(ActivationStep<T>(true, values));
                   return {in_channels};
                 },
                 [&](const Tanh&) -> Added {
                   append(ActivationStep<T>(false, values));
                   return {in_channels};
                 }},
      placed.layer);
}

template <typename T>
void LayeredTraining<T>::add_slices() {
  for (const Place& place : places_) {
    std::visit(
        [&]<typename Step>(const Step& step) {
          if constexpr (has_weights<Step>) {
            for (const Range& range : step.ranges()) {
              if (range.kind == Range::Kind::statistic) continue;
              for (std::size_t at = 0; at < range.size; at += slice_size) {
                slices_.push_back(
                    {range.offset + at, std::min(slice_size, range.size - at), range.kind});
              }
            }
          }
        },
        place.step);
  }
}

template <typename T>
void LayeredTraining<T>::import(const std::vector<Tensor>& tensors,
                                AlignedVector<float>& to) const {
  for (const Place& place : places_) {
    std::visit(
        [&]<typename Step>(const Step& step) {
          if constexpr (has_weights<Step>) {
            step.import(std::span(tensors).subspan(place.tensor, place.tensors), to.data());
          }
        },
        place.step);
  }
}

template <typename T>
std::vector<Tensor> LayeredTraining<T>::export_from(const AlignedVector<float>& from) const {
  std::vector<Tensor> tensors = zero_weights(architecture_);
  for (const Place& place : places_) {
    std::visit(
        [&]<typename Step>(const Step& step) {
          if constexpr (has_weights<Step>) {
            step.export_to(from.data(), std::span(tensors).subspan(place.tensor, place.tensors));
          }
        },
        place.step);
  }
  return tensors;
}

template <typename T>
TrainingState LayeredTraining<T>::state() const {
  TrainingState state{export_from(weights_), export_from(velocity_), {}};
  if (options_.weight_ema) state.weight_ema = export_from(weight_ema_);
  return state;
}

template <typename T>
LossSum LayeredTraining<T>::step(const Batch& batch, const Sgd& sgd,
                                 std::span<const std::uint8_t* const> /*next*/) {
  const LossSum sum = take_chunks(batch);
  workers_.run(slices_.size() + 1, [&](std::size_t slice, std::size_t) {
    if (slice == 0) return update_statistics(sgd);
    sum_slice(slices_[slice - 1], sgd);
    update_slice(slices_[slice - 1], sgd);
  });
  workers_.run(copying_.size(), [&](std::size_t copy, std::size_t) { refresh(copying_[copy]); });
  return sum;
}

/// Takes all chunks through the network, to gradients of their own.
template <typename T>
LossSum LayeredTraining<T>::take_chunks(const Batch& batch) {
  rows_ = batch.labels.size();
  if (rows_ == 0 || rows_ > chunks_ * chunk_images || batch.images.size() != rows_) {
    throw std::invalid_argument("TrainingPlan: a batch of the wrong size");
  }
  const std::size_t chunks = (rows_ + chunk_images - 1) / chunk_images;
  used_gradients_.clear();
  chunk_sizes_.clear();
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    used_gradients_.push_back(gradients_[chunk].data());
    chunk_sizes_.push_back(std::min(chunk_images, rows_ - chunk * chunk_images));
  }
  workers_.run(chunks, [&](std::size_t chunk, std::size_t worker) {
    sums_[chunk] = chunk_task(chunk, worker, batch);
  });
  LossSum sum;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    sum.loss += sums_[chunk].loss;
    sum.correct += sums_[chunk].correct;
  }
  return sum;
}

template <typename T>
LossSum LayeredTraining<T>::chunk_task(std::size_t index, std::size_t worker, const Batch& batch) {
  const std::size_t begin = index * chunk_images;
  const std::size_t images = chunk_sizes_[index];
  Workspace& workspace = workspaces_[worker];
  Chunk chunk{worker, index, images, 0, weights_.data(), gradients_[index].data()};
  chunk.random = Random({options_.seed, random_dropout, batch.number, index}).next();
  load(begin, images, batch, workspace.inputs[0].data());
  forward(chunk, workspace);
  // Images beyond the end of a smaller last chunk get a gradient of zero, and so change nothing.
  T* gradient = workspace.gradient.data();
  std::fill(gradient + images * digit_count, gradient + chunk_images * digit_count, T{});
  const Targets targets{
      batch.labels.subspan(begin, images), batch.smoothing,
      batch.targets.empty() ? nullptr : batch.targets.data() + begin * digit_count};
  const LossSum sum = softmax_cross_entropy(logits_.data() + begin * digit_count, targets,
                                            1.0F / static_cast<float>(rows_), gradient);
  backward(chunk, workspace);
  return sum;
}

template <typename T>
void LayeredTraining<T>::load(std::size_t begin, std::size_t images, const Batch& batch,
                              T* to) const {
  for (std::size_t i = 0; i < images; ++i) {
    normalize({batch.images[begin + i], glyph_pixels}, normalization_, to + i * glyph_pixels);
  }
  std::fill(to + images * glyph_pixels, to + chunk_images * glyph_pixels, T{});
}

template <typename T>
void LayeredTraining<T>::forward(const Chunk& chunk, Workspace& workspace) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const T* in = workspace.inputs[i].data();
    // The last layer writes f32.
    T* out = i + 1 < places_.size()
                 ? workspace.inputs[i + 1].data()
                 : reinterpret_cast<T*>(logits_.data() + chunk.index * chunk_images * digit_count);
    std::visit(Overloaded{[&](ResidualStep<T>& step) {
                            step.forward(in, workspace.inputs[step.source()].data(), out);
                          },
                          [&](auto& step) { step.forward(chunk, in, out); }},
               places_[i].step);
  }
}

template <typename T>
void LayeredTraining<T>::backward(const Chunk& chunk, Workspace& workspace) {
  for (AlignedVector<T>& gradient : workspace.residual_gradients) std::ranges::fill(gradient, T{});
  for (std::size_t i = places_.size(); i-- > 0;) {
    const T* out = i + 1 < places_.size() ? workspace.inputs[i + 1].data() : nullptr;
    T* in_gradient = workspace.in_gradient.data();
    std::visit(
        [&](auto& step) {
          step.backward(chunk, workspace.inputs[i].data(), out, workspace.gradient.data(),
                        in_gradient);
        },
        places_[i].step);
    // Of a sum, both parts have the same gradient: one goes on to the layer before, the other
    // waits for the layer whose input was added.
    if (const auto* residual = std::get_if<ResidualStep<T>>(&places_[i].step)) {
      AlignedVector<T>& kept = workspace.residual_gradients[residual->source()];
      add(kept.data(), in_gradient, kept.size(), kept.data());
    }
    const AlignedVector<T>& added = workspace.residual_gradients[i];
    if (i > 0) add(in_gradient, added.data(), added.size(), in_gradient);
    std::swap(workspace.gradient, workspace.in_gradient);
  }
}

template <typename T>
void LayeredTraining<T>::sum_slice(const Range& slice, const Sgd& sgd) {
  const float decay = slice.kind == Range::Kind::weight ? sgd.decay : 0;
  sum_gradients(used_gradients_, slice.offset, {weights_.data() + slice.offset, slice.size}, decay,
                {gradient_.data() + slice.offset, slice.size});
}

template <typename T>
void LayeredTraining<T>::update_slice(const Range& slice, const Sgd& sgd) {
  float* ema = options_.weight_ema ? weight_ema_.data() + slice.offset : nullptr;
  update_all({weights_.data() + slice.offset, slice.size}, velocity_.data() + slice.offset, ema,
             gradient_.data() + slice.offset, sgd);
}

template <typename T>
void LayeredTraining<T>::update_statistics(const Sgd& sgd) {
  for (const std::size_t norm : norms_) {
    const auto& step = std::get<NormStep<T>>(places_[norm].step);
    step.update_statistics(chunk_sizes_, weights_.data());
    if (!options_.weight_ema) continue;
    const Range range = step.ranges().back();
    update_ema({weight_ema_.data() + range.offset, range.size}, weights_.data() + range.offset,
               1 - sgd.ema_decay);
  }
}

template <typename T>
void LayeredTraining<T>::refresh(std::size_t layer) {
  std::visit(
      [&]<typename Step>(Step& step) {
        if constexpr (has_copy<Step>) step.refresh(weights_.data());
      },
      places_[layer].step);
}

template class LayeredTraining<float>;
template class LayeredTraining<Bf16>;

}  // namespace scrawl
