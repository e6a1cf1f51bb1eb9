// The layers of a network, compiled to answer. A stage is what several layers have become: a
// normalisation goes into the weights of the layer before it, a ReLU into that layer's last pass.
#pragma once

#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/channel_kernels.hpp"
#include "network/kernels.hpp"
#include "network/onednn.hpp"
#include "network/onednn_convolution.hpp"
#include "network/pooling.hpp"

namespace scrawl {

/// A convolution with a bias, and the ReLU behind it.
template <typename T>
struct ConvolutionStage {
  std::unique_ptr<onednn::Convolution> convolution;
  AlignedVector<float> bias;  // (channels as they are stored)
  std::size_t out_size = 0;   // values of one image
};

/// A dense layer with a bias, and the ReLU behind it.
template <typename T>
struct DenseStage {
  std::size_t rows = 0;
  std::size_t inputs = 0;
  std::size_t out_size = 0;
  bool relu = false;
  bool last = false;               // gives f32
  std::vector<std::byte> weights;  // packed as oneDNN likes it
  AlignedVector<float> bias;

  onednn::Matmul compile() const;
};

/// A normalisation that cannot go into the layer before it, and the ReLU behind it.
template <typename T>
struct ScaleStage {
  Extent extent;  // of all images
  std::vector<float> scale;
  std::vector<float> shift;
  bool relu = false;
  std::size_t out_size = 0;
};

template <typename T>
struct PoolStage {
  std::size_t images = 0;
  Pool::Kind kind = Pool::Kind::max;
  PoolExtent extent;
  std::size_t out_size = 0;
};

/// A ReLU or a tanh that nothing else does in passing.
template <typename T>
struct ActivationStage {
  bool relu = false;
  std::size_t values = 0;  // of all images
  std::size_t out_size = 0;
};

template <typename T>
using Stage = std::variant<ConvolutionStage<T>, DenseStage<T>, ScaleStage<T>, PoolStage<T>,
                           ActivationStage<T>>;

template <typename T>
std::size_t out_size(const Stage<T>& stage) {
  return std::visit([](const auto& s) { return s.out_size; }, stage);
}

/// The stages of a network for `rows` images at once.
template <typename T>
std::vector<Stage<T>> make_stages(const Model& model, std::size_t rows);

/// What one call at a time needs to run a stage, which outlives it: in (rows, in size) -> out
/// (rows, out size).
template <typename T>
struct ConvolutionStageRun {
  const ConvolutionStage<T>* stage;
  onednn::ConvolutionRun run;
  void operator()(const T* in, T* out) { run.forward(in, stage->bias.data(), out); }
};

template <typename T>
struct DenseStageRun {
  const DenseStage<T>* stage;
  onednn::Matmul product;
  void operator()(const T* in, T* out) {
    product(in, stage->weights.data(), stage->bias.data(), out);
  }
};

template <typename T>
struct ScaleStageRun {
  const ScaleStage<T>* stage;
  void operator()(const T* in, T* out) const {
    scale_shift(in, stage->extent, stage->scale.data(), stage->shift.data(), stage->relu, out);
  }
};

template <typename T>
struct PoolStageRun {
  const PoolStage<T>* stage;
  void operator()(const T* in, T* out) const;
};

template <typename T>
struct ActivationStageRun {
  const ActivationStage<T>* stage;
  void operator()(const T* in, T* out) const;
};

template <typename T>
using StageRun = std::variant<ConvolutionStageRun<T>, DenseStageRun<T>, ScaleStageRun<T>,
                              PoolStageRun<T>, ActivationStageRun<T>>;

template <typename T>
StageRun<T> start(const Stage<T>& stage);

}  // namespace scrawl
