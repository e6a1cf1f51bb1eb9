// A classifier as the steps of a plain program: what a layer leaves to the one before it is done
// there, the rest comes one after the other.
//
// Values lie as (height, width, channels), so that what a kernel covers of a row lies together.
// Value 0 is the glyph, and each step takes the last value and gives the next one.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl::c_source {

enum class Activation { none, relu, tanh };

/// A convolution without a border, then the largest of each pool x pool sums. A dense layer is one
/// whose kernel covers all that comes in.
struct Linear {
  std::string name{};  ///< as its tensors have it: conv1, fc1
  std::size_t kernel = 1;
  std::size_t stride = 1;
  std::size_t dilation = 1;
  std::size_t pool = 1;
  Activation activation = Activation::none;
  std::vector<float> weights{};  ///< (outputs, kernel, kernel, channels)
  std::vector<float> bias{};     ///< (outputs)
};

/// A border of what stands for zero.
struct Pad {
  std::size_t border = 0;  ///< in pixels
};

/// x * scale + shift, channel by channel: a normalization that no other layer could take over.
struct Scale {
  std::string name;
  std::vector<float> scale;
  std::vector<float> shift;
};

/// Adds an earlier value.
struct Sum {
  std::size_t other = 0;
};

struct Step {
  std::variant<Linear, Pad, Pool, Scale, Activation, Sum> work;
  Shape in;
  Shape out;
  std::size_t layers_done = 0;  ///< how many of the network's layers lead to what it gives
};

/// The last step is a Linear, which gives the logits, divided by the model's temperature. The input
/// is what the model's normalization makes of a glyph. The model is a sound classifier. Throws
/// Error when a normalization makes numbers infinite.
std::vector<Step> steps_of(const Model& model);

}  // namespace scrawl::c_source
