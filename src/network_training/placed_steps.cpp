#include "network_training/placed_steps.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "network/overloaded.hpp"

namespace scrawl {

namespace {

/// What a layer's step does in passing of what is behind it.
struct Passing {
  std::optional<std::size_t> source;  ///< of a residual sum: the step whose input is added
  bool relu = false;
};

template <typename T>
class StepPlacer {
 public:
  StepPlacer(const Architecture& architecture, const Chunking& chunking)
      : layers_(place_layers(architecture)),
        chunking_(chunking),
        step_of_layer_(layers_.size()),
        channels_(architecture.input.channels) {}

  PlacedSteps<T> place() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const std::size_t own = i;
      step_of_layer_[own] = placed_.steps.size();
      const std::size_t in_size = channels_ * layers_[own].in.pixels();
      i += is_pooled(own) ? append_pooled(own) : append_layer(own);
      PlacedStep<T>& placed = placed_.steps.back();
      placed.in_size = in_size;
      placed.out_size = channels_ * layers_[i].out.pixels();
      placed.tensor = layers_[own].tensor;
      placed.tensors = layers_[own].tensors;
    }
    return std::move(placed_);
  }

 private:
  /// Whether the layer and the one behind it are one step.
  bool is_pooled(std::size_t layer) const {
    return placed_.steps.empty() && layer + 1 < layers_.size() &&
           !is_residual_source(layers_, layer + 1) &&
           FusedConvMaxPoolStep<T>::fits(layers_[layer], layers_[layer + 1]);
  }

  /// What comes out of a layer that a step does in passing is kept nowhere, so nothing behind may
  /// need it.
  Passing passing_of(std::size_t layer) const {
    Passing passing;
    std::size_t next = layer + 1;
    const auto is_free = [&] {
      return next < layers_.size() && !is_residual_source(layers_, next);
    };
    if (is_free() && std::holds_alternative<Norm>(layers_[layer].layer)) {
      if (const auto* residual = std::get_if<Residual>(&layers_[next].layer)) {
        passing.source = step_of_layer_[next - residual->span];
        ++next;
      }
    }
    passing.relu = is_free() && std::holds_alternative<Relu>(layers_[next].layer);
    return passing;
  }

  void append(LayerStep<T> step) {
    std::visit(
        [&]<typename Step>(const Step& added) {
          if constexpr (has_weights<Step>) {
            for (const WeightRange& range : added.ranges())
              placed_.size = std::max(placed_.size, range.offset + range.size);
          }
        },
        step);
    placed_.steps.push_back({.step = std::move(step)});
    placed_.size = (placed_.size + 15) / 16 * 16;
  }

  /// Adds the step of a convolution and the pool behind it; returns how many layers behind it the
  /// step does too, as does append_layer().
  std::size_t append_pooled(std::size_t layer) {
    append(FusedConvMaxPoolStep<T>(layers_[layer], layers_[layer + 1], placed_.size, chunking_));
    channels_ = layers_[layer].out.channels;
    return 1;
  }

  std::size_t append_layer(std::size_t layer) {
    const PlacedLayer& placed = layers_[layer];
    const Passing passing = passing_of(layer);
    const bool first = placed_.steps.empty();
    const bool last = layer + 1 == layers_.size();
    const std::size_t size = placed_.size;
    const std::size_t values = chunking_.images * placed.in.pixels() * channels_;
    bool takes_relu = false;
    const auto with_relu = [&](LayerStep<T> step) {
      append(std::move(step));
      takes_relu = true;
    };
    std::visit(Overloaded{[&](const Conv&) {
                            with_relu(ConvolutionStep<T>(placed, channels_, passing.relu, first,
                                                         size, chunking_));
                            channels_ = stored_channels(placed);
                          },
                          [&](const Dense&) {
                            with_relu(DenseLayerStep<T>(placed, channels_, passing.relu, first,
                                                        last, size, chunking_));
                            channels_ = placed.out.channels;
                          },
                          [&](const Norm&) {
                            with_relu(NormStep<T>(placed, channels_, passing.relu, passing.source,
                                                  size, chunking_));
                          },
                          [&](const Residual& residual) {
                            with_relu(ResidualStep<T>(
                                passing.relu, step_of_layer_[layer - residual.span], values));
                          },
                          [&](const Pool&) { append(PoolStep<T>(placed, channels_)); },
                          [&](const Dropout& dropout) {
                            append(DropoutStep<T>(dropout.rate, values, layer, chunking_));
                          },
                          [&](const Relu&) { append(ActivationStep<T>(true, values)); },
                          [&](const Tanh&) { append(ActivationStep<T>(false, values)); }},
               placed.layer);
    return std::size_t{passing.source.has_value()} + std::size_t{passing.relu && takes_relu};
  }

  std::vector<PlacedLayer> layers_;
  Chunking chunking_;
  PlacedSteps<T> placed_;
  std::vector<std::size_t> step_of_layer_;  // the step that a layer's input goes into
  std::size_t channels_;                    // of what the last step gives, as they are stored
};

}  // namespace

template <typename T>
PlacedSteps<T> place_steps(const Architecture& architecture, const Chunking& chunking) {
  return StepPlacer<T>(architecture, chunking).place();
}

template <typename T>
std::vector<WeightRange> slices_of(std::span<const PlacedStep<T>> steps, std::size_t max_size) {
  std::vector<WeightRange> slices;
  for (const PlacedStep<T>& placed : steps) {
    std::visit(
        [&]<typename Step>(const Step& step) {
          if constexpr (has_weights<Step>) {
            for (const WeightRange& range : step.ranges()) {
              for (std::size_t at = 0; at < range.size; at += max_size) {
                slices.push_back(
                    {range.offset + at, std::min(max_size, range.size - at), range.kind});
              }
            }
          }
        },
        placed.step);
  }
  return slices;
}

template <typename T>
void import_weights(std::span<const PlacedStep<T>> steps, std::span<const Tensor> from,
                    AlignedVector<float>& to) {
  for (const PlacedStep<T>& placed : steps) {
    std::visit(
        [&]<typename Step>(const Step& step) {
          if constexpr (has_weights<Step>)
            step.import(from.subspan(placed.tensor, placed.tensors), to.data());
        },
        placed.step);
  }
}

template <typename T>
void export_weights(std::span<const PlacedStep<T>> steps, const AlignedVector<float>& from,
                    std::span<Tensor> to) {
  for (const PlacedStep<T>& placed : steps) {
    std::visit(
        [&]<typename Step>(const Step& step) {
          if constexpr (has_weights<Step>)
            step.export_to(from.data(), to.subspan(placed.tensor, placed.tensors));
        },
        placed.step);
  }
}

template PlacedSteps<float> place_steps(const Architecture&, const Chunking&);
template PlacedSteps<Bf16> place_steps(const Architecture&, const Chunking&);
template std::vector<WeightRange> slices_of(std::span<const PlacedStep<float>>, std::size_t);
template std::vector<WeightRange> slices_of(std::span<const PlacedStep<Bf16>>, std::size_t);
template void import_weights(std::span<const PlacedStep<float>>, std::span<const Tensor>,
                             AlignedVector<float>&);
template void import_weights(std::span<const PlacedStep<Bf16>>, std::span<const Tensor>,
                             AlignedVector<float>&);
template void export_weights(std::span<const PlacedStep<float>>, const AlignedVector<float>&,
                             std::span<Tensor>);
template void export_weights(std::span<const PlacedStep<Bf16>>, const AlignedVector<float>&,
                             std::span<Tensor>);

}  // namespace scrawl
