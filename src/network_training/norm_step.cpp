#include "network_training/norm_step.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "network/folding.hpp"
#include "network/kernels.hpp"
#include "network_training/relu_mask.hpp"

namespace scrawl {

template <typename T>
NormStep<T>::NormStep(const PlacedLayer& placed, std::size_t channels, bool relu,
                      std::optional<std::size_t> source, std::size_t offset,
                      const Chunking& chunking)
    : placed_(placed), channels_(channels), relu_(relu), source_(source), offset_(offset) {
  const std::vector<float> zeros(channels);
  moments_.assign(chunking.workers, {zeros, zeros, zeros, zeros, zeros, zeros});
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
  float* measured_mean = chunk.gradient + offset_ + 2 * channels_;
  float* measured_variance = measured_mean + channels_;
  const auto rows = static_cast<float>(extent(chunk.images).rows);
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
    measured_mean[c] = chunk.fraction * own.mean[c];
    measured_variance[c] =
        chunk.fraction * static_cast<float>(variance) * rows / std::max(1.0F, rows - 1);
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

template class NormStep<float>;
template class NormStep<Bf16>;

}  // namespace scrawl
