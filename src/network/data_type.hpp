// The types of the numbers that a network is computed in.
#pragma once

#include <cstddef>

namespace scrawl {

/// What multiplies u8 are signed bytes; sums are 32 bits wide in each of them.
enum class DataType { f32, bf16, u8 };

/// In bytes.
constexpr std::size_t size_of(DataType type) {
  return type == DataType::f32 ? 4 : type == DataType::bf16 ? 2 : 1;
}

/// f32, bf16 or int8, as options and reports name them.
constexpr const char* name_of(DataType type) {
  return type == DataType::f32 ? "f32" : type == DataType::bf16 ? "bf16" : "int8";
}

/// Whether this CPU multiplies bfloat16 itself, and this build makes use of it. (Where oneDNN has
/// to emulate it, it is slower than f32.)
bool has_native_bf16();

/// Whether this CPU multiplies unsigned by signed bytes and sums in 32 bits, and this build makes
/// use of it. (Others' sums overflow.)
bool has_native_int8();

/// Whether our own AVX-512 code may run: $ONEDNN_MAX_CPU_ISA, which lets a new CPU stand in for an
/// old one, holds for it too.
bool may_use_avx512();

}  // namespace scrawl
