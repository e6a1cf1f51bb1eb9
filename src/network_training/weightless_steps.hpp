// Layers without weights, compiled for training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <scrawl/model.hpp>

#include "network/pooling.hpp"
#include "network/shapes.hpp"
#include "network_training/chunk.hpp"

namespace scrawl {

template <typename T>
class PoolStep {
 public:
  PoolStep(const PlacedLayer& placed, std::size_t channels);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  Pool::Kind kind_;
  PoolExtent extent_;
};

/// A ReLU or a tanh that no other step does in passing.
template <typename T>
class ActivationStep {
 public:
  ActivationStep(bool relu, std::size_t values) : relu_(relu), values_(values) {}
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  bool relu_;
  std::size_t values_;  // of a chunk
};

template <typename T>
class DropoutStep {
 public:
  DropoutStep(float rate, std::size_t values, std::size_t layer, const Chunking& chunking);
  void forward(const Chunk& chunk, const T* in, T* out);
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  std::uint32_t limit_;  // a random number below it keeps the value
  float scale_;
  std::size_t values_;                            // of a chunk
  std::size_t layer_;                             // among the architecture's
  std::vector<std::vector<std::uint32_t>> bits_;  // one for each worker
};

/// Adds what came into an earlier place of the network, and the ReLU behind it. Where that is a sum
/// with what a NormStep gives, it does this in passing.
template <typename T>
class ResidualStep {
 public:
  ResidualStep(bool relu, std::size_t source, std::size_t values)
      : relu_(relu), source_(source), values_(values) {}

  /// The place whose input is added.
  std::optional<std::size_t> source() const { return source_; }
  void forward(const Chunk& chunk, const T* in, const T* added, T* out) const;
  /// The gradient becomes that of what was added.
  void backward(const Chunk& chunk, const T* in, const T* out, T* gradient, T* in_gradient);

 private:
  bool relu_;
  std::size_t source_;
  std::size_t values_;  // of a chunk
};

}  // namespace scrawl
