#include "network/plain_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "network/dropout.hpp"
#include "network/folding.hpp"
#include "network/overloaded.hpp"
#include "network/plain_loops.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

ConvolutionShape shape_of(const Conv& conv, const PlacedLayer& placed, std::size_t images) {
  return {images,      placed.in.channels, conv.outputs, placed.in.height, placed.in.width,
          conv.kernel, conv.stride,        conv.padding, conv.dilation};
}

std::vector<float> by_tap(const ConvolutionShape& shape, const Tensor& weight) {
  std::vector<float> taps(weight.values.size());
  plain::to_taps(shape, weight.values.data(), taps.data());
  return taps;
}

/// Mean and variance of each channel.
struct Moments {
  std::vector<double> mean;
  std::vector<double> variance;
};

/// Of in (rows, channels).
Moments moments(std::size_t rows, std::size_t channels, const float* in) {
  Moments found{std::vector<double>(channels), std::vector<double>(channels)};
  const auto count = static_cast<double>(rows);
  for (std::size_t i = 0; i < rows * channels; ++i) {
    found.mean[i % channels] += static_cast<double>(in[i]) / count;
  }
  for (std::size_t i = 0; i < rows * channels; ++i) {
    const double difference = static_cast<double>(in[i]) - found.mean[i % channels];
    found.variance[i % channels] += difference * difference / count;
  }
  return found;
}

void scale_shift(std::size_t rows, std::size_t channels, const float* in, const float* scale,
                 const float* shift, float* out) {
  for (std::size_t i = 0; i < rows * channels; ++i) {
    out[i] = in[i] * scale[i % channels] + shift[i % channels];
  }
}

/// Where the value that PyTorch counts as `input` of a dense layer lies: it flattens (channels,
/// height, width).
std::size_t place_of(const Shape& in, std::size_t input) {
  return input % in.pixels() * in.channels + input / in.pixels();
}

void dense_forward(const PlacedLayer& placed, std::span<const Tensor> tensors, std::size_t images,
                   const float* in, float* out) {
  const std::size_t inputs = placed.in.size();
  for (std::size_t image = 0; image < images; ++image, in += inputs) {
    for (std::size_t o = 0; o < placed.out.channels; ++o) {
      double sum = placed.bias ? static_cast<double>(tensors[1].values[o]) : 0.0;
      for (std::size_t i = 0; i < inputs; ++i) {
        sum += static_cast<double>(tensors[0].values[o * inputs + i]) *
               static_cast<double>(in[place_of(placed.in, i)]);
      }
      *out++ = static_cast<float>(sum);
    }
  }
}

void dense_backward(const PlacedLayer& placed, std::span<const Tensor> tensors, std::size_t images,
                    const float* in, const float* gradient, float* in_gradient,
                    std::vector<float>& weight_gradient) {
  const std::size_t inputs = placed.in.size();
  for (std::size_t image = 0; image < images; ++image, in += inputs, in_gradient += inputs) {
    for (std::size_t o = 0; o < placed.out.channels; ++o) {
      const float g = *gradient++;
      for (std::size_t i = 0; i < inputs; ++i) {
        const std::size_t at = place_of(placed.in, i);
        weight_gradient[o * inputs + i] += g * in[at];
        in_gradient[at] += g * tensors[0].values[o * inputs + i];
      }
    }
  }
}

/// Sums over rows of gradient (rows, channels): that of a bias.
void add_columns(std::size_t rows, std::size_t channels, const float* gradient,
                 std::vector<float>& sum) {
  for (std::size_t i = 0; i < rows * channels; ++i) sum[i % channels] += gradient[i];
}

Affine affine_in_training(std::span<const Tensor> tensors, const Moments& found) {
  const std::size_t channels = found.mean.size();
  Affine affine{std::vector<float>(channels), std::vector<float>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    const double scale = static_cast<double>(tensors[0].values[c]) /
                         std::sqrt(found.variance[c] + static_cast<double>(norm_epsilon));
    affine.scale[c] = static_cast<float>(scale);
    affine.shift[c] =
        static_cast<float>(static_cast<double>(tensors[1].values[c]) - found.mean[c] * scale);
  }
  return affine;
}

/// Ioffe and Szegedy 2015, section 3, with x^ = (x - mean) / sqrt(variance + epsilon):
/// in' = weight / sqrt(variance + epsilon) (g - average(g) - x^ average(g x^)).
void norm_backward(std::size_t rows, std::size_t channels, std::span<const Tensor> tensors,
                   const float* in, const float* gradient, float* in_gradient,
                   std::span<Tensor> gradients) {
  const Moments found = moments(rows, channels, in);
  for (std::size_t c = 0; c < channels; ++c) {
    const double inverse = 1 / std::sqrt(found.variance[c] + static_cast<double>(norm_epsilon));
    double sum = 0;
    double product = 0;
    const auto normal = [&](std::size_t at) {
      return (static_cast<double>(in[at]) - found.mean[c]) * inverse;
    };
    for (std::size_t at = c; at < rows * channels; at += channels) {
      sum += static_cast<double>(gradient[at]);
      product += static_cast<double>(gradient[at]) * normal(at);
    }
    gradients[0].values[c] += static_cast<float>(product);
    gradients[1].values[c] += static_cast<float>(sum);
    const auto count = static_cast<double>(rows);
    for (std::size_t at = c; at < rows * channels; at += channels) {
      in_gradient[at] = static_cast<float>(
          static_cast<double>(tensors[0].values[c]) * inverse *
          (static_cast<double>(gradient[at]) - sum / count - normal(at) * product / count));
    }
  }
}

/// Calls body(value in, value out) for each value in a square that gives a pooled value.
template <typename Body>
void for_each_pooled(const Pool& pool, const PlacedLayer& placed, std::size_t images, Body body) {
  const Shape& in = placed.in;
  const Shape& out = placed.out;
  for (std::size_t at = 0; at < images * out.size(); ++at) {
    const std::size_t c = at % out.channels;
    const std::size_t x = at / out.channels % out.width;
    const std::size_t y = at / out.channels / out.width % out.height;
    const std::size_t image = at / out.size();
    for (std::size_t i = 0; i < pool.size * pool.size; ++i) {
      const std::size_t in_y = y * pool.size + i / pool.size;
      const std::size_t in_x = x * pool.size + i % pool.size;
      body(((image * in.height + in_y) * in.width + in_x) * in.channels + c, at);
    }
  }
}

void pool_forward(const Pool& pool, const PlacedLayer& placed, std::size_t images, const float* in,
                  float* out) {
  const bool largest = pool.kind == Pool::Kind::max;
  const auto area = static_cast<float>(pool.size * pool.size);
  std::fill_n(out, images * placed.out.size(), largest ? -INFINITY : 0.0F);
  for_each_pooled(pool, placed, images, [&](std::size_t from, std::size_t to) {
    out[to] = largest ? std::max(out[to], in[from]) : out[to] + in[from] / area;
  });
}

/// The first of the largest values of a square gets all of its gradient, or each the same part.
void pool_backward(const Pool& pool, const PlacedLayer& placed, std::size_t images, const float* in,
                   const float* out, const float* gradient, float* in_gradient) {
  const bool largest = pool.kind == Pool::Kind::max;
  const auto area = static_cast<float>(pool.size * pool.size);
  std::vector<bool> given(images * placed.out.size());
  for_each_pooled(pool, placed, images, [&](std::size_t to, std::size_t from) {
    if (!largest) {
      in_gradient[to] = gradient[from] / area;
    } else if (!given[from] && in[to] == out[from]) {
      given[from] = true;
      in_gradient[to] = gradient[from];
    }
  });
}

/// By what each value is multiplied: 0 where it is dropped.
std::vector<float> dropout_factors(const Dropout& dropout, std::size_t layer, std::uint64_t key,
                                   std::size_t values) {
  std::vector<float> factors(values);
  DropoutBits bits(key, layer);
  const std::uint32_t limit = DropoutBits::limit(dropout.rate);
  for (float& factor : factors) factor = bits.next() < limit ? 1 / (1 - dropout.rate) : 0.0F;
  return factors;
}

}  // namespace

PlainNetwork::PlainNetwork(const Model& model, const Shape& input)
    : architecture_(model.architecture),
      weights_(model.weights),
      layers_(place_layers(model.architecture, input)) {
  check_model(model);
}

std::span<const Tensor> PlainNetwork::tensors(std::size_t layer) const {
  return std::span(weights_).subspan(layers_[layer].tensor, layers_[layer].tensors);
}

PlainNetwork::Values PlainNetwork::infer(std::span<const float> in, std::size_t images) const {
  return forward(in, images, Use::inference, 0);
}

PlainNetwork::Values PlainNetwork::train(std::span<const float> in, std::size_t images,
                                         std::uint64_t random) const {
  return forward(in, images, Use::training, random);
}

PlainNetwork::Values PlainNetwork::forward(std::span<const float> in, std::size_t images, Use use,
                                           std::uint64_t random) const {
  Values values{{in.begin(), in.end()}};
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    values.emplace_back(images * layers_[layer].out.size());
    forward_layer(layer, images, use, random, values);
  }
  return values;
}

void PlainNetwork::forward_layer(std::size_t layer, std::size_t images, Use use,
                                 std::uint64_t random, Values& values) const {
  const PlacedLayer& placed = layers_[layer];
  const std::span<const Tensor> own = tensors(layer);
  const std::vector<float>& in = values[layer];
  std::vector<float>& out = values[layer + 1];
  const std::size_t channels = placed.in.channels;
  const std::size_t rows = images * placed.in.pixels();
  std::visit(
      Overloaded{
          [&](const Conv& conv) {
            const ConvolutionShape shape = shape_of(conv, placed, images);
            plain::convolve(shape, in.data(), by_tap(shape, own[0]).data(),
                            placed.bias ? own[1].values.data() : nullptr, out.data());
          },
          [&](const Dense&) { dense_forward(placed, own, images, in.data(), out.data()); },
          [&](const Pool& pool) { pool_forward(pool, placed, images, in.data(), out.data()); },
          [&](const Norm&) {
            const Affine affine = use == Use::inference
                                      ? affine_of(own)
                                      : affine_in_training(own, moments(rows, channels, in.data()));
            scale_shift(rows, channels, in.data(), affine.scale.data(), affine.shift.data(),
                        out.data());
          },
          [&](const Relu&) {
            std::ranges::transform(in, out.begin(), [](float x) { return std::max(x, 0.0F); });
          },
          [&](const Tanh&) {
            std::ranges::transform(in, out.begin(), [](float x) { return std::tanh(x); });
          },
          [&](const Dropout& dropout) {
            out = in;
            if (use == Use::inference) return;
            const auto factors = dropout_factors(dropout, layer, random, in.size());
            for (std::size_t i = 0; i < in.size(); ++i) out[i] *= factors[i];
          },
          [&](const Residual& residual) {
            const std::vector<float>& other = values[layer - residual.span];
            std::ranges::transform(in, other, out.begin(), std::plus<>());
          }},
      placed.layer);
}

std::vector<Tensor> PlainNetwork::gradients(const Values& values, std::size_t images,
                                            std::uint64_t random,
                                            std::span<const float> gradient) const {
  std::vector<Tensor> gradients = zero_weights(architecture_);
  Values of(values.size());  // the gradient of each of the values
  for (std::size_t i = 0; i < values.size(); ++i) of[i].resize(values[i].size());
  of.back().assign(gradient.begin(), gradient.end());
  for (std::size_t layer = layers_.size(); layer-- > 0;) {
    const PlacedLayer& placed = layers_[layer];
    const std::span<const Tensor> own = tensors(layer);
    const std::span<Tensor> to = std::span(gradients).subspan(placed.tensor, placed.tensors);
    const std::vector<float>& in = values[layer];
    const std::vector<float>& out = values[layer + 1];
    const std::vector<float>& g = of[layer + 1];
    std::vector<float> in_gradient(in.size());
    std::visit(Overloaded{[&](const Conv& conv) {
                            const ConvolutionShape shape = shape_of(conv, placed, images);
                            std::vector<float> taps(own[0].values.size());
                            plain::convolve_weight_gradient(shape, in.data(), g.data(),
                                                            taps.data());
                            plain::from_taps(shape, taps.data(), to[0].values.data());
                            plain::convolve_input_gradient(
                                shape, g.data(), by_tap(shape, own[0]).data(), in_gradient.data());
                            if (placed.bias)
                              add_columns(shape.out_rows(), conv.outputs, g.data(), to[1].values);
                          },
                          [&](const Dense&) {
                            dense_backward(placed, own, images, in.data(), g.data(),
                                           in_gradient.data(), to[0].values);
                            if (placed.bias)
                              add_columns(images, placed.out.channels, g.data(), to[1].values);
                          },
                          [&](const Pool& pool) {
                            pool_backward(pool, placed, images, in.data(), out.data(), g.data(),
                                          in_gradient.data());
                          },
                          [&](const Norm&) {
                            norm_backward(images * placed.in.pixels(), placed.in.channels, own,
                                          in.data(), g.data(), in_gradient.data(), to);
                          },
                          [&](const Relu&) {
                            for (std::size_t i = 0; i < in.size(); ++i)
                              in_gradient[i] = out[i] > 0 ? g[i] : 0.0F;
                          },
                          [&](const Tanh&) {
                            for (std::size_t i = 0; i < in.size(); ++i)
                              in_gradient[i] = g[i] * (1 - out[i] * out[i]);
                          },
                          [&](const Dropout& dropout) {
                            const auto factors = dropout_factors(dropout, layer, random, in.size());
                            for (std::size_t i = 0; i < in.size(); ++i)
                              in_gradient[i] = g[i] * factors[i];
                          },
                          [&](const Residual& residual) {
                            in_gradient = g;
                            std::vector<float>& other = of[layer - residual.span];
                            for (std::size_t i = 0; i < g.size(); ++i) other[i] += g[i];
                          }},
               placed.layer);
    for (std::size_t i = 0; i < in.size(); ++i) of[layer][i] += in_gradient[i];
  }
  return gradients;
}

}  // namespace scrawl
