// A convolution, compiled for training.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/convolution.hpp"
#include "network/shapes.hpp"
#include "network_training/chunk.hpp"

namespace scrawl {

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

}  // namespace scrawl
