// The layers of a network, compiled to answer. A stage is what several layers have become: a
// normalization goes into the weights of the layer before it, a ReLU into that layer's last pass.
//
// In int8, a network computes its first convolution and the pooling behind it in numbers, since
// its input has signs; from there on, a value v lies as v * 255 / range, where the range is the
// largest value that training images gave there, and weights as w * 127 / the largest of their
// output.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/channel_kernels.hpp"
#include "network/convolution.hpp"
#include "network/kernels.hpp"
#include "network/matmul.hpp"
#include "network/pooling.hpp"

namespace scrawl {

/// A convolution with a bias, and the ReLU behind it.
struct ConvolutionStage {
  std::unique_ptr<Convolution> convolution;
  AlignedVector<float> bias;  // (channels as they are stored)
  bool relu = false;
};

/// A dense layer with a bias, and the ReLU behind it.
struct DenseStage {
  std::size_t rows = 0;
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  DataType type = DataType::f32;
  Epilogue epilogue;
  bool last = false;               // gives f32
  std::vector<std::byte> weights;  // packed as oneDNN likes it
  AlignedVector<float> bias;

  Matmul compile() const;
};

/// A normalization that cannot go into the layer before it, and the ReLU behind it.
struct ScaleStage {
  DataType type = DataType::f32;
  Extent extent;  // of all images
  std::vector<float> scale;
  std::vector<float> shift;
  bool relu = false;
};

struct PoolStage {
  DataType type = DataType::f32;
  std::size_t images = 0;
  Pool::Kind kind = Pool::Kind::max;
  PoolExtent extent;
};

/// A ReLU or a tanh that nothing else does in passing.
struct ActivationStage {
  DataType type = DataType::f32;
  bool relu = false;
  std::size_t values = 0;  // of all images
};

/// Adds what stage source - 1 gave (0: what came into the network), and the ReLU behind it.
struct ResidualStage {
  DataType type = DataType::f32;
  bool relu = false;
  std::size_t source = 0;
  std::size_t values = 0;  // of all images
};

/// Numbers become bytes.
struct QuantizeStage {
  DataType type = DataType::f32;
  std::size_t values = 0;  // of all images
  float scale = 1;
};

struct Stage {
  std::variant<ConvolutionStage, DenseStage, ScaleStage, PoolStage, ActivationStage, ResidualStage,
               QuantizeStage>
      work;
  std::size_t out_values = 0;  // of one image
};

/// The stages of a network for `rows` images of that size at once. Throws Error where the type is
/// u8 and the model cannot be computed in int8. `same`, where they are there: those of the same
/// model for images of another size, whose weights they share where that can be.
std::vector<Stage> make_stages(const Model& model, std::size_t rows, const Shape& input,
                               DataType type, std::span<const Stage> same = {});

/// Model::activation_ranges for a model without them, from some of the images (count, 28, 28) that
/// it was trained on; empty where it is too small to gain by bytes, or cannot be computed in them:
/// its first layer is no convolution, or one behind gives values below 0, or other averages than
/// the largest of several.
std::vector<float> measure_activation_ranges(const Model& model,
                                             std::span<const std::uint8_t> glyphs);

}  // namespace scrawl
