// Convolutions in plain loops, for the build without oneDNN. Trained weights are in the order that
// is multiplied, (kernel, kernel, inputs, outputs).
#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "network/convolution.hpp"
#include "network/plain_loops.hpp"
#include "products/channel_block.hpp"
#include "products/winograd.hpp"

namespace scrawl {

struct Convolution::Compiled {
  ConvolutionShape shape;
  Epilogue epilogue;
  std::vector<float> weights;
  std::optional<WinogradConvolution> winograd = std::nullopt;  // where it fits

  void weights_have_changed() {
    if (winograd) winograd->set_weights(weights.data());
  }
};

Convolution::Convolution(const ConvolutionShape& shape, DataType type, Epilogue epilogue)
    : compiled_(std::make_unique<Compiled>(
          Compiled{shape, std::move(epilogue), std::vector<float>(shape.taps() * shape.outputs)})) {
  if (type != DataType::f32)
    throw Error("convolutions of bf16 and int8 need oneDNN, which this build is without; take f32");
  if (WinogradConvolution::fits(shape)) compiled_->winograd.emplace(shape);
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
  compiled_->weights_have_changed();
}

void Convolution::set_trained(const float* trained) {
  std::copy_n(trained, compiled_->weights.size(), compiled_->weights.data());
  compiled_->weights_have_changed();
}

bool Convolution::is_compiled_for_size() {
  return false;
}

bool Convolution::share_weights(const Convolution& other) {
  compiled_->weights = other.compiled_->weights;
  auto& own = compiled_->winograd;
  const auto& others = other.compiled_->winograd;
  if (own && others)
    own->share_weights(*others);
  else
    compiled_->weights_have_changed();
  return true;
}

namespace {

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
  WinogradConvolution::Workspace winograd;
};

ConvolutionRun::ConvolutionRun(const Convolution& convolution)
    : workspace_(std::make_unique<Workspace>(Workspace{convolution.compiled_.get(), {}, {}})) {
  if (const auto& winograd = workspace_->convolution->winograd)
    workspace_->winograd = winograd->make_workspace();
}

ConvolutionRun::~ConvolutionRun() = default;
ConvolutionRun::ConvolutionRun(ConvolutionRun&&) noexcept = default;
ConvolutionRun& ConvolutionRun::operator=(ConvolutionRun&&) noexcept = default;

void ConvolutionRun::forward(const void* in, const float* bias, void* out) {
  const auto& [shape, epilogue, weights, winograd] = *workspace_->convolution;
  if (!epilogue.bias) bias = nullptr;
  const auto* from = static_cast<const float*>(in);
  auto* to = static_cast<float*>(out);
  const float least = epilogue.relu ? 0 : -std::numeric_limits<float>::infinity();
  if (winograd) return winograd->forward(from, bias, least, workspace_->winograd, to);
  if (is_in_blocks(shape)) {
    pad(shape, from, workspace_->padded);
    return convolve(shape, workspace_->padded.data(), weights.data(), bias, least, to);
  }
  plain::convolve(shape, from, weights.data(), bias, to);
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
