// The layers of a network, each compiled for training: forward, back, and its weights.
//
// What a layer works on is a chunk: some images of a batch that one worker takes through all
// layers. Values of T lie as (images, height, width, channels). The learned numbers of all layers
// stand in one array of f32, each layer's from its `offset` on, in an order of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <variant>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/channel_kernels.hpp"
#include "network/convolution.hpp"
#include "network/fused_conv_max_pool.hpp"
#include "network/matmul.hpp"
#include "network/pooling.hpp"
#include "network/renormalization.hpp"
#include "network/shapes.hpp"

namespace scrawl {

/// How a batch is shared out.
struct Chunking {
  std::size_t images =
      0;  ///< that one task takes through the network; a Norm takes its mean over them
  std::size_t chunks = 0;   ///< of a full batch
  std::size_t workers = 0;  ///< that have memory for a chunk, each
};

/// So many images of that size that what goes through the layers stays in a core's cache: 32
/// glyphs, or one page's crop.
std::size_t images_in_chunk(const Shape& input);

/// One task's place.
struct Chunk {
  std::size_t worker = 0;
  std::size_t index = 0;     ///< in the batch
  std::size_t capacity = 0;  ///< images of a whole chunk
  std::size_t images = 0;    ///< 1 to capacity; those beyond have no gradient
  std::uint64_t random = 0;  ///< key of the random numbers of this chunk in this step
  Renormalization renormalization = {};
  const float* weights = nullptr;  ///< of all layers
  float* gradient = nullptr;       ///< of all layers, of this chunk's images
};

/// Some of a layer's numbers.
struct WeightRange {
  std::size_t offset = 0;
  std::size_t size = 0;
  enum class Kind { weight, bias, statistic } kind = Kind::weight;
};

/// A convolution with bias or without, and the ReLU behind it.
template <typename T>
class ConvolutionStep {
 public:
  ConvolutionStep(const PlacedLayer& placed, std::size_t in_channels, bool relu, bool first,
                  std::size_t offset, const Chunking& chunking);

  std::vector<WeightRange> ranges() const;
  void import(std::span<const Tensor> tensors, float* weights) const;
  void export_to(const float* weights, std::span<Tensor> tensors) const;
  void refresh(const float* weights) { convolution_->set_trained(weights + offset_); }
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  std::size_t bias_offset() const { return offset_ + convolution_->trained_size(); }

  PlacedLayer placed_;
  std::size_t inputs_;   // channels as they are stored
  std::size_t outputs_;  // the same
  bool relu_;
  bool first_;
  std::size_t offset_;
  std::unique_ptr<Convolution> convolution_;
  std::vector<ConvolutionRun> runs_;  // one for each worker
};

/// A first convolution without a bias, and the max-pooling behind it.
template <typename T>
class FusedConvMaxPoolStep {
 public:
  static bool fits(const PlacedLayer& first, const PlacedLayer& next);
  FusedConvMaxPoolStep(const PlacedLayer& convolution, const PlacedLayer& pool, std::size_t offset,
                       const Chunking& chunking);

  std::vector<WeightRange> ranges() const;
  void import(std::span<const Tensor> tensors, float* weights) const;
  void export_to(const float* weights, std::span<Tensor> tensors) const;
  void refresh(const float* weights);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  /// What pixels are as they are multiplied: one by one, or in pairs.
  using Pixels = std::conditional_t<std::is_same_v<T, float>, float, std::uint32_t>;

  /// A worker's.
  struct Memory {
    AlignedVector<Pixels> padded;         // one image
    AlignedVector<T> maps;                // what the convolution makes of it
    AlignedVector<std::uint16_t> argmax;  // (chunk, squares, outputs)
    AlignedVector<float> images;          // (chunk), padded
  };

  static FusedConvMaxPool planes_of(const PlacedLayer& convolution, const PlacedLayer& pool);

  FusedConvMaxPool planes_;
  std::size_t offset_;
  std::size_t outputs_;
  AlignedVector<Pixels> copy_;  // of the weights (kernel, kernel, outputs), as they are multiplied
  std::vector<Memory> memories_;
};

/// A dense layer with bias or without, and the ReLU behind it. The last one's outputs are f32.
template <typename T>
class DenseLayerStep {
 public:
  DenseLayerStep(const PlacedLayer& placed, std::size_t in_channels, bool relu, bool first,
                 bool last, std::size_t offset, const Chunking& chunking);

  std::vector<WeightRange> ranges() const;
  void import(std::span<const Tensor> tensors, float* weights) const;
  void export_to(const float* weights, std::span<Tensor> tensors) const;
  void refresh(const float* weights);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  struct Products {
    Matmul forward;
    Matmul input_gradient;
    Matmul weight_gradient;
  };

  std::size_t place_of(std::size_t output, std::size_t input) const;

  PlacedLayer placed_;
  std::size_t channels_;  // of the input, as they are stored
  std::size_t inputs_;    // with those between the channels of the layer and the stored ones
  std::size_t outputs_;
  bool relu_;
  bool first_;
  std::size_t offset_;
  std::vector<Products> products_;  // one for each worker
  AlignedVector<T> copy_;           // (outputs, inputs)
};

/// Batch normalization, the residual sum behind it, and the ReLU behind that.
template <typename T>
class NormStep {
 public:
  /// `source` is the place whose input is added, if any.
  NormStep(const PlacedLayer& placed, std::size_t channels, bool relu,
           std::optional<std::size_t> source, std::size_t offset, const Chunking& chunking);

  std::optional<std::size_t> source() const { return source_; }

  std::vector<WeightRange> ranges() const;
  void import(std::span<const Tensor> tensors, float* weights) const;
  void export_to(const float* weights, std::span<Tensor> tensors) const;
  /// `added` is not read where there is no source.
  void forward(const Chunk& chunk, const T* in, const T* added, T* out);
  /// Where there is a source, `also` (may be null) is added to the gradient first, which then
  /// becomes that of what was added.
  void backward(const Chunk& chunk, const T* in, const T* out, const T* also, T* gradient,
                T* in_gradient);

  /// Moves the running mean and variance toward those of this step's chunks.
  void update_statistics(std::span<const std::size_t> images, float* weights) const;

 private:
  /// Of one worker's present chunk, each (channels).
  struct Moments {
    std::vector<float> mean;
    std::vector<float> inverse;  // 1 / deviation
    std::vector<float> scale;    // what scale_shift does to the input
    std::vector<float> shift;
    std::vector<float> ratio;   // by which renormalization multiplies the normalized values
    std::vector<float> offset;  // and what it adds to them
  };

  Extent extent(std::size_t images) const { return {images * placed_.in.pixels(), channels_}; }

  PlacedLayer placed_;
  std::size_t channels_;  // as they are stored
  bool relu_;
  std::optional<std::size_t> source_;
  std::size_t offset_;
  std::vector<Moments> moments_;              // one for each worker
  std::vector<std::vector<float>> measured_;  // of each chunk: mean, then variance
};

template <typename T>
class PoolStep {
 public:
  PoolStep(const PlacedLayer& placed, std::size_t channels);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  Pool::Kind kind_;
  PoolExtent extent_;
};

/// A ReLU or a tanh that no other step does in passing.
template <typename T>
class ActivationStep {
 public:
  ActivationStep(bool relu, std::size_t values) : relu_(relu), values_(values) {}
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  bool relu_;
  std::size_t values_;  // of a chunk
};

template <typename T>
class DropoutStep {
 public:
  DropoutStep(float rate, std::size_t values, std::size_t layer, const Chunking& chunking);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  std::uint32_t limit_;  // a random number below it keeps the value
  float scale_;
  std::size_t values_;                            // of a chunk
  std::size_t layer_;                             // among the architecture's
  std::vector<std::vector<std::uint32_t>> bits_;  // one for each worker
};

/// Adds what came into an earlier place of the network, and the ReLU behind it. Where that is a sum
/// with what a NormStep gives, it does this in passing.
template <typename T>
class ResidualStep {
 public:
  ResidualStep(bool relu, std::size_t source, std::size_t values)
      : relu_(relu), source_(source), values_(values) {}

  /// The place whose input is added.
  std::optional<std::size_t> source() const { return source_; }
  void forward(const Chunk& chunk, const T* in, const T* added, T* out) const;
  /// The gradient becomes that of what was added.
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  bool relu_;
  std::size_t source_;
  std::size_t values_;  // of a chunk
};

template <typename T>
using LayerStep =
    std::variant<ConvolutionStep<T>, FusedConvMaxPoolStep<T>, DenseLayerStep<T>, NormStep<T>,
                 PoolStep<T>, ActivationStep<T>, DropoutStep<T>, ResidualStep<T>>;

}  // namespace scrawl
