// Convolutions in plain loops, for the build without oneDNN. Trained weights are in the order that
// is multiplied, (kernel, kernel, inputs, outputs).
#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

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

struct ConvolutionRun::Workspace {
  const Convolution::Compiled* convolution;
};

ConvolutionRun::ConvolutionRun(const Convolution& convolution)
    : workspace_(std::make_unique<Workspace>(Workspace{convolution.compiled_.get()})) {}

ConvolutionRun::~ConvolutionRun() = default;
ConvolutionRun::ConvolutionRun(ConvolutionRun&&) noexcept = default;
ConvolutionRun& ConvolutionRun::operator=(ConvolutionRun&&) noexcept = default;

void ConvolutionRun::forward(const void* in, const float* bias, void* out) {
  const auto& [shape, epilogue, weights] = *workspace_->convolution;
  auto* to = static_cast<float*>(out);
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
