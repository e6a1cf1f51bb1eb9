// A network as the files of other programs describe it, layer by layer, with its weights.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl {

/// Layers are added from the input on. Each method throws Error, saying what, where a layer does
/// not fit what comes before it.
class LayerChain {
 public:
  /// The shape of the values so far.
  Shape shape() const { return shape_; }
  /// Number of layers so far.
  std::size_t size() const { return architecture_.layers.size(); }
  bool has_weights() const { return has_weights_; }

  /// Whether values lie as (height, width, channels) when they are flattened, not as (channels,
  /// height, width).
  void set_channels_last(bool channels_last) { channels_last_ = channels_last; }
  void flatten() { is_flat_ = true; }
  bool is_flat() const { return is_flat_; }

  /// `weight` is (outputs, inputs); an empty `bias` is zeros.
  void add_dense(std::size_t outputs, const std::vector<float>& weight, std::vector<float> bias);
  /// `weight` is (conv.outputs, inputs, kernel, kernel).
  void add_conv(const Conv& conv, std::vector<float> weight, std::vector<float> bias);
  /// Empty: a weight of ones, a bias of zeros.
  void add_norm(std::vector<float> weight, std::vector<float> bias, std::vector<float> mean,
                std::vector<float> variance, float epsilon);
  /// A layer without weights.
  void add(const Layer& layer);
  void add_sigmoid();

  /// What adds to the outputs of the dense layer that was added last; false where there is none.
  bool add_to_bias(std::span<const float> bias);

  /// The model, without what may stand behind its ten outputs and changes no order of them: a ReLU,
  /// a tanh, a sigmoid. Throws Error where it is no classifier of digits.
  Model finish();

 private:
  struct Values {
    std::vector<float> weight;
    std::vector<float> bias;
    std::vector<float> mean;
    std::vector<float> variance;
  };

  void place(const Layer& layer, Values values);
  /// From columns by (height, width, channels) to those by (channels, height, width).
  std::vector<float> by_channels(const std::vector<float>& weight, std::size_t outputs) const;

  Architecture architecture_;
  std::vector<Values> values_;  // of each layer
  std::vector<std::size_t> sigmoids_;
  Shape shape_{1, 28, 28};
  bool is_flat_ = false;
  bool channels_last_ = false;
  bool has_weights_ = false;
};

}  // namespace scrawl
