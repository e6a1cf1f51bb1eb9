// The arithmetic of matrix products.
#pragma once

namespace scrawl {

/// bf16 multiplies bfloat16 numbers and sums in f32; weights are always kept in f32. int8
/// multiplies bytes, for models that have activation ranges (see Model), and not to train.
/// `automatic` takes the fastest that the CPU has natively: int8, bf16, f32.
enum class Precision { automatic, f32, bf16, int8 };

}  // namespace scrawl
