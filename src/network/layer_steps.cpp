#include "network/layer_steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "network/dropout.hpp"
#include "network/folding.hpp"
#include "network/kernels.hpp"

namespace scrawl {

namespace {

constexpr float statistics_momentum = 0.1F;  // of a step, in running means; PyTorch's

void mask(bool relu, std::size_t count, const float* out, float* gradient) {
  if (relu) mask_relu({gradient, count}, out);
}

void mask(bool relu, std::size_t count, const Bf16* out, Bf16* gradient) {
  if (relu) mask_relu({gradient, count}, out);
}

}  // namespace

std::size_t images_in_chunk(const Shape& input) {
  constexpr std::size_t pixels = 32 * 28 * 28;
  return std::clamp(pixels / input.pixels(), std::size_t{1}, std::size_t{32});
}

// ---- Convolution

template <typename T>
ConvolutionStep<T>::ConvolutionStep(const PlacedLayer& placed, std::size_t in_channels, bool relu,
                                    bool first, std::size_t offset, const Chunking& chunking)
    : placed_(placed),
      inputs_(in_channels),
      outputs_(stored_channels(placed)),
      relu_(relu),
      first_(first),
      offset_(offset) {
  const Conv& conv = std::get<Conv>(placed.layer);
  const ConvolutionShape shape{chunking.images,  inputs_,         outputs_,
                               placed.in.height, placed.in.width, conv.kernel,
                               conv.stride,      conv.padding,    conv.dilation};
  convolution_ =
      std::make_unique<Convolution>(shape, type_of<T>, Epilogue{.bias = placed.bias, .relu = relu});
  convolution_->prepare_training(!first);
  for (std::size_t i = 0; i < chunking.workers; ++i) runs_.emplace_back(*convolution_);
}

template <typename T>
std::vector<WeightRange> ConvolutionStep<T>::ranges() const {
  std::vector<WeightRange> ranges{
      {offset_, convolution_->trained_size(), WeightRange::Kind::weight}};
  if (placed_.bias) ranges.push_back({bias_offset(), outputs_, WeightRange::Kind::bias});
  return ranges;
}

/// Between (outputs, inputs, kernel, kernel) of the layer and of what is stored.
template <typename Visit>
void for_each_kernel(const Tensor& weight, std::size_t inputs, Visit visit) {
  const std::size_t size = weight.shape[2] * weight.shape[3];
  for (std::size_t o = 0; o < weight.shape[0]; ++o) {
    for (std::size_t i = 0; i < weight.shape[1]; ++i) {
      visit((o * weight.shape[1] + i) * size, (o * inputs + i) * size, size);
    }
  }
}

template <typename T>
void ConvolutionStep<T>::import(std::span<const Tensor> tensors, float* weights) const {
  const Tensor& weight = tensors[0];
  std::vector<float> plain(outputs_ * inputs_ * weight.shape[2] * weight.shape[3]);
  for_each_kernel(weight, inputs_, [&](std::size_t from, std::size_t to, std::size_t size) {
    std::copy_n(weight.values.data() + from, size, plain.data() + to);
  });
  convolution_->import_trained(plain.data(), weights + offset_);
  if (placed_.bias) std::ranges::copy(tensors[1].values, weights + bias_offset());
}

template <typename T>
void ConvolutionStep<T>::export_to(const float* weights, std::span<Tensor> tensors) const {
  Tensor& weight = tensors[0];
  std::vector<float> plain(outputs_ * inputs_ * weight.shape[2] * weight.shape[3]);
  convolution_->export_trained(weights + offset_, plain.data());
  for_each_kernel(weight, inputs_, [&](std::size_t to, std::size_t from, std::size_t size) {
    std::copy_n(plain.data() + from, size, weight.values.data() + to);
  });
  if (placed_.bias)
    std::copy_n(weights + bias_offset(), placed_.out.channels, tensors[1].values.data());
}

template <typename T>
void ConvolutionStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  runs_[chunk.worker].forward(in, placed_.bias ? chunk.weights + bias_offset() : nullptr, out);
}

template <typename T>
void ConvolutionStep<T>::backward(const Chunk& chunk, const T* in, const T* out, T* gradient,
                                  T* in_gradient) {
  const std::size_t rows = chunk.capacity * placed_.out.pixels();
  mask(relu_, rows * outputs_, out, gradient);
  ConvolutionRun& run = runs_[chunk.worker];
  run.weight_gradient(in, gradient, chunk.gradient + offset_);
  if (placed_.bias) {
    sum_columns(gradient, rows, outputs_, outputs_, chunk.gradient + bias_offset());
  }
  if (!first_) run.input_gradient(gradient, in_gradient);
}

// ---- A first convolution and its pooling

template <typename T>
FusedConvMaxPool FusedConvMaxPoolStep<T>::planes_of(const PlacedLayer& convolution,
                                                    const PlacedLayer& pool) {
  const Conv& conv = std::get<Conv>(convolution.layer);
  return {{convolution.in.height, convolution.in.width, conv.outputs, conv.kernel, conv.stride,
           conv.padding, convolution.out.height, convolution.out.width},
          {pool.in.height, pool.in.width, conv.outputs, std::get<Pool>(pool.layer).size}};
}

template <typename T>
bool FusedConvMaxPoolStep<T>::fits(const PlacedLayer& first, const PlacedLayer& next) {
  const auto* pool = std::get_if<Pool>(&next.layer);
  return std::holds_alternative<Conv>(first.layer) && first.in.channels == 1 && !first.bias &&
         std::get<Conv>(first.layer).dilation == 1 && pool != nullptr &&
         pool->kind == Pool::Kind::max && planes_of(first, next).is_supported();
}

template <typename T>
FusedConvMaxPoolStep<T>::FusedConvMaxPoolStep(const PlacedLayer& convolution,
                                              const PlacedLayer& pool, std::size_t offset,
                                              const Chunking& chunking)
    : planes_(planes_of(convolution, pool)), offset_(offset), outputs_(convolution.out.channels) {
  const PlaneConvolution& plane = planes_.plane;
  copy_.resize(sizeof(T) == 2 ? plane.weight_pairs_size() : 0);
  for (std::size_t i = 0; i < chunking.workers; ++i) {
    Memory& memory = memories_.emplace_back();
    memory.padded.resize(plane.padded_size() + 1);
    memory.maps.resize(convolution.out.size());
    memory.argmax.resize(chunking.images * planes_.out_size());
    memory.images.resize(planes_.padded_size(chunking.images));
  }
}

template <typename T>
std::vector<WeightRange> FusedConvMaxPoolStep<T>::ranges() const {
  const std::size_t taps = planes_.plane.kernel * planes_.plane.kernel;
  return {{offset_, taps * outputs_, WeightRange::Kind::weight}};
}

/// (outputs, 1, kernel, kernel) to (kernel, kernel, outputs).
template <typename T>
void FusedConvMaxPoolStep<T>::import(std::span<const Tensor> tensors, float* weights) const {
  const std::size_t taps = tensors[0].values.size() / outputs_;
  for (std::size_t i = 0; i < tensors[0].values.size(); ++i) {
    weights[offset_ + i % taps * outputs_ + i / taps] = tensors[0].values[i];
  }
}

template <typename T>
void FusedConvMaxPoolStep<T>::export_to(const float* weights, std::span<Tensor> tensors) const {
  const std::size_t taps = tensors[0].values.size() / outputs_;
  for (std::size_t i = 0; i < tensors[0].values.size(); ++i) {
    tensors[0].values[i] = weights[offset_ + i % taps * outputs_ + i / taps];
  }
}

template <typename T>
void FusedConvMaxPoolStep<T>::refresh(const float* weights) {
  if constexpr (sizeof(T) == 2) pair_weights(weights + offset_, planes_.plane, copy_.data());
}

template <typename T>
void FusedConvMaxPoolStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  Memory& memory = memories_[chunk.worker];
  const Pixels* weights;
  if constexpr (sizeof(T) == 2) {
    weights = copy_.data();
  } else {
    weights = chunk.weights + offset_;
  }
  for (std::size_t i = 0; i < chunk.capacity; ++i) {
    convolve_plane(in + i * planes_.plane.height * planes_.plane.width, planes_.plane, weights,
                   nullptr, false, memory.padded.data(), memory.maps.data());
    const std::size_t at = i * planes_.out_size();
    max_pool(memory.maps.data(), planes_, out + at, memory.argmax.data() + at);
  }
}

template <typename T>
void FusedConvMaxPoolStep<T>::backward(const Chunk& chunk, const T* in, const T* /*out*/,
                                       T* gradient, T* /*in_gradient*/) {
  Memory& memory = memories_[chunk.worker];
  const PlaneConvolution& plane = planes_.plane;
  for (std::size_t i = 0; i < chunk.images; ++i) {
    pad_plane(in + i * plane.height * plane.width, plane,
              memory.images.data() + i * plane.padded_size());
  }
  weight_gradient(memory.images.data(), gradient, memory.argmax.data(), chunk.images, planes_,
                  chunk.gradient + offset_);
}

// ---- Dense

template <typename T>
DenseLayerStep<T>::DenseLayerStep(const PlacedLayer& placed, std::size_t in_channels, bool relu,
                                  bool first, bool last, std::size_t offset,
                                  const Chunking& chunking)
    : placed_(placed),
      channels_(in_channels),
      inputs_(in_channels * placed.in.pixels()),
      outputs_(placed.out.channels),
      relu_(relu),
      first_(first),
      offset_(offset),
      copy_(outputs_ * inputs_) {
  constexpr DataType type = type_of<T>;
  for (std::size_t i = 0; i < chunking.workers; ++i) {
    products_.push_back(
        {Matmul({chunking.images, inputs_, type}, {inputs_, outputs_, type, MatrixLayout::columns},
                {chunking.images, outputs_, last ? DataType::f32 : type},
                {.bias = placed.bias, .relu = relu}),
         Matmul({chunking.images, outputs_, type}, {outputs_, inputs_, type},
                {chunking.images, inputs_, type}),
         Matmul({outputs_, chunking.images, type, MatrixLayout::columns},
                {chunking.images, inputs_, type}, {outputs_, inputs_, DataType::f32})});
  }
}

template <typename T>
std::vector<WeightRange> DenseLayerStep<T>::ranges() const {
  std::vector<WeightRange> ranges{{offset_, outputs_ * inputs_, WeightRange::Kind::weight}};
  if (placed_.bias) {
    ranges.push_back({offset_ + outputs_ * inputs_, outputs_, WeightRange::Kind::bias});
  }
  return ranges;
}

/// Where the weight of an output and an input stands; inputs are counted as PyTorch flattens them:
/// (channels, height, width).
template <typename T>
std::size_t DenseLayerStep<T>::place_of(std::size_t output, std::size_t input) const {
  const std::size_t pixels = placed_.in.pixels();
  return output * inputs_ + input % pixels * channels_ + input / pixels;
}

template <typename T>
void DenseLayerStep<T>::import(std::span<const Tensor> tensors, float* weights) const {
  const std::size_t inputs = placed_.in.size();
  for (std::size_t o = 0; o < outputs_; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      weights[offset_ + place_of(o, i)] = tensors[0].values[o * inputs + i];
    }
  }
  if (placed_.bias) {
    std::ranges::copy(tensors[1].values, weights + offset_ + outputs_ * inputs_);
  }
}

template <typename T>
void DenseLayerStep<T>::export_to(const float* weights, std::span<Tensor> tensors) const {
  const std::size_t inputs = placed_.in.size();
  for (std::size_t o = 0; o < outputs_; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      tensors[0].values[o * inputs + i] = weights[offset_ + place_of(o, i)];
    }
  }
  if (placed_.bias) {
    std::copy_n(weights + offset_ + outputs_ * inputs_, outputs_, tensors[1].values.data());
  }
}

template <typename T>
void DenseLayerStep<T>::refresh(const float* weights) {
  convert({weights + offset_, copy_.size()}, copy_.data());
}

template <typename T>
void DenseLayerStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  const float* bias = placed_.bias ? chunk.weights + offset_ + outputs_ * inputs_ : nullptr;
  products_[chunk.worker].forward(in, copy_.data(), bias, out);
}

template <typename T>
void DenseLayerStep<T>::backward(const Chunk& chunk, const T* in, const T* out, T* gradient,
                                 T* in_gradient) {
  mask(relu_, chunk.capacity * outputs_, out, gradient);
  Products& products = products_[chunk.worker];
  float* to = chunk.gradient + offset_;
  products.weight_gradient(gradient, in, nullptr, to);
  if (placed_.bias) {
    sum_columns(gradient, chunk.capacity, outputs_, outputs_, to + outputs_ * inputs_);
  }
  if (!first_) products.input_gradient(gradient, copy_.data(), nullptr, in_gradient);
}

// ---- Norm: the layer's numbers are weight, bias, running mean and running variance.

template <typename T>
NormStep<T>::NormStep(const PlacedLayer& placed, std::size_t channels, bool relu,
                      std::optional<std::size_t> source, std::size_t offset,
                      const Chunking& chunking)
    : placed_(placed), channels_(channels), relu_(relu), source_(source), offset_(offset) {
  const std::vector<float> zeros(channels);
  moments_.assign(chunking.workers, {zeros, zeros, zeros, zeros, zeros, zeros});
  measured_.assign(chunking.chunks, std::vector<float>(2 * channels));
}

template <typename T>
std::vector<WeightRange> NormStep<T>::ranges() const {
  return {{offset_, 2 * channels_, WeightRange::Kind::bias},
          {offset_ + 2 * channels_, 2 * channels_, WeightRange::Kind::statistic}};
}

template <typename T>
void NormStep<T>::import(std::span<const Tensor> tensors, float* weights) const {
  for (std::size_t i = 0; i < 4; ++i) {
    std::ranges::copy(tensors[i].values, weights + offset_ + i * channels_);
  }
}

template <typename T>
void NormStep<T>::export_to(const float* weights, std::span<Tensor> tensors) const {
  for (std::size_t i = 0; i < 4; ++i) {
    std::copy_n(weights + offset_ + i * channels_, placed_.in.channels, tensors[i].values.data());
  }
}

template <typename T>
void NormStep<T>::forward(const Chunk& chunk, const T* in, const T* added, T* out) {
  Moments& own = moments_[chunk.worker];
  std::vector<double> sums(channels_);
  std::vector<double> squares(channels_);
  // Image by image, so that no f32 sum has many terms.
  for (std::size_t image = 0; image < chunk.images; ++image) {
    std::ranges::fill(own.scale, 0.0F);
    std::ranges::fill(own.shift, 0.0F);
    add_moments(in + image * placed_.in.pixels() * channels_, extent(1), own.scale.data(),
                own.shift.data());
    for (std::size_t c = 0; c < channels_; ++c) {
      sums[c] += static_cast<double>(own.scale[c]);
      squares[c] += static_cast<double>(own.shift[c]);
    }
  }
  const auto count = static_cast<double>(extent(chunk.images).rows);
  const float* weight = chunk.weights + offset_;
  const float* bias = weight + channels_;
  const float* running_mean = bias + channels_;
  const float* running_variance = running_mean + channels_;
  const Renormalization& most = chunk.renormalization;
  for (std::size_t c = 0; c < channels_; ++c) {
    const double mean = sums[c] / count;
    const double variance = std::max(0.0, squares[c] / count - mean * mean);
    own.mean[c] = static_cast<float>(mean);
    own.inverse[c] = 1.0F / std::sqrt(static_cast<float>(variance) + norm_epsilon);
    const float running_inverse = 1.0F / std::sqrt(running_variance[c] + norm_epsilon);
    own.ratio[c] = std::clamp(running_inverse / own.inverse[c], 1 / most.max_ratio, most.max_ratio);
    own.offset[c] = std::clamp((own.mean[c] - running_mean[c]) * running_inverse, -most.max_shift,
                               most.max_shift);
    own.scale[c] = weight[c] * own.inverse[c] * own.ratio[c];
    own.shift[c] = bias[c] + weight[c] * own.offset[c] - own.mean[c] * own.scale[c];
    measured_[chunk.index][c] = own.mean[c];
    measured_[chunk.index][channels_ + c] = static_cast<float>(variance);
  }
  const Extent all = extent(chunk.capacity);
  source_ ? scale_shift_add(in, added, all, own.scale.data(), own.shift.data(), relu_, out)
          : scale_shift(in, all, own.scale.data(), own.shift.data(), relu_, out);
}

/// Ioffe and Szegedy 2015, section 3, with x^ = (x - mean) inverse and averages over the n rows:
/// in' = weight inverse (g - avg(g) - x^ avg(g x^)), written as a g + b x + d; with
/// renormalization, of which the ratio and offset are constants, weight x^ is weight (ratio x^ +
/// offset).
template <typename T>
void NormStep<T>::backward(const Chunk& chunk, const T* in, const T* out, const T* also,
                           T* gradient, T* in_gradient) {
  const Moments& own = moments_[chunk.worker];
  const std::size_t image_size = placed_.in.pixels() * channels_;
  std::vector<double> sums(channels_);
  std::vector<double> products(channels_);
  std::vector<float> sum(channels_);
  std::vector<float> product(channels_);
  for (std::size_t image = 0; image < chunk.images; ++image) {
    std::ranges::fill(sum, 0.0F);
    std::ranges::fill(product, 0.0F);
    const std::size_t at = image * image_size;
    source_ ? take_residual_gradient(in + at, out + at, also == nullptr ? nullptr : also + at,
                                     extent(1), relu_, gradient + at, sum.data(), product.data())
            : add_gradient_moments(in + at, gradient + at, extent(1), own.scale.data(),
                                   own.shift.data(), relu_, sum.data(), product.data());
    for (std::size_t c = 0; c < channels_; ++c) {
      sums[c] += static_cast<double>(sum[c]);
      products[c] += static_cast<double>(product[c]);
    }
  }
  float* weight_gradient = chunk.gradient + offset_;
  float* bias_gradient = weight_gradient + channels_;
  const auto count = static_cast<double>(extent(chunk.images).rows);
  std::vector<float> b(channels_);
  std::vector<float> d(channels_);
  for (std::size_t c = 0; c < channels_; ++c) {
    const double inverse = own.inverse[c];
    const double mean = own.mean[c];
    const double with_normal = (products[c] - mean * sums[c]) * inverse;  // sum of g x^
    weight_gradient[c] = static_cast<float>(with_normal * static_cast<double>(own.ratio[c]) +
                                            sums[c] * static_cast<double>(own.offset[c]));
    bias_gradient[c] = static_cast<float>(sums[c]);
    const double factor = own.scale[c] * inverse * with_normal / count;
    b[c] = static_cast<float>(-factor);
    d[c] = static_cast<float>(factor * mean - own.scale[c] * sums[c] / count);
  }
  combine_gradient(in, gradient, extent(chunk.images), own.scale.data(), own.shift.data(),
                   relu_ && !source_, {own.scale.data(), b.data(), d.data()}, in_gradient);
  std::fill(in_gradient + chunk.images * image_size, in_gradient + chunk.capacity * image_size,
            T{});
}

template <typename T>
void NormStep<T>::update_statistics(std::span<const std::size_t> images, float* weights) const {
  float* running_mean = weights + offset_ + 2 * channels_;
  float* running_variance = running_mean + channels_;
  for (std::size_t c = 0; c < channels_; ++c) {
    float mean = 0;
    float variance = 0;
    for (std::size_t chunk = 0; chunk < images.size(); ++chunk) {
      const auto rows = static_cast<float>(extent(images[chunk]).rows);
      const float fraction = 1.0F / static_cast<float>(images.size());
      mean += fraction * measured_[chunk][c];
      variance += fraction * measured_[chunk][channels_ + c] * rows / std::max(1.0F, rows - 1);
    }
    running_mean[c] += statistics_momentum * (mean - running_mean[c]);
    running_variance[c] += statistics_momentum * (variance - running_variance[c]);
  }
}

// ---- Layers without weights

template <typename T>
PoolStep<T>::PoolStep(const PlacedLayer& placed, std::size_t channels)
    : kind_(std::get<Pool>(placed.layer).kind),
      extent_{placed.in.height, placed.in.width, channels, std::get<Pool>(placed.layer).size} {}

template <typename T>
void PoolStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  const std::size_t in_size = extent_.height * extent_.width * extent_.channels;
  const std::size_t out_size = extent_.out_height() * extent_.out_width() * extent_.channels;
  for (std::size_t i = 0; i < chunk.capacity; ++i, in += in_size, out += out_size) {
    kind_ == Pool::Kind::max ? max_pool(in, extent_, out) : average_pool(in, extent_, out);
  }
}

template <typename T>
void PoolStep<T>::backward(const Chunk& chunk, const T* in, const T* /*out*/, T* gradient,
                           T* in_gradient) {
  const std::size_t in_size = extent_.height * extent_.width * extent_.channels;
  const std::size_t out_size = extent_.out_height() * extent_.out_width() * extent_.channels;
  for (std::size_t i = 0; i < chunk.capacity; ++i) {
    const T* g = gradient + i * out_size;
    T* to = in_gradient + i * in_size;
    kind_ == Pool::Kind::max ? max_pool_gradient(in + i * in_size, g, extent_, to)
                             : average_pool_gradient(g, extent_, to);
  }
}

template <typename T>
void ActivationStep<T>::forward(const Chunk& /*chunk*/, const T* in, T* out) {
  if (!relu_) return hyperbolic_tangent(in, values_, out);
  std::copy_n(in, values_, out);
  relu(out, values_);
}

template <typename T>
void ActivationStep<T>::backward(const Chunk& /*chunk*/, const T* /*in*/, const T* out, T* gradient,
                                 T* in_gradient) {
  if (!relu_) return tanh_gradient(out, gradient, values_, in_gradient);
  mask(true, values_, out, gradient);
  std::copy_n(gradient, values_, in_gradient);
}

template <typename T>
DropoutStep<T>::DropoutStep(float rate, std::size_t values, std::size_t layer,
                            const Chunking& chunking)
    : limit_(DropoutBits::limit(rate)),
      scale_(1 / (1 - rate)),
      values_(values),
      layer_(layer),
      bits_(chunking.workers, std::vector<std::uint32_t>(values)) {}

template <typename T>
void DropoutStep<T>::forward(const Chunk& chunk, const T* in, T* out) {
  std::vector<std::uint32_t>& bits = bits_[chunk.worker];
  DropoutBits random(chunk.random, layer_);
  for (std::uint32_t& own : bits) own = random.next();
  drop(in, bits.data(), limit_, scale_, values_, out);
}

template <typename T>
void DropoutStep<T>::backward(const Chunk& chunk, const T* /*in*/, const T* /*out*/, T* gradient,
                              T* in_gradient) {
  drop(gradient, bits_[chunk.worker].data(), limit_, scale_, values_, in_gradient);
}

template <typename T>
void ResidualStep<T>::forward(const Chunk& /*chunk*/, const T* in, const T* added, T* out) const {
  add(in, added, values_, out);
  if (relu_) relu(out, values_);
}

template <typename T>
void ResidualStep<T>::backward(const Chunk& /*chunk*/, const T* /*in*/, const T* out, T* gradient,
                               T* in_gradient) {
  mask(relu_, values_, out, gradient);
  std::copy_n(gradient, values_, in_gradient);
}

template class ConvolutionStep<float>;
template class ConvolutionStep<Bf16>;
template class FusedConvMaxPoolStep<float>;
template class FusedConvMaxPoolStep<Bf16>;
template class DenseLayerStep<float>;
template class DenseLayerStep<Bf16>;
template class NormStep<float>;
template class NormStep<Bf16>;
template class PoolStep<float>;
template class PoolStep<Bf16>;
template class ActivationStep<float>;
template class ActivationStep<Bf16>;
template class DropoutStep<float>;
template class DropoutStep<Bf16>;
template class ResidualStep<float>;
template class ResidualStep<Bf16>;

}  // namespace scrawl
