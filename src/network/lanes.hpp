// What loops written for AVX-512 share: sixteen channels at a time. To be included where there is
// x86-64 alone.
#pragma once

#include <immintrin.h>

#define SCRAWL_LANES_TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl")))
#define SCRAWL_LANES_INLINE SCRAWL_LANES_TARGET inline __attribute__((always_inline))

namespace scrawl {

/// There are no instructions to compare bfloat16: the numbers become 16-bit integers of the same
/// order (sign and magnitude become a two's complement; the same change once more undoes it).
SCRAWL_LANES_INLINE __m256i change_order(__m256i bits) {
  const __m256i sign = _mm256_srai_epi16(bits, 15);
  return _mm256_xor_si256(bits, _mm256_and_si256(sign, _mm256_set1_epi16(0x7FFF)));
}

}  // namespace scrawl
