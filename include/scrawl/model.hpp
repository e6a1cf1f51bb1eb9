// A model is data: an architecture, named weights, and what they need to be used rightly.
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
  std::size_t outputs = 0;
  bool operator==(const Dense&) const = default;
};

/// A convolution (LeCun et al. 1989) with square kernels; has a bias unless a Norm follows before
/// anything else that is not a pooling.
struct Conv {
  std::size_t outputs = 0;  ///< channels
  std::size_t kernel = 3;   ///< side, in pixels
  std::size_t stride = 1;
  /// Pixels of zeros around: dilation * (kernel - 1) / 2 ("same") or 0 ("valid").
  std::size_t padding = 1;
  /// Pixels from one weight of the kernel to the next (Yu and Koltun 2016).
  std::size_t dilation = 1;
  bool operator==(const Conv&) const = default;
};

/// Takes the largest or the average of each square of `size` pixels; squares do not overlap, and
/// what is left at the right and lower edge is dropped.
struct Pool {
  enum class Kind { max, average };
  Kind kind = Kind::max;
  std::size_t size = 2;
  bool operator==(const Pool&) const = default;
};

/// Batch normalization, channel by channel (Ioffe and Szegedy 2015): y = weight (x - mean) /
/// sqrt(variance + 1e-5) + bias. In training, mean and variance are those of each 32 images of a
/// batch ("ghost batches", Hoffer et al. 2017); in use, their running averages.
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

/// In training, sets values to 0 with probability `rate` and scales the rest up to make good for it
/// (Srivastava et al. 2014); in use, does nothing.
struct Dropout {
  float rate = 0;  ///< 0.001 to 0.999
  bool operator==(const Dropout&) const = default;
};

/// Adds what came into the layer that many layers before it (He et al. 2016), which has to have the
/// same shape: `residual 5` behind conv, norm, relu, conv, norm adds what came into the first conv.
struct Residual {
  std::size_t span = 1;
  bool operator==(const Residual&) const = default;
};

using Layer = std::variant<Dense, Conv, Pool, Norm, Relu, Tanh, Dropout, Residual>;

/// The values of one image before, between or behind layers.
struct Shape {
  std::size_t channels = 0;
  std::size_t height = 0;
  std::size_t width = 0;

  std::size_t pixels() const { return height * width; }
  std::size_t size() const { return channels * pixels(); }
  bool operator==(const Shape&) const = default;
};

/// Layers from a picture to what the network says of it: a classifier of glyphs goes from 1x28x28
/// to ten logits, one for each digit; a network that ends with a Conv gives maps, and where all its
/// layers are convolutional it takes pictures of any size. One that a program puts together has to
/// be such as parse_architecture takes, with the same ranges: what it is given to throws Error
/// naming the layer otherwise.
struct Architecture {
  std::vector<Layer> layers{};
  Shape input{1, 28, 28};
  bool operator==(const Architecture&) const = default;
};

/// Reads an architecture that a person wrote: layers from input to output, separated by commas, as
/// in
///     conv 32 3, norm, relu, max-pool 2, conv 64 3 stride 2 valid, tanh, average-pool 2,
///     dropout 0.5, dense 10
/// or the name of a preset, such as `mlp`: dense 256, relu, dense 128, relu, dense 10. An input
/// other than a glyph is written first, channels, height and width, and a network may end in maps:
///     input 1 64 128, conv 16 3 stride 2, relu, conv 16 3 dilation 2, relu, residual 2, conv 12 1
/// Throws Error naming the layer that is not understood or does not fit, and when the last layer
/// gives neither ten logits nor maps (a ReLU on the logits kills classes, so it is refused).
Architecture parse_architecture(std::string_view text);

/// The same, written out; parse_architecture(to_string(a)) == a.
std::string to_string(const Architecture& architecture);

/// A named array of floats, row-major.
struct Tensor {
  /// As PyTorch users write: fc1.weight, fc1.bias, conv1.weight, norm1.running_mean, ...
  std::string name{};
  /// fc1.weight: (outputs, inputs); conv1.weight: (outputs, inputs, kernel, kernel); others:
  /// (outputs)
  std::vector<std::size_t> shape{};
  std::vector<float> values{};
};

/// What a pixel p (0 to 255) becomes at the network's input: (p / 255 - mean) / std.
/// The defaults are MNIST's own mean and standard deviation, as the classic tutorial has them.
struct Normalization {
  float mean = 0.1307F;
  float std = 0.3081F;  ///< more than 0
};

/// Everything needed to use a trained network. One that a program puts together is held to what a
/// file may hold: what it is given to throws Error, naming what was found and expected, when its
/// layers are no network, its weights do not fit them or are not finite, or another number cannot
/// be.
struct Model {
  Architecture architecture{};
  std::vector<Tensor> weights{};  ///< in the order of weight_shapes(architecture)
  Normalization normalization{};
  /// The network's last values are divided by it before they become probabilities (Guo et al.
  /// 2017), so that these mean what they say; more than 0.
  float temperature = 1;
  /// The largest values that come out of each convolution and each dense layer but the last, with
  /// the normalization and the ReLU behind it, on images that it was trained on: int8 needs them.
  /// Empty: it is computed in bf16 or f32 alone.
  std::vector<float> activation_ranges{};
  /// Where it comes from: seed, epoch, dataset digest, accuracy and so on. For people; not needed
  /// to run the model.
  std::map<std::string, std::string> metadata{};
};

/// The tensors that an architecture needs, in order, with names and shapes but without values; of
/// its first layers alone, too.
std::vector<Tensor> weight_shapes(const Architecture& architecture);

/// How many weights an architecture has; what normalizations keep for use (their running mean and
/// variance) is not learned, and not counted.
std::size_t parameter_count(const Architecture& architecture);

/// Floating-point operations to read one glyph: two for each multiplication of convolutions and
/// dense layers, those with the zeros around the picture included; others are not counted.
std::size_t operation_count(const Architecture& architecture);

/// A new model with random weights, the way PyTorch initializes nn.Linear and nn.Conv2d: weights
/// and biases uniform in +-1/sqrt(inputs) (He et al. 2015 with a = sqrt(5)). The same seed gives
/// the same weights on every machine.
Model initialize(const Architecture& architecture, std::uint64_t seed);

/// Reads a model that save_model wrote. Throws Error, naming file and field, when the file is
/// missing, is not a safetensors file, or its tensors do not fit the architecture that it names.
Model load_model(const std::filesystem::path& file);

/// The same from a file's bytes; `name` is what messages call it.
Model load_model(std::span<const std::byte> bytes, const std::filesystem::path& name);

/// Writes a .safetensors file (Python opens it with safetensors.torch.load_file). The file appears
/// whole or not at all: it is written beside its place, synced, and renamed. Throws Error when the
/// model cannot be (see Model), and when the disk will not take it.
void save_model(const Model& model, const std::filesystem::path& file);

/// The built-in model, which is part of the library: trained on MNIST, with its glyphs changed as
/// other pens and writers would write them, and on drawn non-digits or rare styles.
/// docs/RESULTS.md says how good it is.
Model default_model();

/// The built-in network that finds digits on pages; docs/RESULTS.md says how good it is.
Model default_page_reader();

}  // namespace scrawl
