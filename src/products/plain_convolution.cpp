// Convolutions in plain loops, for the build without oneDNN. Trained weights are in the order that
// is multiplied, (kernel, kernel, inputs, outputs).
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "network/clones.hpp"
#include "network/convolution.hpp"
#include "network/plain_loops.hpp"

namespace scrawl {

struct Convolution::Compiled {
  ConvolutionShape shape;
  Epilogue epilogue;
  std::vector<float> weights;
};

Convolution::Convolution(const ConvolutionShape& shape, DataType type, Epilogue epilogue)
    : compiled_(std::make_unique<Compiled>(
          Compiled{shape, std::move(epilogue), std::vector<float>(shape.taps() * shape.outputs)})) {
  if (type == DataType::f32) return;
  throw Error("convolutions of bf16 and int8 need oneDNN, which this build is without; take f32");
}

Convolution::~Convolution() = default;
Convolution::Convolution(Convolution&&) noexcept = default;
Convolution& Convolution::operator=(Convolution&&) noexcept = default;

void Convolution::prepare_training(bool /*input_gradient*/) {}

std::size_t Convolution::trained_size() const {
  return compiled_->weights.size();
}

void Convolution::import_trained(const float* plain, float* trained) {
  plain::to_taps(compiled_->shape, plain, trained);
}

void Convolution::export_trained(const float* trained, float* plain) {
  plain::from_taps(compiled_->shape, trained, plain);
}

void Convolution::set_plain(const float* plain) {
  plain::to_taps(compiled_->shape, plain, compiled_->weights.data());
}

void Convolution::set_trained(const float* trained) {
  std::copy_n(trained, compiled_->weights.size(), compiled_->weights.data());
}

namespace {

/// What is computed at once, in registers: so many pixels of a row, and channels of each.
/// WebAssembly and CPUs without AVX have 16 registers of 4 numbers.
constexpr std::size_t block_pixels = 4;
#ifdef __x86_64__
constexpr std::size_t block_outputs = 16;
#else
constexpr std::size_t block_outputs = 8;
#endif

/// As many numbers as a block has channels, which gcc and clang add and multiply as registers are
/// wide. Left to themselves, they put pixels side by side and gather them.
using Channels = float __attribute__((vector_size(block_outputs * sizeof(float))));

bool is_in_blocks(const ConvolutionShape& shape) {
  return shape.outputs % block_outputs == 0 && shape.out_width() >= block_pixels;
}

/// in (images, height, width, inputs) with zeros around each picture, as wide as the padding.
void pad(const ConvolutionShape& shape, const float* in, std::vector<float>& padded) {
  const std::size_t row = shape.width * shape.inputs;
  const std::size_t side = shape.padding * shape.inputs;
  const std::size_t above = shape.padding * (row + 2 * side);
  padded.assign(shape.images * (2 * above + shape.height * (row + 2 * side)), 0.0F);
  float* out = padded.data();
  for (std::size_t image = 0; image < shape.images; ++image) {
    out += above;
    for (std::size_t y = 0; y < shape.height; ++y, in += row, out += row + 2 * side)
      std::copy_n(in, row, out + side);
    out += above;
  }
}

/// A block of outputs. `in` is what the first pixel's first tap sees, of rows of `row` numbers;
/// `weights` (kernel, kernel, inputs, outputs) and `bias` (outputs), which may be null, begin at
/// the block's first channel.
SCRAWL_CLONES void convolve_block(const ConvolutionShape& shape, const float* in, std::size_t row,
                                  const float* weights, const float* bias, float least,
                                  float* out) {
  Channels first{};
  if (bias != nullptr) std::memcpy(&first, bias, sizeof first);
  Channels sums[block_pixels];
  for (Channels& sum : sums) sum = first;
  const std::size_t step = shape.stride * shape.inputs;
  for (std::size_t ky = 0; ky < shape.kernel; ++ky) {
    for (std::size_t kx = 0; kx < shape.kernel; ++kx) {
      const float* seen = in + (ky * row + kx * shape.inputs) * shape.dilation;
      for (std::size_t i = 0; i < shape.inputs; ++i, weights += shape.outputs) {
        Channels by;
        std::memcpy(&by, weights, sizeof by);
        for (std::size_t p = 0; p < block_pixels; ++p) sums[p] += seen[p * step + i] * by;
      }
    }
  }
  for (std::size_t p = 0; p < block_pixels; ++p) {
    for (std::size_t o = 0; o < block_outputs; ++o)
      out[p * shape.outputs + o] = std::max(sums[p][o], least);
  }
}

/// `padded` as pad() makes it; values below `least` become that.
void convolve(const ConvolutionShape& shape, const float* padded, const float* weights,
              const float* bias, float least, float* out) {
  const std::size_t row = (shape.width + 2 * shape.padding) * shape.inputs;
  const std::size_t picture = (shape.height + 2 * shape.padding) * row;
  const std::size_t width = shape.out_width();
  for (std::size_t image = 0; image < shape.images; ++image, padded += picture) {
    for (std::size_t y = 0; y < shape.out_height(); ++y, out += width * shape.outputs) {
      for (std::size_t begin = 0; begin < width; begin += block_pixels) {
        const std::size_t x = std::min(begin, width - block_pixels);  // the last may overlap
        const float* in = padded + y * shape.stride * row + x * shape.stride * shape.inputs;
        for (std::size_t o = 0; o < shape.outputs; o += block_outputs)
          convolve_block(shape, in, row, weights + o, bias == nullptr ? nullptr : bias + o, least,
                         out + x * shape.outputs + o);
      }
    }
  }
}

}  // namespace

struct ConvolutionRun::Workspace {
  const Convolution::Compiled* convolution;
  std::vector<float> padded;  // what comes in, with zeros around
};

ConvolutionRun::ConvolutionRun(const Convolution& convolution)
    : workspace_(std::make_unique<Workspace>(Workspace{convolution.compiled_.get(), {}})) {}

ConvolutionRun::~ConvolutionRun() = default;
ConvolutionRun::ConvolutionRun(ConvolutionRun&&) noexcept = default;
ConvolutionRun& ConvolutionRun::operator=(ConvolutionRun&&) noexcept = default;

void ConvolutionRun::forward(const void* in, const float* bias, void* out) {
  const auto& [shape, epilogue, weights] = *workspace_->convolution;
  auto* to = static_cast<float*>(out);
  if (is_in_blocks(shape)) {
    pad(shape, static_cast<const float*>(in), workspace_->padded);
    const float least = epilogue.relu ? 0 : -std::numeric_limits<float>::infinity();
    return convolve(shape, workspace_->padded.data(), weights.data(),
                    epilogue.bias ? bias : nullptr, least, to);
  }
  plain::convolve(shape, static_cast<const float*>(in), weights.data(),
                  epilogue.bias ? bias : nullptr, to);
  if (!epilogue.relu) return;
  std::transform(to, to + shape.out_rows() * shape.outputs, to,
                 [](float value) { return std::max(value, 0.0F); });
}

void ConvolutionRun::input_gradient(const void* output_gradient, void* input_gradient) {
  const Convolution::Compiled& own = *workspace_->convolution;
  plain::convolve_input_gradient(own.shape, static_cast<const float*>(output_gradient),
                                 own.weights.data(), static_cast<float*>(input_gradient));
}

void ConvolutionRun::weight_gradient(const void* in, const void* output_gradient,
                                     float* weight_gradient) {
  plain::convolve_weight_gradient(workspace_->convolution->shape, static_cast<const float*>(in),
                                  static_cast<const float*>(output_gradient), weight_gradient);
}

}  // namespace scrawl
