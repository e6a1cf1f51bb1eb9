// Sixteen numbers at a time: the one file that knows AVX-512. Loops that are written with it stand
// beside plain ones, and run where has_lanes() or has_bf16_lanes() says so.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "network/bf16.hpp"
#include "network/data_type.hpp"

/// Whether this architecture has them at all; what uses the rest of this file stands in an #if.
#if !defined(SCRAWL_HAS_LANES)
#if defined(__x86_64__)
#define SCRAWL_HAS_LANES 1
#else
#define SCRAWL_HAS_LANES 0
#endif
#endif

#if SCRAWL_HAS_LANES
#include <immintrin.h>

// Without and with bfloat16's own instructions. What is INLINE can be called by what has the same
// target or the larger one.
#define SCRAWL_LANES_TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl")))
#define SCRAWL_LANES_INLINE SCRAWL_LANES_TARGET inline __attribute__((always_inline))
#define SCRAWL_BF16_LANES_TARGET \
  __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512bf16")))
#define SCRAWL_BF16_LANES_INLINE SCRAWL_BF16_LANES_TARGET inline __attribute__((always_inline))
#endif

namespace scrawl {

inline constexpr std::size_t lanes = 16;  ///< numbers in a register

#if SCRAWL_HAS_LANES

/// Whether this CPU has what SCRAWL_LANES_TARGET compiles for, and may use it.
inline bool has_lanes() {
  static const bool has = __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("avx512vl") != 0 && may_use_avx512();
  return has;
}

/// Whether this CPU has what SCRAWL_BF16_LANES_TARGET compiles for, and may use it.
inline bool has_bf16_lanes() {
  static const bool has =
      has_lanes() && __builtin_cpu_supports("avx512bf16") != 0 && has_native_bf16();
  return has;
}

using F32x16 = __m512;     ///< the compiler knows + and * of them; F32x16{} is all 0
using F32x8 = __m256;      ///< half a register
using U32x16 = __m512i;    ///< integers, or pairs of bfloat16 numbers, the first in the lower half
using I16x16 = __m256i;    ///< integers, or the bits of bfloat16 numbers
using Mask16 = __mmask16;  ///< some of the lanes

/// The first `count` lanes, or all.
SCRAWL_LANES_INLINE Mask16 first_lanes(std::size_t count) {
  return static_cast<Mask16>((1U << std::min(lanes, count)) - 1);
}

// ---- The same number in all lanes ----

SCRAWL_LANES_INLINE F32x16 repeat(float value) {
  return _mm512_set1_ps(value);
}

SCRAWL_LANES_INLINE U32x16 repeat(std::uint32_t value) {
  return _mm512_set1_epi32(static_cast<int>(value));
}

SCRAWL_LANES_INLINE I16x16 repeat(std::int16_t value) {
  return _mm256_set1_epi16(value);
}

// ---- From one type to another ----

SCRAWL_LANES_INLINE U32x16 widen(I16x16 values) {
  return _mm512_cvtepu16_epi32(values);
}

/// The lower halves.
SCRAWL_LANES_INLINE I16x16 narrow(U32x16 values) {
  return _mm512_cvtepi32_epi16(values);
}

/// Of the bits: what bfloat16 has of a number.
SCRAWL_LANES_INLINE U32x16 upper_halves(F32x16 values) {
  return _mm512_srli_epi32(_mm512_castps_si512(values), 16);
}

/// The lower halves of both.
SCRAWL_LANES_INLINE U32x16 pair_up(U32x16 first, U32x16 second) {
  return _mm512_or_si512(first, _mm512_slli_epi32(second, 16));
}

SCRAWL_LANES_INLINE F32x16 to_f32(I16x16 bf16_bits) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(widen(bf16_bits), 16));
}

/// As store() rounds.
SCRAWL_LANES_INLINE I16x16 round_to_bf16(F32x16 values) {
  const U32x16 bits = _mm512_castps_si512(values);
  const U32x16 odd = _mm512_and_si512(upper_halves(values), repeat(1U));
  const U32x16 rounded = _mm512_add_epi32(_mm512_add_epi32(bits, repeat(0x7FFFU)), odd);
  return narrow(_mm512_srli_epi32(rounded, 16));
}

/// The same in one instruction, which takes numbers below the smallest normal one (1e-38) for 0.
SCRAWL_BF16_LANES_INLINE I16x16 round_to_bf16_at_once(F32x16 values) {
  return reinterpret_cast<I16x16>(_mm512_cvtneps_pbh(values));
}

/// There are no instructions to compare bfloat16: the numbers become 16-bit integers of the same
/// order (sign and magnitude become a two's complement; the same change once more undoes it).
SCRAWL_LANES_INLINE I16x16 change_order(I16x16 bits) {
  const I16x16 sign = _mm256_srai_epi16(bits, 15);
  return _mm256_xor_si256(bits, _mm256_and_si256(sign, repeat(std::int16_t{0x7FFF})));
}

// ---- Memory. Where there is a mask, other lanes are read as 0, and not written ----

SCRAWL_LANES_INLINE F32x16 load_lanes(const float* from) {
  return _mm512_loadu_ps(from);
}

SCRAWL_LANES_INLINE F32x16 load_lanes(const float* from, Mask16 mask) {
  return _mm512_maskz_loadu_ps(mask, from);
}

SCRAWL_LANES_INLINE U32x16 load_lanes(const std::uint32_t* from) {
  return _mm512_loadu_si512(from);
}

SCRAWL_LANES_INLINE U32x16 load_lanes(const std::uint32_t* from, Mask16 mask) {
  return _mm512_maskz_loadu_epi32(mask, from);
}

SCRAWL_LANES_INLINE F32x16 load_lanes(const std::uint8_t* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes));
}

SCRAWL_LANES_INLINE I16x16 load_bits(const Bf16* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

SCRAWL_LANES_INLINE I16x16 load_bits(const Bf16* from, Mask16 mask) {
  return _mm256_maskz_loadu_epi16(mask, from);
}

SCRAWL_LANES_INLINE F32x16 load_lanes(const Bf16* from, Mask16 mask) {
  return to_f32(load_bits(from, mask));
}

SCRAWL_LANES_INLINE void store_lanes(F32x16 values, float* to) {
  _mm512_storeu_ps(to, values);
}

SCRAWL_LANES_INLINE void store_lanes(F32x16 values, float* to, Mask16 mask) {
  _mm512_mask_storeu_ps(to, mask, values);
}

SCRAWL_LANES_INLINE void store_lanes(F32x8 values, float* to) {
  _mm256_storeu_ps(to, values);
}

SCRAWL_LANES_INLINE void store_lanes(U32x16 values, std::uint32_t* to) {
  _mm512_storeu_si512(to, values);
}

SCRAWL_LANES_INLINE void store_lanes(I16x16 values, std::uint16_t* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), values);
}

/// As 8 pairs.
SCRAWL_LANES_INLINE void store_lanes(I16x16 values, std::uint32_t* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), values);
}

SCRAWL_LANES_INLINE void store_bits(I16x16 bits, Bf16* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bits);
}

SCRAWL_LANES_INLINE void store_bits(I16x16 bits, Bf16* to, Mask16 mask) {
  _mm256_mask_storeu_epi16(to, mask, bits);
}

SCRAWL_LANES_INLINE void store_lanes(F32x16 values, Bf16* to, Mask16 mask) {
  store_bits(round_to_bf16(values), to, mask);
}

/// Writes the chosen numbers side by side, and zeros behind them, 16 in all; how many they are.
SCRAWL_LANES_INLINE std::size_t store_chosen(U32x16 values, Mask16 chosen, std::uint32_t* to) {
  store_lanes(_mm512_maskz_compress_epi32(chosen, values), to);
  return static_cast<std::size_t>(__builtin_popcount(chosen));
}

// ---- Comparing: bfloat16 in change_order ----

SCRAWL_LANES_INLINE Mask16 is_larger(F32x16 a, F32x16 b) {
  return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
}

SCRAWL_LANES_INLINE Mask16 is_larger(I16x16 a, I16x16 b) {
  return _mm256_cmpgt_epi16_mask(a, b);
}

/// In lanes of the mask.
SCRAWL_LANES_INLINE Mask16 is_equal(I16x16 a, I16x16 b, Mask16 mask) {
  return _mm256_mask_cmpeq_epi16_mask(mask, a, b);
}

SCRAWL_LANES_INLINE Mask16 is_not_zero(U32x16 values) {
  return _mm512_test_epi32_mask(values, values);
}

/// b where either is not a number.
SCRAWL_LANES_INLINE F32x16 larger_of(F32x16 a, F32x16 b) {
  return _mm512_max_ps(a, b);
}

SCRAWL_LANES_INLINE I16x16 larger_of(I16x16 a, I16x16 b) {
  return _mm256_max_epi16(a, b);
}

/// `those` in the lanes of the mask, `others` elsewhere.
SCRAWL_LANES_INLINE F32x16 choose(Mask16 which, F32x16 those, F32x16 others) {
  return _mm512_mask_mov_ps(others, which, those);
}

SCRAWL_LANES_INLINE I16x16 choose(Mask16 which, I16x16 those, I16x16 others) {
  return _mm256_mask_mov_epi16(others, which, those);
}

// ---- Arithmetic, rounded once ----

/// a b + c
SCRAWL_LANES_INLINE F32x16 multiply_add(F32x16 a, F32x16 b, F32x16 c) {
  return _mm512_fmadd_ps(a, b, c);
}

/// a b - c
SCRAWL_LANES_INLINE F32x16 multiply_subtract(F32x16 a, F32x16 b, F32x16 c) {
  return _mm512_fmsub_ps(a, b, c);
}

/// c - a b
SCRAWL_LANES_INLINE F32x16 subtract_product(F32x16 a, F32x16 b, F32x16 c) {
  return _mm512_fnmadd_ps(a, b, c);
}

/// a b + c, where a are 8 numbers in memory.
SCRAWL_LANES_INLINE F32x8 multiply_add(const float* a, float b, F32x8 c) {
  return _mm256_fmadd_ps(_mm256_loadu_ps(a), _mm256_set1_ps(b), c);
}

/// c and both products of two pairs. `a` is best what comes from memory, as the instruction takes
/// it from there (a repeated number too).
SCRAWL_BF16_LANES_INLINE F32x16 multiply_add(U32x16 a, U32x16 b, F32x16 c) {
  return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(b), reinterpret_cast<__m512bh>(a));
}

// ---- The order of things ----

/// first, first + 1, ...
SCRAWL_LANES_INLINE U32x16 count_from(std::uint32_t first) {
  return _mm512_add_epi32(repeat(first),
                          _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/// Makes 16 rows of 16 into columns: out[c * stride + r] = rows[r][c]. First within each 4x4
/// square, which lies in a quarter of four registers, then the squares among themselves.
SCRAWL_LANES_INLINE void transpose(const U32x16 (&rows)[lanes], std::uint32_t* out,
                                   std::size_t stride) {
  U32x16 squares[lanes];  // [4 group + j], quarter q: column 4 q + j of rows 4 group to 4 group + 3
  for (std::size_t r = 0; r < lanes; r += 4) {
    const U32x16 low01 = _mm512_unpacklo_epi32(rows[r], rows[r + 1]);
    const U32x16 high01 = _mm512_unpackhi_epi32(rows[r], rows[r + 1]);
    const U32x16 low23 = _mm512_unpacklo_epi32(rows[r + 2], rows[r + 3]);
    const U32x16 high23 = _mm512_unpackhi_epi32(rows[r + 2], rows[r + 3]);
    squares[r] = _mm512_unpacklo_epi64(low01, low23);
    squares[r + 1] = _mm512_unpackhi_epi64(low01, low23);
    squares[r + 2] = _mm512_unpacklo_epi64(high01, high23);
    squares[r + 3] = _mm512_unpackhi_epi64(high01, high23);
  }
  constexpr int even = 0x88;  // quarters 0 and 2 of each operand
  constexpr int odd = 0xDD;   // quarters 1 and 3
  for (std::size_t j = 0; j < 4; ++j) {
    const U32x16 top_even = _mm512_shuffle_i32x4(squares[j], squares[4 + j], even);
    const U32x16 top_odd = _mm512_shuffle_i32x4(squares[j], squares[4 + j], odd);
    const U32x16 bottom_even = _mm512_shuffle_i32x4(squares[8 + j], squares[12 + j], even);
    const U32x16 bottom_odd = _mm512_shuffle_i32x4(squares[8 + j], squares[12 + j], odd);
    store_lanes(_mm512_shuffle_i32x4(top_even, bottom_even, even), out + j * stride);
    store_lanes(_mm512_shuffle_i32x4(top_odd, bottom_odd, even), out + (4 + j) * stride);
    store_lanes(_mm512_shuffle_i32x4(top_even, bottom_even, odd), out + (8 + j) * stride);
    store_lanes(_mm512_shuffle_i32x4(top_odd, bottom_odd, odd), out + (12 + j) * stride);
  }
}

#else

inline bool has_lanes() {
  return false;
}

inline bool has_bf16_lanes() {
  return false;
}

/// What stands in place of code of sixteen numbers at a time, where nobody may ask for it.
[[noreturn]] inline void fail_without_lanes() {
  throw std::logic_error("this build has no AVX-512 code: ask whether it is supported first");
}

#endif

}  // namespace scrawl
