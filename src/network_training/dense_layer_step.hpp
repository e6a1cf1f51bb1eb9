// A dense layer, compiled for training.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/matmul.hpp"
#include "network/shapes.hpp"
#include "network_training/chunk.hpp"

namespace scrawl {

/// A dense layer with bias or without, and the ReLU behind it. The last one's outputs are f32.
template <typename T>
class DenseLayerStep {
 public:
  DenseLayerStep(const PlacedLayer& placed, std::size_t in_channels, bool relu, bool first,
                 bool last, std::size_t offset, const Chunking& chunking);

  std::vector<WeightRange> ranges() const;
  void import(std::span<const Tensor> tensors, float* weights) const;
  void export_to(const float* weights, std::span<Tensor> tensors) const;
  void refresh(const float* weights);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  struct Products {
    Matmul forward;
    Matmul input_gradient;
    Matmul weight_gradient;
  };

  std::size_t place_of(std::size_t output, std::size_t input) const;

  PlacedLayer placed_;
  std::size_t channels_;  // of the input, as they are stored
  std::size_t inputs_;    // with those between the channels of the layer and the stored ones
  std::size_t outputs_;
  bool relu_;
  bool first_;
  std::size_t offset_;
  std::vector<Products> products_;  // one for each worker
  AlignedVector<T> copy_;           // (outputs, inputs)
};

}  // namespace scrawl
