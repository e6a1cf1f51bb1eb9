// The steps of a classifier in whole numbers: bytes go from step to step, sums have 32 bits.
//
// A value v is the byte v / step + zero. A sum becomes a byte by a product of 64 bits that is
// shifted and rounded (Jacob et al. 2018), so that every processor and compiler gives the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "formats/c_source/steps.hpp"

namespace scrawl::c_source {

/// Steps of what comes out of a Linear before a tanh: multiples of 1 / tanh_steps.
inline constexpr int tanh_steps = 128;

/// tanh(i / tanh_steps) * 127, rounded; at its end it is 127.
std::array<std::uint8_t, 4 * tanh_steps> tanh_table();

/// Whole numbers of a step; those that its kind has no use for are empty.
///
///     Linear      byte = zero + ((sum of weights * bytes + offset) * multiplier) >> shift
///     Scale       byte = (byte * multiplier + offset) >> shift, channel by channel
///     Sum         byte = (byte * multipliers[0] + other * multipliers[1] + offset) >> shift
///     Activation  byte = table[byte]
///
/// each rounded to the nearest, halves away from zero, and kept within 0 to 255. Before a tanh,
/// what is shifted counts 1 / tanh_steps, and the byte is 128 +- tanh_table[its magnitude]. The
/// last Linear gives logits: (sum + offset) * logit_steps.
struct Int8Step {
  std::vector<std::int8_t> weights;       ///< (outputs, kernel, kernel, channels)
  std::vector<std::int32_t> offsets;      ///< (outputs), (channels) or (1)
  std::vector<std::int32_t> multipliers;  ///< (outputs), (channels) or (2)
  int shift = 1;                          ///< 1 to 62
  std::vector<std::uint8_t> table;        ///< (256)
  std::vector<float> logit_steps;         ///< (10)
  std::uint8_t zero = 0;                  ///< the byte that stands for 0 in what comes out
};

/// Of each step. The range of values comes from the model's activation ranges where it has some,
/// else from `glyphs` (count, 28, 28). Throws Error when there are neither, and when sums would not
/// fit 32 bits.
std::vector<Int8Step> quantize(const Model& model, std::span<const Step> steps,
                               std::span<const std::uint8_t> glyphs);

}  // namespace scrawl::c_source
