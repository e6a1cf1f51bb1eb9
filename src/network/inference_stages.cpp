#include "network/inference_stages.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "network/folding.hpp"
#include "network/forward_pass.hpp"
#include "network/one_thread.hpp"
#include "network/overloaded.hpp"
#include "network/shapes.hpp"

namespace scrawl {

namespace {

/// What `largest` becomes when numbers up to it are stored as integers up to `most`.
float steps(float largest, float most) {
  constexpr float nothing = 1e-20F;
  return largest > nothing ? most / largest : 1.0F;
}

float magnitude(std::span<const float> values) {
  constexpr std::size_t lanes = 16;  // since compilers keep the order of a single maximum
  float largest[lanes] = {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float value = std::abs(values[i]);
    float& lane = largest[i % lanes];
    lane = value > lane ? value : lane;
  }
  return *std::ranges::max_element(largest);
}

/// Rows of weights to whole numbers from -127 to 127; by what each was multiplied.
std::vector<float> quantize_weights(std::span<float> weights, std::size_t outputs) {
  std::vector<float> scales(outputs);
  const std::size_t size = weights.size() / outputs;
  for (std::size_t o = 0; o < outputs; ++o) {
    const std::span<float> row = weights.subspan(o * size, size);
    scales[o] = steps(magnitude(row), 127);
    for (float& weight : row) weight = std::round(weight * scales[o]);
  }
  return scales;
}

/// Turns an architecture into stages, from the first layer to the last.
class Compiler {
 public:
  Compiler(const Model& model, std::size_t rows, const Shape& input, DataType type,
           std::span<const Stage> same)
      : model_(model),
        same_(same),
        layers_(place_layers(model.architecture, input)),
        rows_(rows),
        channels_(input.channels) {
    done_.resize(layers_.size());
    input_of_layer_.resize(layers_.size());
    bytes_ = type == DataType::u8;
    type_ = !bytes_ ? type : has_native_bf16() ? DataType::bf16 : DataType::f32;
    if (bytes_ && model.activation_ranges.empty()) {
      throw Error(
          "model: it has no activation ranges, so it cannot be computed in int8; take "
          "bf16 or f32. Training measures them for networks with convolutions and ReLUs");
    }
  }

  std::vector<Stage> run() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      input_of_layer_[i] = stages_.size();
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

  void push(decltype(Stage::work) work, std::size_t out_values) {
    stages_.push_back({std::move(work), out_values});
  }

  void add(std::size_t i) {
    const PlacedLayer& placed = layers_[i];
    const std::size_t out = channels_ * placed.out.pixels();
    std::visit(
        Overloaded{[&](const Conv&) { add_convolution(i); }, [&](const Dense&) { add_dense(i); },
                   [&](const Norm&) { add_norm(i); },
                   [&](const Residual& residual) { add_residual(i, residual); },
                   [&](const Pool& pool) {
                     push(PoolStage{type_,
                                    rows_,
                                    pool.kind,
                                    {placed.in.height, placed.in.width, channels_, pool.size}},
                          out);
                   },
                   [&](const Relu&) {
                     push(ActivationStage{type_, true, rows_ * out}, out);
                   },
                   [&](const Tanh&) {
                     push(ActivationStage{type_, false, rows_ * out}, out);
                   },
                   [](const Dropout&) {}},  // does nothing in use
        placed.layer);
  }

  void add_norm(std::size_t i) {
    const PlacedLayer& placed = layers_[i];
    Affine affine = affine_of(tensors(i));
    affine.scale.resize(channels_);
    affine.shift.resize(channels_);
    const bool relu = take_relu(i + 1);
    push(ScaleStage{type_,
                    {rows_ * placed.in.pixels(), channels_},
                    std::move(affine.scale),
                    std::move(affine.shift),
                    relu},
         channels_ * placed.out.pixels());
  }

  void add_residual(std::size_t i, const Residual& residual) {
    const bool relu = take_relu(i + 1);
    const std::size_t values = channels_ * layers_[i].out.pixels();
    push(ResidualStage{type_, relu, input_of_layer_[i - residual.span], rows_ * values}, values);
  }

  bool take_relu(std::size_t layer) {
    if (!is<Relu>(layer) || is_residual_source(layers_, layer)) return false;
    done_[layer] = true;
    return true;
  }

  /// What a linear layer takes over from those behind it.
  struct Absorbed {
    std::optional<Affine> affine;
    bool relu = false;
  };

  /// A normalization, and then a ReLU, which may be behind a max-pooling.
  Absorbed absorb(std::size_t linear) {
    Absorbed absorbed;
    std::size_t next = after_max_pools(layers_, linear);
    for (std::size_t i = linear + 1; i <= next; ++i) {
      if (is_residual_source(layers_, i)) return absorbed;
    }
    if (auto folding = folding_behind(model_, layers_, linear)) {
      absorbed.affine = std::move(folding->affine);
      done_[next++] = true;
    }
    absorbed.relu = take_relu(next);
    return absorbed;
  }

  /// The bias of a linear layer, with what the normalization adds.
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

  /// Before a linear layer but the first: what comes into it becomes bytes.
  void become_int8(std::size_t values) {
    if (!bytes_ || type_ == DataType::u8 || stages_.empty()) return;
    in_steps_ = steps(model_.activation_ranges.front(), 255);
    push(QuantizeStage{type_, rows_ * values, in_steps_}, values);
    type_ = DataType::u8;
  }

  /// Where bytes are multiplied: makes them of the weights, and scales and bias for what comes out.
  std::vector<float> int8_scales(std::span<float> weights, AlignedVector<float>& bias, bool last) {
    if (type_ != DataType::u8) return {};
    const float out_steps = last ? 1 : steps(model_.activation_ranges[linear_layers_], 255);
    std::vector<float> scales = quantize_weights(weights, bias.size());
    for (float& scale : scales) scale = out_steps / (in_steps_ * scale);
    for (float& value : bias) value *= out_steps;
    fit_bias(scales, bias);
    in_steps_ = out_steps;
    return scales;
  }

  void add_convolution(std::size_t i) {
    const PlacedLayer& placed = layers_[i];
    const Conv& conv = std::get<Conv>(placed.layer);
    const Absorbed absorbed = absorb(i);
    const std::size_t outputs = stored_channels(placed);
    become_int8(channels_ * placed.in.pixels());
    const Tensor& weight = tensors(i)[0];
    const std::size_t size = conv.kernel * conv.kernel;
    std::vector<float> plain(outputs * channels_ * size);
    for (std::size_t o = 0; o < conv.outputs; ++o) {
      for (std::size_t at = 0; at < placed.in.channels * size; ++at) {
        plain[o * channels_ * size + at] =
            weight.values[o * placed.in.channels * size + at] * scale_of(absorbed, o);
      }
    }
    ConvolutionStage stage;
    stage.relu = absorbed.relu;
    stage.bias = bias_of(i, absorbed, outputs);
    Epilogue epilogue{.bias = true, .relu = absorbed.relu};
    epilogue.scales = int8_scales(plain, stage.bias, false);
    stage.convolution = std::make_unique<Convolution>(
        ConvolutionShape{rows_, channels_, outputs, placed.in.height, placed.in.width, conv.kernel,
                         conv.stride, conv.padding, conv.dilation},
        type_, std::move(epilogue));
    const auto* known =
        same_.empty() ? nullptr : &std::get<ConvolutionStage>(same_[stages_.size()].work);
    if (known == nullptr || !stage.convolution->share_weights(*known->convolution))
      stage.convolution->set_plain(plain.data());
    channels_ = outputs;
    ++linear_layers_;
    push(std::move(stage), outputs * placed.out.pixels());
  }

  void add_dense(std::size_t i) {
    const PlacedLayer& placed = layers_[i];
    const Absorbed absorbed = absorb(i);
    const std::size_t pixels = placed.in.pixels();
    DenseStage stage;
    stage.rows = rows_;
    stage.inputs = channels_ * pixels;
    stage.outputs = placed.out.channels;
    stage.last = i + 1 == layers_.size();
    become_int8(stage.inputs);
    stage.type = type_;
    const float cooling = stage.last ? 1 / model_.temperature : 1.0F;
    std::vector<float> weights(stage.outputs * stage.inputs);
    const Tensor& weight = tensors(i)[0];
    for (std::size_t o = 0; o < stage.outputs; ++o) {
      for (std::size_t from = 0; from < placed.in.size(); ++from) {
        weights[o * stage.inputs + from % pixels * channels_ + from / pixels] =
            weight.values[o * placed.in.size() + from] * scale_of(absorbed, o) * cooling;
      }
    }
    stage.bias = bias_of(i, absorbed, stage.outputs);
    for (float& bias : stage.bias) bias *= cooling;
    stage.epilogue = {.bias = true, .relu = absorbed.relu};
    stage.epilogue.scales = int8_scales(weights, stage.bias, stage.last);
    stage.weights = stage.compile().pack_right(weights.data());
    channels_ = stage.outputs;
    ++linear_layers_;
    push(std::move(stage), channels_);
  }

  const Model& model_;
  std::span<const Stage> same_;  // of images of another size
  std::vector<PlacedLayer> layers_;
  std::size_t rows_;
  std::size_t channels_;                     // of the values so far, as they are stored
  std::vector<bool> done_;                   // layers that went into the stage of one before them
  std::vector<std::size_t> input_of_layer_;  // stages before it: which of their outputs comes in
  DataType type_;                            // of the values so far
  bool bytes_;                               // they shall become bytes
  float in_steps_ = 1;                       // and then a value v is stored as v * in_steps_
  std::size_t linear_layers_ = 0;            // so far
  std::vector<Stage> stages_;
};

/// Whether everything behind the first stage can be done, or is done, in int8.
bool fits_int8(std::span<const Stage> stages) {
  const auto fits = [](const Stage& stage) {
    if (std::holds_alternative<QuantizeStage>(stage.work)) return true;
    if (const auto* convolution = std::get_if<ConvolutionStage>(&stage.work)) {
      return convolution->relu;
    }
    if (const auto* dense = std::get_if<DenseStage>(&stage.work)) {
      return dense->epilogue.relu || dense->last;
    }
    const auto* pool = std::get_if<PoolStage>(&stage.work);
    return pool != nullptr && pool->kind == Pool::Kind::max;
  };
  return !stages.empty() && std::holds_alternative<ConvolutionStage>(stages.front().work) &&
         std::ranges::all_of(stages, fits);
}

}  // namespace

Matmul DenseStage::compile() const {
  return {{rows, inputs, type},
          {inputs, outputs, type, MatrixLayout::packed},
          {rows, outputs, last ? DataType::f32 : type},
          epilogue};
}

std::vector<Stage> make_stages(const Model& model, std::size_t rows, const Shape& input,
                               DataType type, std::span<const Stage> same) {
  std::vector<Stage> stages = Compiler(model, rows, input, type, same).run();
  if (type == DataType::u8 && !fits_int8(stages)) {
    throw Error("model: it has activation ranges, but its layers cannot be computed in int8");
  }
  return stages;
}

std::vector<float> measure_activation_ranges(const Model& model,
                                             std::span<const std::uint8_t> glyphs) {
  // Below this, conversions cost more than products in int8 save: 0.7 MFLOP are read at 0.8 times
  // the speed of bf16, 1.3 MFLOP at 1.6 times.
  constexpr std::size_t few_operations = 1'000'000;
  if (operation_count(model.architecture) < few_operations) return {};
  constexpr std::size_t rows = 32;
  const OneThread one_thread;
  const std::vector<Stage> stages =
      make_stages(model, rows, model.architecture.input, DataType::f32);
  if (!fits_int8(stages)) return {};
  // What a pooling leaves is what becomes bytes.
  std::vector<std::size_t> measured;
  for (std::size_t i = 0; i + 1 < stages.size(); ++i) {
    const bool is_pooled = std::holds_alternative<PoolStage>(stages[i + 1].work);
    if (!is_pooled) measured.push_back(i);
  }
  std::vector<float> ranges(measured.size());
  ForwardPass pass(stages, rows, glyph_pixels);
  for (std::size_t at = 0; at < glyphs.size(); at += rows * glyph_pixels) {
    normalize(glyphs.subspan(at, std::min(glyphs.size() - at, rows * glyph_pixels)),
              model.normalization, static_cast<float*>(pass.input()));
    for (std::size_t stage = 0, next = 0; next < measured.size(); ++stage) {
      const auto* values = static_cast<const float*>(pass.run(stage));
      if (stage != measured[next]) continue;
      ranges[next] = std::max(ranges[next], magnitude({values, rows * stages[stage].out_values}));
      ++next;
    }
  }
  return ranges;
}

}  // namespace scrawl
