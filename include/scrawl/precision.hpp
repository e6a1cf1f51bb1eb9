// The arithmetic of matrix products.
#pragma once

namespace scrawl {

/// The arithmetic of matrix products. Weights are stored in f32 in any case.
enum class Precision {
  automatic,  ///< the fastest of int8, bf16 and f32 for which the CPU has instructions
  f32,        ///< 32-bit floats
  bf16,       ///< products of bfloat16, summed in f32
  int8,       ///< products of bytes; not for training, and only if Model has activation ranges
};

}  // namespace scrawl
