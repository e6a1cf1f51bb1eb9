#include "network/sparse_input.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "network/onednn.hpp"

namespace scrawl {

namespace {

constexpr std::size_t outputs = SparseInput::outputs;
constexpr std::size_t lanes = 16;  // f32 in a vector
constexpr std::size_t vectors = outputs / lanes;
constexpr std::size_t glyph_pairs = glyph_pixels / 2;
constexpr std::size_t chunk_pairs = SparseInput::chunk / 2;
constexpr std::size_t slice_pixels = glyph_pixels / SparseInput::slices;

}  // namespace

bool SparseInput::supports(std::size_t layer_outputs) {
  return onednn::has_native_bf16() && layer_outputs % outputs == 0;
}

SparseInput::SparseInput(bool relu, const Normalisation& normalisation, std::size_t capacity)
    : relu_(relu),
      scale_(1.0F / (255.0F * normalisation.deviation)),
      offset_(normalisation.mean / normalisation.deviation),
      capacity_(capacity),
      row_pairs_(glyph_pixels * capacity / 2),
      gradients_(capacity / 2 * outputs),
      gradient_sums_(capacity / chunk * outputs),
      weights_(glyph_pixels * outputs),
      velocity_(glyph_pixels * outputs),
      weight_pairs_(glyph_pairs * outputs),
      weight_sums_(slices * outputs) {}

void SparseInput::load(std::span<const float> weight, std::span<const float> velocity) {
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < glyph_pixels; ++i) {
      weights_[i * outputs + o] = weight[o * glyph_pixels + i];
      velocity_[i * outputs + o] = velocity[o * glyph_pixels + i];
    }
  }
  // An update with a rate of 0 changes no weight and makes all that is derived from them.
  std::ranges::fill(gradients_, 0U);
  std::ranges::fill(gradient_sums_, 0.0F);
  for (std::size_t s = 0; s < slices; ++s) update(s, {0, 0});
}

void SparseInput::store(std::span<float> weight, std::span<float> velocity) const {
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < glyph_pixels; ++i) {
      weight[o * glyph_pixels + i] = weights_[i * outputs + o];
      velocity[o * glyph_pixels + i] = velocity_[i * outputs + o];
    }
  }
}

void SparseInput::bias_gradient(float* out) const {
  sum_columns(gradient_sums_.data(), capacity_ / chunk, outputs, outputs, out);
}

#if defined(__x86_64__)

#define SCRAWL_BF16_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

namespace {

/// Which of `length` pairs are not 0.
struct Nonzero {
  explicit Nonzero(std::size_t length) : at(length + lanes) {}

  std::vector<std::uint32_t> at;
  std::size_t count = 0;
};

/// Two rows of `length` pairs, 0 in most places.
struct TwoRows {
  const std::uint32_t* first;
  const std::uint32_t* second;
  std::size_t length;
};

SCRAWL_BF16_TARGET void find_nonzero(const TwoRows& rows, Nonzero& nonzero) {
  nonzero.count = 0;
  for (std::size_t begin = 0; begin < rows.length; begin += lanes) {
    const std::size_t left = std::min(lanes, rows.length - begin);
    const auto valid = static_cast<__mmask16>((1U << left) - 1);
    const __m512i either = _mm512_or_si512(_mm512_maskz_loadu_epi32(valid, rows.first + begin),
                                           _mm512_maskz_loadu_epi32(valid, rows.second + begin));
    const __m512i position =
        _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(begin)),
                         _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    const __mmask16 mask = _mm512_test_epi32_mask(either, either);
    _mm512_storeu_si512(nonzero.at.data() + nonzero.count,
                        _mm512_maskz_compress_epi32(mask, position));
    nonzero.count += static_cast<std::size_t>(__builtin_popcount(mask));
  }
}

/// The products of two rows with all columns.
struct Sums {
  __m512 first[vectors];
  __m512 second[vectors];
};

/// sums[r][c] = sum over k in nonzero of dot2(row r [k], right[k][c]); right (rows.length, 128).
SCRAWL_BF16_TARGET inline __attribute__((always_inline)) Sums multiply(const TwoRows& rows,
                                                                       const Nonzero& nonzero,
                                                                       const std::uint32_t* right) {
  // Local, and copied at the end: gcc keeps them in registers only so.
  __m512 first[vectors];
  __m512 second[vectors];
  for (std::size_t v = 0; v < vectors; ++v) first[v] = second[v] = _mm512_setzero_ps();
  for (std::size_t n = 0; n < nonzero.count; ++n) {
    const std::size_t k = nonzero.at[n];
    const auto a = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(rows.first[k])));
    const auto b = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(rows.second[k])));
    const std::uint32_t* from = right + k * outputs;
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto column = reinterpret_cast<__m512bh>(_mm512_load_si512(from + v * lanes));
      first[v] = _mm512_dpbf16_ps(first[v], a, column);
      second[v] = _mm512_dpbf16_ps(second[v], b, column);
    }
  }
  Sums sums;
  for (std::size_t v = 0; v < vectors; ++v) {
    sums.first[v] = first[v];
    sums.second[v] = second[v];
  }
  return sums;
}

/// out = max(sum * scale + shift, floor), as bf16.
SCRAWL_BF16_TARGET inline __attribute__((always_inline)) void finish(const __m512 (&sums)[vectors],
                                                                     float scale,
                                                                     const float* shift,
                                                                     float floor, Bf16* out) {
  for (std::size_t v = 0; v < vectors; ++v) {
    const __m512 sum =
        _mm512_fmadd_ps(sums[v], _mm512_set1_ps(scale), _mm512_load_ps(shift + v * lanes));
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_max_ps(sum, _mm512_set1_ps(floor)));
    std::memcpy(static_cast<void*>(out + v * lanes), &rounded, sizeof rounded);
  }
}

/// Makes 16 rows of 16 into columns: out[c * stride + r] = rows[r][c]. First within each 4x4
/// square, which lies in one 128-bit lane of four rows, then the squares among themselves.
SCRAWL_BF16_TARGET inline __attribute__((always_inline)) void transpose(
    const __m512i (&rows)[lanes], std::uint32_t* out, std::size_t stride) {
  __m512i squares[lanes];  // [4 group + j], lane L: column 4 L + j of rows 4 group to 4 group + 3
  for (std::size_t r = 0; r < lanes; r += 4) {
    const __m512i low01 = _mm512_unpacklo_epi32(rows[r], rows[r + 1]);
    const __m512i high01 = _mm512_unpackhi_epi32(rows[r], rows[r + 1]);
    const __m512i low23 = _mm512_unpacklo_epi32(rows[r + 2], rows[r + 3]);
    const __m512i high23 = _mm512_unpackhi_epi32(rows[r + 2], rows[r + 3]);
    squares[r] = _mm512_unpacklo_epi64(low01, low23);
    squares[r + 1] = _mm512_unpackhi_epi64(low01, low23);
    squares[r + 2] = _mm512_unpacklo_epi64(high01, high23);
    squares[r + 3] = _mm512_unpackhi_epi64(high01, high23);
  }
  constexpr int even = 0x88;  // lanes 0 and 2 of each operand
  constexpr int odd = 0xDD;   // lanes 1 and 3
  for (std::size_t j = 0; j < 4; ++j) {
    const __m512i top_even = _mm512_shuffle_i32x4(squares[j], squares[4 + j], even);
    const __m512i top_odd = _mm512_shuffle_i32x4(squares[j], squares[4 + j], odd);
    const __m512i bottom_even = _mm512_shuffle_i32x4(squares[8 + j], squares[12 + j], even);
    const __m512i bottom_odd = _mm512_shuffle_i32x4(squares[8 + j], squares[12 + j], odd);
    _mm512_store_si512(out + j * stride, _mm512_shuffle_i32x4(top_even, bottom_even, even));
    _mm512_store_si512(out + (4 + j) * stride, _mm512_shuffle_i32x4(top_odd, bottom_odd, even));
    _mm512_store_si512(out + (8 + j) * stride, _mm512_shuffle_i32x4(top_even, bottom_even, odd));
    _mm512_store_si512(out + (12 + j) * stride, _mm512_shuffle_i32x4(top_odd, bottom_odd, odd));
  }
}

/// Pixels as bf16 numbers, each in the low half of 32 bits.
SCRAWL_BF16_TARGET inline __attribute__((always_inline)) __m512i widen(const std::uint8_t* pixels) {
  const __m512i integers =
      _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels)));
  return _mm512_srli_epi32(_mm512_castps_si512(_mm512_cvtepi32_ps(integers)), 16);
}

constexpr std::array<std::uint8_t, glyph_pixels> blank{};

}  // namespace

namespace {

/// A chunk of images as rows of bf16 pairs, and as columns of pairs of rows.
SCRAWL_BF16_TARGET void convert_chunk(const std::uint8_t* const* images, std::uint32_t* rows,
                                      std::uint32_t* columns, std::size_t column_stride) {
  for (std::size_t i = 0; i < glyph_pixels; i += lanes) {
    __m512i pairs[chunk_pairs];
    static_assert(chunk_pairs == lanes);
    for (std::size_t pair = 0; pair < chunk_pairs; ++pair) {
      const __m512i first = widen(images[2 * pair] + i);
      const __m512i second = widen(images[2 * pair + 1] + i);
      std::uint32_t* row = rows + 2 * pair * glyph_pairs + i / 2;
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(row), _mm512_cvtepi32_epi16(first));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(row + glyph_pairs),
                          _mm512_cvtepi32_epi16(second));
      pairs[pair] = _mm512_or_si512(first, _mm512_slli_epi32(second, 16));
    }
    transpose(pairs, columns + i * column_stride, column_stride);
  }
}

}  // namespace

SCRAWL_BF16_TARGET void SparseInput::forward(std::size_t begin,
                                             std::span<const std::uint8_t* const> images,
                                             const float* bias, Bf16* out, std::size_t stride) {
  std::array<const std::uint8_t*, chunk> chunk_images;
  for (std::size_t row = 0; row < chunk; ++row) {
    chunk_images[row] = begin + row < images.size() ? images[begin + row] : blank.data();
  }
  alignas(cache_line) std::array<std::uint32_t, chunk * glyph_pairs> pixels;
  convert_chunk(chunk_images.data(), pixels.data(), row_pairs_.data() + begin / 2, capacity_ / 2);

  alignas(cache_line) std::array<float, outputs> shift;
  sum_columns(weight_sums_.data(), slices, outputs, outputs, shift.data());
  for (std::size_t o = 0; o < outputs; ++o) shift[o] = bias[o] - offset_ * shift[o];
  const float floor = relu_ ? 0 : std::numeric_limits<float>::lowest();
  Nonzero nonzero(glyph_pairs);
  for (std::size_t row = 0; row < chunk; row += 2) {
    const std::uint32_t* first = pixels.data() + row * glyph_pairs;
    const TwoRows rows{first, first + glyph_pairs, glyph_pairs};
    find_nonzero(rows, nonzero);
    const Sums sums = multiply(rows, nonzero, weight_pairs_.data());
    finish(sums.first, scale_, shift.data(), floor, out + row * stride);
    finish(sums.second, scale_, shift.data(), floor, out + (row + 1) * stride);
  }
}

SCRAWL_BF16_TARGET void SparseInput::set_gradient(std::size_t begin, const Bf16* gradient,
                                                  std::size_t stride) {
  for (std::size_t row = 0; row < chunk; row += 2) {
    const Bf16* first = gradient + row * stride;
    const Bf16* second = first + stride;
    std::uint32_t* out = &gradients_[(begin + row) / 2 * outputs];
    for (std::size_t o = 0; o < outputs; ++o) {
      out[o] = first[o].bits | static_cast<std::uint32_t>(second[o].bits) << 16;
    }
  }
  sum_columns(gradient, chunk, outputs, stride, &gradient_sums_[begin / chunk * outputs]);
}

namespace {

/// What all rows of weights have in common in an update: w = w - rate (scale sum - shift), by way
/// of the velocity where there is momentum.
struct RowUpdate {
  float scale;
  const float* shift;  // (128): offset times the gradient's sum over the batch
  Sgd sgd;
};

/// Updates vector v of a row, adds the new weights to `totals`, and returns them as bf16.
SCRAWL_BF16_TARGET inline __attribute__((always_inline)) __m256i update_vector(
    __m512 sum, std::size_t v, const RowUpdate& step, float* weight, float* velocity,
    float* totals) {
  __m512 g =
      _mm512_fmsub_ps(sum, _mm512_set1_ps(step.scale), _mm512_load_ps(step.shift + v * lanes));
  if (step.sgd.momentum != 0) {
    g = _mm512_fmadd_ps(_mm512_load_ps(velocity + v * lanes), _mm512_set1_ps(step.sgd.momentum), g);
    _mm512_store_ps(velocity + v * lanes, g);
  }
  const __m512 w =
      _mm512_fnmadd_ps(g, _mm512_set1_ps(step.sgd.rate), _mm512_load_ps(weight + v * lanes));
  _mm512_store_ps(weight + v * lanes, w);
  _mm512_store_ps(totals + v * lanes, _mm512_add_ps(_mm512_load_ps(totals + v * lanes), w));
  return reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(w));
}

}  // namespace

SCRAWL_BF16_TARGET void SparseInput::update(std::size_t slice, Sgd sgd) {
  const std::size_t pairs = capacity_ / 2;
  alignas(cache_line) std::array<float, outputs> shift;
  bias_gradient(shift.data());
  for (float& value : shift) value *= offset_;
  const RowUpdate step{scale_, shift.data(), sgd};
  float* totals = &weight_sums_[slice * outputs];
  std::fill_n(totals, outputs, 0.0F);

  Nonzero nonzero(pairs);
  for (std::size_t i = slice * slice_pixels; i < (slice + 1) * slice_pixels; i += 2) {
    const TwoRows rows{&row_pairs_[i * pairs], &row_pairs_[(i + 1) * pairs], pairs};
    find_nonzero(rows, nonzero);
    const Sums sums = multiply(rows, nonzero, gradients_.data());
    float* weight = &weights_[i * outputs];
    float* velocity = &velocity_[i * outputs];
    for (std::size_t v = 0; v < vectors; ++v) {
      const __m256i even = update_vector(sums.first[v], v, step, weight, velocity, totals);
      const __m256i odd =
          update_vector(sums.second[v], v, step, weight + outputs, velocity + outputs, totals);
      _mm512_store_si512(&weight_pairs_[i / 2 * outputs + v * lanes],
                         _mm512_or_si512(_mm512_cvtepu16_epi32(even),
                                         _mm512_slli_epi32(_mm512_cvtepu16_epi32(odd), 16)));
    }
  }
}

#else

void SparseInput::forward(std::size_t, std::span<const std::uint8_t* const>, const float*, Bf16*,
                          std::size_t) {}
void SparseInput::set_gradient(std::size_t, const Bf16*, std::size_t) {}
void SparseInput::update(std::size_t, Sgd) {}

#endif

}  // namespace scrawl
