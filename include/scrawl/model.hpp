// A model is data: an architecture, named weights, and what they need to be used rightly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace scrawl {

/// A fully connected layer: y = W x + b, W of shape (outputs, inputs).
struct Dense {
  std::size_t outputs = 0;
  bool operator==(const Dense&) const = default;
};

/// y = max(x, 0), element by element.
struct Relu {
  bool operator==(const Relu&) const = default;
};

using Layer = std::variant<Dense, Relu>;

/// Layers from the 28x28 glyph to ten logits, one for each digit.
struct Architecture {
  std::vector<Layer> layers;
  bool operator==(const Architecture&) const = default;
};

/// Reads an architecture that a person wrote: layers from input to output, parted by commas, as in
///     dense 256, relu, dense 128, relu, dense 10
/// or the name of a preset (`mlp`: the one above).
/// Throws Error naming the layer that is not understood, and when the last layer does not give ten
/// values (a ReLU on the logits kills classes, so it is refused).
Architecture parse_architecture(std::string_view text);

/// The same, written out; parse_architecture(to_string(a)) == a.
std::string to_string(const Architecture& architecture);

/// A named array of floats, row-major.
struct Tensor {
  std::string name;                ///< PyTorch's names: fc1.weight, fc1.bias, ...
  std::vector<std::size_t> shape;  ///< fc1.weight: (outputs, inputs); fc1.bias: (outputs)
  std::vector<float> values;
};

/// What a pixel p (0 to 255) becomes at the network's input: (p / 255 - mean) / deviation.
/// The defaults are MNIST's own mean and standard deviation, as the classic tutorial has them.
struct Normalisation {
  float mean = 0.1307F;
  float deviation = 0.3081F;
};

/// Everything needed to use a trained network.
struct Model {
  Architecture architecture;
  std::vector<Tensor> weights;  ///< in the order of weight_shapes(architecture)
  Normalisation normalisation;
  /// Where it comes from: seed, epoch, dataset digest, accuracy and so on. For people; not needed
  /// to run the model.
  std::map<std::string, std::string> metadata;
};

/// The tensors that an architecture needs, in order, with names and shapes but without values.
std::vector<Tensor> weight_shapes(const Architecture& architecture);

/// How many weights an architecture has.
std::size_t parameter_count(const Architecture& architecture);

/// A new model with random weights, the way PyTorch initialises nn.Linear: weights and biases
/// uniform in +-1/sqrt(inputs) (He et al. 2015 with a = sqrt(5)). The same seed gives the same
/// weights on every machine.
Model initialise(const Architecture& architecture, std::uint64_t seed);

/// Reads a model that save_model wrote. Throws Error, naming file and field, when the file is
/// missing, is not a safetensors file, or its tensors do not fit the architecture that it names.
Model load_model(const std::filesystem::path& file);

/// Writes a .safetensors file (Python opens it with safetensors.torch.load_file). The file appears
/// whole or not at all: it is written beside its place, synced, and renamed. Throws Error when the
/// disk will not take it.
void save_model(const Model& model, const std::filesystem::path& file);

}  // namespace scrawl
