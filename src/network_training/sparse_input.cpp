#include "network_training/sparse_input.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "network/data_type.hpp"
#include "network/lanes.hpp"

namespace scrawl {

namespace {

constexpr std::size_t glyph_pairs = glyph_pixels / 2;

}  // namespace

bool SparseInput::supports(std::size_t layer_outputs) {
  return has_bf16_lanes() && has_native_bf16() && layer_outputs % outputs == 0;
}

SparseInput::SparseInput(bool relu, const Normalization& normalization, std::size_t capacity)
    : relu_(relu),
      scale_(1.0F / (255.0F * normalization.std)),
      offset_(normalization.mean / normalization.std),
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

#if SCRAWL_HAS_LANES

namespace {

constexpr std::size_t outputs = SparseInput::outputs;
constexpr std::size_t vectors = outputs / lanes;
constexpr std::size_t chunk_pairs = SparseInput::chunk / 2;
constexpr std::size_t slice_pixels = glyph_pixels / SparseInput::slices;

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

SCRAWL_BF16_LANES_TARGET void find_nonzero(const TwoRows& rows, Nonzero& nonzero) {
  nonzero.count = 0;
  for (std::size_t begin = 0; begin < rows.length; begin += lanes) {
    const Mask16 valid = first_lanes(rows.length - begin);
    const U32x16 either =
        load_lanes(rows.first + begin, valid) | load_lanes(rows.second + begin, valid);
    const U32x16 places = count_from(static_cast<std::uint32_t>(begin));
    nonzero.count += store_chosen(places, is_not_zero(either), nonzero.at.data() + nonzero.count);
  }
}

/// The products of two rows with all columns.
struct Sums {
  F32x16 first[vectors];
  F32x16 second[vectors];
};

/// sums[r][c] = sum over k in nonzero of dot2(row r [k], right[k][c]); right (rows.length, 128).
SCRAWL_BF16_LANES_INLINE Sums multiply(const TwoRows& rows, const Nonzero& nonzero,
                                       const std::uint32_t* right) {
  // Local, and copied at the end: gcc keeps them in registers only so.
  F32x16 first[vectors];
  F32x16 second[vectors];
  for (std::size_t v = 0; v < vectors; ++v) first[v] = second[v] = F32x16{};
  for (std::size_t n = 0; n < nonzero.count; ++n) {
    const std::size_t k = nonzero.at[n];
    const U32x16 a = repeat(rows.first[k]);
    const U32x16 b = repeat(rows.second[k]);
    const std::uint32_t* from = right + k * outputs;
    for (std::size_t v = 0; v < vectors; ++v) {
      const U32x16 column = load_lanes(from + v * lanes);
      first[v] = multiply_add(column, a, first[v]);
      second[v] = multiply_add(column, b, second[v]);
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
SCRAWL_BF16_LANES_INLINE void finish(const F32x16 (&sums)[vectors], float scale, const float* shift,
                                     float floor, Bf16* out) {
  for (std::size_t v = 0; v < vectors; ++v) {
    const F32x16 sum = multiply_add(sums[v], repeat(scale), load_lanes(shift + v * lanes));
    store_bits(round_to_bf16_at_once(larger_of(sum, repeat(floor))), out + v * lanes);
  }
}

constexpr std::array<std::uint8_t, glyph_pixels> blank{};

/// A chunk of images as rows of bf16 pairs, and as columns of pairs of rows.
SCRAWL_BF16_LANES_TARGET void convert_chunk(const std::uint8_t* const* images, std::uint32_t* rows,
                                            std::uint32_t* columns, std::size_t column_stride) {
  for (std::size_t i = 0; i < glyph_pixels; i += lanes) {
    U32x16 pairs[chunk_pairs];
    static_assert(chunk_pairs == lanes);
    for (std::size_t pair = 0; pair < chunk_pairs; ++pair) {
      // Up to 255, a number is exact in bfloat16.
      const U32x16 first = upper_halves(load_lanes(images[2 * pair] + i));
      const U32x16 second = upper_halves(load_lanes(images[2 * pair + 1] + i));
      std::uint32_t* row = rows + 2 * pair * glyph_pairs + i / 2;
      store_lanes(narrow(first), row);
      store_lanes(narrow(second), row + glyph_pairs);
      pairs[pair] = pair_up(first, second);
    }
    transpose(pairs, columns + i * column_stride, column_stride);
  }
}

}  // namespace

SCRAWL_BF16_LANES_TARGET void SparseInput::forward(std::size_t begin,
                                                   std::span<const std::uint8_t* const> images,
                                                   const float* bias, Bf16* out,
                                                   std::size_t stride) {
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

SCRAWL_BF16_LANES_TARGET void SparseInput::set_gradient(std::size_t begin, const Bf16* gradient,
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
SCRAWL_BF16_LANES_INLINE I16x16 update_vector(F32x16 sum, std::size_t v, const RowUpdate& step,
                                              float* weight, float* velocity, float* totals) {
  const std::size_t at = v * lanes;
  F32x16 g = multiply_subtract(sum, repeat(step.scale), load_lanes(step.shift + at));
  if (step.sgd.momentum != 0) {
    g = multiply_add(load_lanes(velocity + at), repeat(step.sgd.momentum), g);
    store_lanes(g, velocity + at);
  }
  const F32x16 w = subtract_product(g, repeat(step.sgd.rate), load_lanes(weight + at));
  store_lanes(w, weight + at);
  store_lanes(load_lanes(totals + at) + w, totals + at);
  return round_to_bf16_at_once(w);
}

}  // namespace

SCRAWL_BF16_LANES_TARGET void SparseInput::update(std::size_t slice, Sgd sgd) {
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
      const I16x16 even = update_vector(sums.first[v], v, step, weight, velocity, totals);
      const I16x16 odd =
          update_vector(sums.second[v], v, step, weight + outputs, velocity + outputs, totals);
      store_lanes(pair_up(widen(even), widen(odd)), &weight_pairs_[i / 2 * outputs + v * lanes]);
    }
  }
}

#else

void SparseInput::forward(std::size_t, std::span<const std::uint8_t* const>, const float*, Bf16*,
                          std::size_t) {
  fail_without_lanes();
}
void SparseInput::set_gradient(std::size_t, const Bf16*, std::size_t) {
  fail_without_lanes();
}
void SparseInput::update(std::size_t, Sgd) {
  fail_without_lanes();
}

#endif

}  // namespace scrawl
