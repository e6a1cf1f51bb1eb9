// A model is data: an architecture, named weights, and what is needed to use them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <scrawl/build.hpp>

namespace scrawl {

/// A fully connected layer: y = W x + b, W of shape (outputs, inputs). After a convolution, the
/// inputs are its values channel by channel, as PyTorch flattens them.
struct Dense {
  std::size_t outputs = 0;  ///< number of outputs
  bool operator==(const Dense&) const = default;
};

/// A convolution (LeCun et al. 1989) with square kernels. It has a bias unless the next layer,
/// poolings aside, is a Norm.
struct Conv {
  std::size_t outputs = 0;  ///< number of output channels
  std::size_t kernel = 3;   ///< side of the kernel, in pixels
  std::size_t stride = 1;   ///< in pixels
  /// Width of the border of zeros: dilation * (kernel - 1) / 2 ("same") or 0 ("valid").
  std::size_t padding = 1;
  /// Distance between neighboring weights of the kernel, in pixels (Yu and Koltun 2016).
  std::size_t dilation = 1;
  bool operator==(const Conv&) const = default;
};

/// Max-pooling or average-pooling over squares of size x size pixels, which do not overlap. Pixels
/// at the right and bottom edges that do not fill a square are dropped.
struct Pool {
  /// What is kept of a square.
  enum class Kind {
    max,      ///< its largest value
    average,  ///< its average
  };
  Kind kind = Kind::max;  ///< max-pooling or average-pooling
  std::size_t size = 2;   ///< side of a square, in pixels
  bool operator==(const Pool&) const = default;
};

/// Batch normalization, channel by channel (Ioffe and Szegedy 2015): y = weight (x - mean) /
/// sqrt(variance + 1e-5) + bias. In training, mean and variance are taken over groups of 32 images
/// ("ghost batches", Hoffer et al. 2017); in inference, they are running averages.
struct Norm {
  bool operator==(const Norm&) const = default;
};

/// y = max(x, 0), element by element.
struct Relu {
  bool operator==(const Relu&) const = default;
};

/// y = tanh(x), element by element.
struct Tanh {
  bool operator==(const Tanh&) const = default;
};

/// In training, sets values to 0 with probability `rate`, and scales the others up by 1 / (1 -
/// rate) (Srivastava et al. 2014). In inference, it does nothing.
struct Dropout {
  float rate = 0;  ///< 0.001 to 0.999
  bool operator==(const Dropout&) const = default;
};

/// A skip connection (He et al. 2016): adds the input of the layer `span` layers earlier, which has
/// to have the same shape. In conv, norm, relu, conv, norm, residual 5, it adds the input of the
/// first conv.
struct Residual {
  std::size_t span = 1;  ///< number of layers that are skipped
  bool operator==(const Residual&) const = default;
};

/// A layer of a network.
using Layer = std::variant<Dense, Conv, Pool, Norm, Relu, Tanh, Dropout, Residual>;

/// Shape of the values of one image, at the input of a network or after a layer.
struct Shape {
  std::size_t channels = 0;  ///< number of channels
  std::size_t height = 0;    ///< in pixels
  std::size_t width = 0;     ///< in pixels

  /// Number of pixels.
  std::size_t pixels() const { return height * width; }
  /// Number of values, over all channels.
  std::size_t size() const { return channels * pixels(); }
  bool operator==(const Shape&) const = default;
};

/// The layers of a network. A classifier of glyphs maps an input of 1x28x28 to ten logits, one per
/// digit. A network that ends with a Conv outputs maps; if all its layers are convolutional, its
/// input may have any size. The layers of an architecture that a program assembles have the same
/// ranges as in parse_architecture(). If they are invalid, functions with an Architecture as an
/// argument throw Error naming the layer.
struct Architecture {
  std::vector<Layer> layers{};  ///< from input to output
  Shape input{1, 28, 28};       ///< shape of the input
  bool operator==(const Architecture&) const = default;
};

/// Parses an architecture written by a person: layers from input to output, separated by commas,
///     conv 32 3, norm, relu, max-pool 2, conv 64 3 stride 2 valid, tanh, average-pool 2,
///     dropout 0.5, dense 10
/// or the name of a preset, such as `mlp`: dense 256, relu, dense 128, relu, dense 10. The input,
/// if it is not a glyph, comes first, as channels, height and width. A network may end in maps:
///     input 1 64 128, conv 16 3 stride 2, relu, conv 16 3 dilation 2, relu, residual 2, conv 12 1
/// Throws Error, naming the layer, if a layer is unknown or does not match the one before it, or if
/// the last layer outputs neither ten logits nor maps. A ReLU on the logits is an error too, since
/// classes whose logits fall below 0 stop learning.
Architecture parse_architecture(std::string_view text);

/// The architecture as text: parse_architecture(to_string(a)) == a.
std::string to_string(const Architecture& architecture);

/// A named array of floats, in row-major order.
struct Tensor {
  /// Named as in PyTorch: fc1.weight, fc1.bias, conv1.weight, norm1.running_mean, ...
  std::string name{};
  /// fc1.weight: (outputs, inputs); conv1.weight: (outputs, inputs, kernel, kernel); others:
  /// (outputs).
  std::vector<std::size_t> shape{};
  std::vector<float> values{};  ///< as many as the product of `shape`
};

/// Normalization of the network's input: a pixel p, 0 to 255, becomes (p / 255 - mean) / std. The
/// defaults are MNIST's mean and standard deviation, as in the classic tutorial.
struct Normalization {
  float mean = 0.1307F;  ///< mean of the pixels, 0 to 1
  float std = 0.3081F;   ///< their standard deviation, above 0
};

/// A trained network and everything needed to use it. A model is invalid if its layers are not a
/// network, its weights do not match the layers or are not finite, or another number is out of
/// range. Functions with a Model as an argument then throw Error, which names what was found and
/// what was expected.
struct Model {
  Architecture architecture{};    ///< the layers
  std::vector<Tensor> weights{};  ///< in the order of weight_shapes(architecture)
  Normalization normalization{};  ///< of the input
  /// The logits are divided by it before the softmax, so that probabilities are calibrated (Guo et
  /// al. 2017); above 0.
  float temperature = 1;
  /// For int8: the largest outputs, on training images, of each convolution and of each dense layer
  /// but the last, including the normalization and ReLU after it. If empty, the model runs in bf16
  /// or f32 only.
  std::vector<float> activation_ranges{};
  /// Where the model comes from: seed, epoch, digest of the data set, accuracy and so on. For
  /// people; running the model does not need it.
  std::map<std::string, std::string> metadata{};
};

/// The tensors of an architecture, in order, with names and shapes but without values. The
/// architecture may be only the first layers of a network.
std::vector<Tensor> weight_shapes(const Architecture& architecture);

/// Number of weights that an architecture learns. The running means and variances of
/// normalizations are not learned, and not counted.
std::size_t parameter_count(const Architecture& architecture);

/// Number of floating-point operations that classify one glyph: two per multiplication in
/// convolutions and dense layers, including those with padding. Other layers are not counted.
std::size_t operation_count(const Architecture& architecture);

/// A new model with random weights, as PyTorch initializes nn.Linear and nn.Conv2d: weights and
/// biases uniform in +-1/sqrt(inputs) (He et al. 2015 with a = sqrt(5)). The same seed gives the
/// same weights on every machine.
Model initialize(const Architecture& architecture, std::uint64_t seed);

/// Loads a model that save_model() wrote. Throws Error, naming file and field, if the file is
/// missing, is not a safetensors file, or has tensors that do not match its architecture.
Model load_model(const std::filesystem::path& file);

/// Loads a model from the bytes of such a file; messages call it `name`.
Model load_model(std::span<const std::byte> bytes, const std::filesystem::path& name);

/// Writes a .safetensors file, which safetensors.torch.load_file reads. An error or a crash leaves
/// no incomplete file: it is written under another name, synced, and renamed. Throws Error if the
/// model is invalid (see Model), or if the file cannot be written or its folder does not exist.
void save_model(const Model& model, const std::filesystem::path& file);

/// The built-in classifier of glyphs. It was trained on MNIST with strong augmentation, and on
/// drawn non-digits and rare styles of digits. docs/RESULTS.md has its accuracy.
Model default_model();

/// The built-in network that finds digits on pages. docs/RESULTS.md has its accuracy.
Model default_page_reader();

}  // namespace scrawl
