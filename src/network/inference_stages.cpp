#include "network/inference_stages.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "network/layer_steps.hpp"
#include "network/shapes.hpp"

namespace scrawl {

namespace {

constexpr float norm_epsilon = 1e-5F;

/// What a normalisation does in use, channel by channel: x * scale + shift.
struct Affine {
  std::vector<float> scale;
  std::vector<float> shift;
};

Affine affine_of(std::span<const Tensor> norm) {
  const std::size_t channels = norm[0].values.size();
  Affine affine{std::vector<float>(channels), std::vector<float>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    affine.scale[c] = norm[0].values[c] / std::sqrt(norm[3].values[c] + norm_epsilon);
    affine.shift[c] = norm[1].values[c] - norm[2].values[c] * affine.scale[c];
  }
  return affine;
}

/// Turns an architecture into stages, from the first layer to the last.
template <typename T>
class Compiler {
 public:
  Compiler(const Model& model, std::size_t rows)
      : model_(model), layers_(place_layers(model.architecture)), rows_(rows) {
    done_.resize(layers_.size());
  }

  std::vector<Stage<T>> run() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (!done_[i]) add(i);
    }
    return std::move(stages_);
  }

 private:
  std::span<const Tensor> tensors(std::size_t layer) const {
    return std::span(model_.weights).subspan(layers_[layer].tensor, layers_[layer].tensors);
  }

  template <typename Kind>
  bool is(std::size_t layer) const {
    return layer < layers_.size() && std::holds_alternative<Kind>(layers_[layer].layer);
  }

  void add(std::size_t i) {
    const PlacedLayer& placed = layers_[i];
    const std::size_t out = channels_ * placed.out.pixels();
    if (is<Conv>(i)) {
      add_convolution(i);
    } else if (is<Dense>(i)) {
      add_dense(i);
    } else if (is<Norm>(i)) {
      Affine affine = affine_of(tensors(i));
      affine.scale.resize(channels_);
      affine.shift.resize(channels_);
      stages_.push_back(ScaleStage<T>{{rows_ * placed.in.pixels(), channels_},
                                      std::move(affine.scale),
                                      std::move(affine.shift),
                                      take_relu(i + 1),
                                      out});
    } else if (const auto* pool = std::get_if<Pool>(&placed.layer)) {
      stages_.push_back(PoolStage<T>{
          rows_, pool->kind, {placed.in.height, placed.in.width, channels_, pool->size}, out});
    } else if (!is<Dropout>(i)) {
      stages_.push_back(ActivationStage<T>{is<Relu>(i), rows_ * out, out});
    }
  }

  bool take_relu(std::size_t layer) {
    if (!is<Relu>(layer)) return false;
    done_[layer] = true;
    return true;
  }

  /// What a linear layer takes over from those behind it.
  struct Absorbed {
    std::optional<Affine> affine;
    bool relu = false;
  };

  /// A normalisation, and then a ReLU, even behind a max-pooling: the largest of values is the same
  /// before or after a growing function. (One that falls, where a scale is negative, stays where it
  /// is.)
  Absorbed absorb(std::size_t linear) {
    Absorbed absorbed;
    std::size_t next = linear + 1;
    while (is<Pool>(next) && std::get<Pool>(layers_[next].layer).kind == Pool::Kind::max) ++next;
    const bool pooled = next > linear + 1;
    if (is<Norm>(next)) {
      const Affine affine = affine_of(tensors(next));
      if (pooled && std::ranges::any_of(affine.scale, [](float s) { return s < 0; })) return {};
      absorbed.affine = affine;
      done_[next++] = true;
    }
    absorbed.relu = take_relu(next);
    return absorbed;
  }

  /// The bias of a linear layer, with what the normalisation adds.
  AlignedVector<float> bias_of(std::size_t layer, const Absorbed& absorbed,
                               std::size_t size) const {
    AlignedVector<float> bias(size);
    if (layers_[layer].bias) std::ranges::copy(tensors(layer)[1].values, bias.begin());
    if (absorbed.affine) std::ranges::copy(absorbed.affine->shift, bias.begin());
    return bias;
  }

  static float scale_of(const Absorbed& absorbed, std::size_t output) {
    return absorbed.affine ? absorbed.affine->scale[output] : 1.0F;
  }

  void add_convolution(std::size_t i) {
    const PlacedLayer& placed = layers_[i];
    const Conv& conv = std::get<Conv>(placed.layer);
    const Absorbed absorbed = absorb(i);
    const std::size_t outputs = stored_channels(conv.outputs);
    const Tensor& weight = tensors(i)[0];
    const std::size_t size = conv.kernel * conv.kernel;
    std::vector<float> plain(outputs * channels_ * size);
    for (std::size_t o = 0; o < conv.outputs; ++o) {
      for (std::size_t at = 0; at < placed.in.channels * size; ++at) {
        plain[o * channels_ * size + at] =
            weight.values[o * placed.in.channels * size + at] * scale_of(absorbed, o);
      }
    }
    ConvolutionStage<T> stage;
    stage.convolution = std::make_unique<onednn::Convolution>(
        onednn::ConvolutionShape{rows_, channels_, outputs, placed.in.height, placed.in.width,
                                 conv.kernel, conv.stride, conv.padding},
        type_of<T>, onednn::Epilogue{.bias = true, .relu = absorbed.relu});
    stage.convolution->set_plain(plain.data());
    stage.bias = bias_of(i, absorbed, outputs);
    stage.out_size = outputs * placed.out.pixels();
    channels_ = outputs;
    stages_.push_back(std::move(stage));
  }

  void add_dense(std::size_t i) {
    const PlacedLayer& placed = layers_[i];
    const Absorbed absorbed = absorb(i);
    const std::size_t pixels = placed.in.pixels();
    DenseStage<T> stage;
    stage.rows = rows_;
    stage.inputs = channels_ * pixels;
    stage.out_size = placed.out.channels;
    stage.relu = absorbed.relu;
    stage.last = i + 1 == layers_.size();
    const float cooling = stage.last ? 1 / model_.temperature : 1.0F;
    std::vector<float> weights(stage.out_size * stage.inputs);
    const Tensor& weight = tensors(i)[0];
    for (std::size_t o = 0; o < stage.out_size; ++o) {
      for (std::size_t from = 0; from < placed.in.size(); ++from) {
        weights[o * stage.inputs + from % pixels * channels_ + from / pixels] =
            weight.values[o * placed.in.size() + from] * scale_of(absorbed, o) * cooling;
      }
    }
    stage.weights = stage.compile().pack_right(weights.data());
    stage.bias = bias_of(i, absorbed, stage.out_size);
    for (float& bias : stage.bias) bias *= cooling;
    channels_ = stage.out_size;
    stages_.push_back(std::move(stage));
  }

  const Model& model_;
  std::vector<PlacedLayer> layers_;
  std::size_t rows_;
  std::size_t channels_ = 1;  // of the values so far, as they are stored
  std::vector<bool> done_;    // layers that went into the stage of one before them
  std::vector<Stage<T>> stages_;
};

}  // namespace

template <typename T>
onednn::Matmul DenseStage<T>::compile() const {
  constexpr onednn::Type type = type_of<T>;
  return {{rows, inputs, type},
          {inputs, out_size, type, onednn::Layout::packed},
          {rows, out_size, last ? onednn::Type::f32 : type},
          {.bias = true, .relu = relu}};
}

template <typename T>
std::vector<Stage<T>> make_stages(const Model& model, std::size_t rows) {
  return Compiler<T>(model, rows).run();
}

template <typename T>
void PoolStageRun<T>::operator()(const T* in, T* out) const {
  const PoolExtent& extent = stage->extent;
  const std::size_t in_size = extent.height * extent.width * extent.channels;
  for (std::size_t i = 0; i < stage->images; ++i, in += in_size, out += stage->out_size) {
    stage->kind == Pool::Kind::max ? max_pool(in, extent, out) : average_pool(in, extent, out);
  }
}

template <typename T>
void ActivationStageRun<T>::operator()(const T* in, T* out) const {
  if (!stage->relu) return hyperbolic_tangent(in, stage->values, out);
  std::copy_n(in, stage->values, out);
  relu(out, stage->values);
}

template <typename T>
StageRun<T> start(const Stage<T>& stage) {
  if (const auto* convolution = std::get_if<ConvolutionStage<T>>(&stage)) {
    return ConvolutionStageRun<T>{convolution, onednn::ConvolutionRun(*convolution->convolution)};
  }
  if (const auto* dense = std::get_if<DenseStage<T>>(&stage)) {
    return DenseStageRun<T>{dense, dense->compile()};
  }
  if (const auto* scale = std::get_if<ScaleStage<T>>(&stage)) return ScaleStageRun<T>{scale};
  if (const auto* pool = std::get_if<PoolStage<T>>(&stage)) return PoolStageRun<T>{pool};
  return ActivationStageRun<T>{&std::get<ActivationStage<T>>(stage)};
}

template struct DenseStage<float>;
template struct DenseStage<Bf16>;
template std::vector<Stage<float>> make_stages(const Model&, std::size_t);
template std::vector<Stage<Bf16>> make_stages(const Model&, std::size_t);
template struct PoolStageRun<float>;
template struct PoolStageRun<Bf16>;
template struct ActivationStageRun<float>;
template struct ActivationStageRun<Bf16>;
template StageRun<float> start(const Stage<float>&);
template StageRun<Bf16> start(const Stage<Bf16>&);

}  // namespace scrawl
