// How a batch is shared out among workers, and how weights are.
#pragma once

#include <cstddef>
#include <cstdint>

#include <scrawl/model.hpp>

#include "network/shapes.hpp"
#include "network_training/renormalization.hpp"

namespace scrawl {

/// How a batch is shared out.
struct Chunking {
  std::size_t images =
      0;  ///< that one task takes through the network; a Norm takes its mean over them
  std::size_t chunks = 0;   ///< of a full batch
  std::size_t workers = 0;  ///< that have memory for a chunk, each
};

/// So many images of that size that what goes through the layers stays in a core's cache: 32
/// glyphs, or one page's crop.
std::size_t images_in_chunk(const Shape& input);

/// One task's place.
struct Chunk {
  std::size_t worker = 0;
  std::size_t index = 0;     ///< in the batch
  std::size_t capacity = 0;  ///< images of a whole chunk
  std::size_t images = 0;    ///< 1 to capacity; those beyond have no gradient
  float fraction = 1;        ///< 1 / chunks of the batch
  std::uint64_t random = 0;  ///< key of the random numbers of this chunk in this step
  Renormalization renormalization = {};
  const float* weights = nullptr;  ///< of all layers
  /// Of all layers, of this chunk's images. Where a layer keeps running statistics: `fraction` of
  /// this chunk's.
  float* gradient = nullptr;
};

/// Some of a layer's numbers.
struct WeightRange {
  std::size_t offset = 0;
  std::size_t size = 0;
  enum class Kind { weight, bias, statistic } kind = Kind::weight;
};

}  // namespace scrawl
