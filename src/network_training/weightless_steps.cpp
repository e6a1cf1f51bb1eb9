#include "network_training/weightless_steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "network/channel_kernels.hpp"
#include "network/dropout.hpp"
#include "network/kernels.hpp"
#include "network_training/relu_mask.hpp"

namespace scrawl {

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

template class PoolStep<float>;
template class PoolStep<Bf16>;
template class ActivationStep<float>;
template class ActivationStep<Bf16>;
template class DropoutStep<float>;
template class DropoutStep<Bf16>;
template class ResidualStep<float>;
template class ResidualStep<Bf16>;

}  // namespace scrawl
