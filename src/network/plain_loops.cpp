#include "network/plain_loops.hpp"

#include <algorithm>
#include <cstddef>

namespace scrawl::plain {

namespace {

/// Calls body(pixel of the output, pixel of the input, tap) for each pixel that a weight of the
/// kernel sees; taps are (kernel, kernel), pixels are counted through all images.
template <typename Body>
void for_each_tap(const ConvolutionShape& s, Body body) {
  std::size_t out = 0;
  for (std::size_t image = 0; image < s.images; ++image) {
    for (std::size_t y = 0; y < s.out_height(); ++y) {
      for (std::size_t x = 0; x < s.out_width(); ++x, ++out) {
        for (std::size_t tap = 0; tap < s.kernel * s.kernel; ++tap) {
          // Beyond the upper or left edge these wrap round to something large.
          const std::size_t in_y = y * s.stride + tap / s.kernel * s.dilation - s.padding;
          const std::size_t in_x = x * s.stride + tap % s.kernel * s.dilation - s.padding;
          if (in_y >= s.height || in_x >= s.width) continue;
          body(out, (image * s.height + in_y) * s.width + in_x, tap);
        }
      }
    }
  }
}

}  // namespace

void convolve(const ConvolutionShape& s, const float* in, const float* weights, const float* bias,
              float* out) {
  for (std::size_t i = 0; i < s.out_rows() * s.outputs; ++i) {
    out[i] = bias == nullptr ? 0.0F : bias[i % s.outputs];
  }
  for_each_tap(s, [&](std::size_t out_pixel, std::size_t in_pixel, std::size_t tap) {
    float* __restrict to = out + out_pixel * s.outputs;
    for (std::size_t i = 0; i < s.inputs; ++i) {
      const float value = in[in_pixel * s.inputs + i];
      const float* weight = weights + (tap * s.inputs + i) * s.outputs;
      for (std::size_t o = 0; o < s.outputs; ++o) to[o] += value * weight[o];
    }
  });
}

void convolve_input_gradient(const ConvolutionShape& s, const float* gradient, const float* weights,
                             float* in_gradient) {
  std::fill_n(in_gradient, s.images * s.height * s.width * s.inputs, 0.0F);
  for_each_tap(s, [&](std::size_t out_pixel, std::size_t in_pixel, std::size_t tap) {
    const float* from = gradient + out_pixel * s.outputs;
    for (std::size_t i = 0; i < s.inputs; ++i) {
      const float* weight = weights + (tap * s.inputs + i) * s.outputs;
      float sum = 0;
      for (std::size_t o = 0; o < s.outputs; ++o) sum += from[o] * weight[o];
      in_gradient[in_pixel * s.inputs + i] += sum;
    }
  });
}

void convolve_weight_gradient(const ConvolutionShape& s, const float* in, const float* gradient,
                              float* weight_gradient) {
  std::fill_n(weight_gradient, s.taps() * s.outputs, 0.0F);
  for_each_tap(s, [&](std::size_t out_pixel, std::size_t in_pixel, std::size_t tap) {
    const float* from = gradient + out_pixel * s.outputs;
    for (std::size_t i = 0; i < s.inputs; ++i) {
      const float value = in[in_pixel * s.inputs + i];
      float* __restrict to = weight_gradient + (tap * s.inputs + i) * s.outputs;
      for (std::size_t o = 0; o < s.outputs; ++o) to[o] += value * from[o];
    }
  });
}

namespace {

/// Calls body(place in (outputs, inputs, kernel, kernel), place by tap) for each weight.
template <typename Body>
void for_each_weight(const ConvolutionShape& s, Body body) {
  const std::size_t taps = s.kernel * s.kernel;
  for (std::size_t o = 0; o < s.outputs; ++o) {
    for (std::size_t i = 0; i < s.inputs; ++i) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        body((o * s.inputs + i) * taps + tap, (tap * s.inputs + i) * s.outputs + o);
      }
    }
  }
}

}  // namespace

void to_taps(const ConvolutionShape& s, const float* weights, float* by_tap) {
  for_each_weight(s, [&](std::size_t from, std::size_t to) { by_tap[to] = weights[from]; });
}

void from_taps(const ConvolutionShape& s, const float* by_tap, float* weights) {
  for_each_weight(s, [&](std::size_t to, std::size_t from) { weights[to] = by_tap[from]; });
}

}  // namespace scrawl::plain
