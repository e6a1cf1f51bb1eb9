// What an exported program in int8 computes, said as simply as it can be: one value at a time, with
// no function in common with the program's text.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>
#include <vector>

#include <scrawl/glyph.hpp>

#include "formats/c_source/quantize.hpp"
#include "formats/c_source/steps.hpp"
#include "network/overloaded.hpp"

namespace scrawl {

/// Ten probabilities and the digit.
using Answer = std::array<float, digit_count + 1>;

/// e^x of x <= 0, operation by operation as the program has it, so that the bits are the same.
inline float exponential(float x) {
  if (x <= -87.0F) return 0;
  const int n = static_cast<int>(x * 1.44269504F - 0.5F);
  const auto whole = static_cast<float>(n);
  const float r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;
  float e = 1.0F / 5040;
  for (const float factorial : {720.0F, 120.0F, 24.0F, 6.0F, 2.0F, 1.0F, 1.0F}) {
    e = 1 / factorial + r * e;
  }
  return e * std::bit_cast<float>(static_cast<std::uint32_t>(n + 127) << 23);
}

class Int8Reference {
 public:
  Int8Reference(std::span<const c_source::Step> steps, std::span<const c_source::Int8Step> int8)
      : steps_(steps), int8_(int8) {}

  Answer classify(std::span<const std::uint8_t> glyph) const {
    std::vector<Bytes> values{{glyph.begin(), glyph.end()}};
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
      Bytes out(steps_[i].out.size());
      for (std::size_t at = 0; at < out.size(); ++at) out[at] = value(i, values, at);
      values.push_back(std::move(out));
    }
    return answer(values);
  }

 private:
  using Bytes = std::vector<std::uint8_t>;

  /// Where a value is.
  struct Place {
    std::size_t y;
    std::size_t x;
    std::size_t channel;
  };

  static Place place_of(const Shape& shape, std::size_t at) {
    return {at / shape.channels / shape.width, at / shape.channels % shape.width,
            at % shape.channels};
  }

  static std::uint8_t byte_at(const Bytes& in, const Shape& shape, const Place& place) {
    return in[(place.y * shape.width + place.x) * shape.channels + place.channel];
  }

  static std::uint8_t to_byte(std::int64_t value) {
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 255));
  }

  /// To the nearest, halves away from zero.
  static std::int64_t shifted(std::int64_t product, int shift) {
    const std::int64_t magnitude =
        (std::abs(product) + (std::int64_t{1} << (shift - 1))) / (std::int64_t{1} << shift);
    return product < 0 ? -magnitude : magnitude;
  }

  std::int64_t sum_of(std::size_t i, const c_source::Linear& linear, const Bytes& in,
                      const Place& place) const {
    const Shape& shape = steps_[i].in;
    std::int64_t sum = 0;
    for (std::size_t v = 0; v < linear.kernel; ++v) {
      for (std::size_t u = 0; u < linear.kernel; ++u) {
        for (std::size_t c = 0; c < shape.channels; ++c) {
          const std::size_t weight =
              ((place.channel * linear.kernel + v) * linear.kernel + u) * shape.channels + c;
          const Place from{place.y * linear.stride + v * linear.dilation,
                           place.x * linear.stride + u * linear.dilation, c};
          sum += int8_[i].weights[weight] * byte_at(in, shape, from);
        }
      }
    }
    return sum + int8_[i].offsets[place.channel];
  }

  std::int64_t largest_sum(std::size_t i, const c_source::Linear& linear, const Bytes& in,
                           const Place& place) const {
    std::int64_t largest = std::numeric_limits<std::int64_t>::min();
    for (std::size_t v = 0; v < linear.pool; ++v) {
      for (std::size_t u = 0; u < linear.pool; ++u) {
        const Place from{place.y * linear.pool + v, place.x * linear.pool + u, place.channel};
        largest = std::max(largest, sum_of(i, linear, in, from));
      }
    }
    return largest;
  }

  std::uint8_t linear_value(std::size_t i, const c_source::Linear& linear, const Bytes& in,
                            const Place& place) const {
    const std::int64_t value = shifted(
        largest_sum(i, linear, in, place) * int8_[i].multipliers[place.channel], int8_[i].shift);
    if (linear.activation != c_source::Activation::tanh) return to_byte(int8_[i].zero + value);
    const double tanh = std::tanh(static_cast<double>(std::clamp<std::int64_t>(value, -511, 511)) /
                                  c_source::tanh_steps);
    return static_cast<std::uint8_t>(128 + std::lround(127 * tanh));
  }

  std::uint8_t pooled(const Pool& pool, const Bytes& in, const Shape& shape,
                      const Place& place) const {
    int sum = 0;
    int largest = 0;
    for (std::size_t v = 0; v < pool.size; ++v) {
      for (std::size_t u = 0; u < pool.size; ++u) {
        const Place from{place.y * pool.size + v, place.x * pool.size + u, place.channel};
        largest = std::max<int>(largest, byte_at(in, shape, from));
        sum += byte_at(in, shape, from);
      }
    }
    const auto count = static_cast<int>(pool.size * pool.size);
    return static_cast<std::uint8_t>(pool.kind == Pool::Kind::max ? largest
                                                                  : (sum + count / 2) / count);
  }

  /// Of what step i gives.
  std::uint8_t value(std::size_t i, std::span<const Bytes> values, std::size_t at) const {
    const Bytes& in = values[i];
    const c_source::Int8Step& int8 = int8_[i];
    const Place place = place_of(steps_[i].out, at);
    return std::visit(
        Overloaded{
            [&](const c_source::Linear& linear) { return linear_value(i, linear, in, place); },
            [&](const c_source::Pad& pad) {
              const Place from{place.y - pad.border, place.x - pad.border, place.channel};
              const bool inside = from.y < steps_[i].in.height && from.x < steps_[i].in.width;
              return inside ? byte_at(in, steps_[i].in, from) : int8.zero;
            },
            [&](const Pool& pool) { return pooled(pool, in, steps_[i].in, place); },
            [&](const c_source::Scale&) {
              return to_byte(shifted(std::int64_t{int8.multipliers[place.channel]} * in[at] +
                                         int8.offsets[place.channel],
                                     int8.shift));
            },
            [&](const c_source::Activation&) { return int8.table[in[at]]; },
            [&](const c_source::Sum& sum) {
              return to_byte(shifted(std::int64_t{int8.multipliers[0]} * in[at] +
                                         std::int64_t{int8.multipliers[1]} * values[sum.other][at] +
                                         int8.offsets[0],
                                     int8.shift));
            }},
        steps_[i].work);
  }

  Answer answer(std::span<const Bytes> values) const {
    const std::size_t last = steps_.size() - 1;
    const auto& linear = std::get<c_source::Linear>(steps_[last].work);
    Answer answer{};
    const auto ten = std::span(answer).first(digit_count);
    for (std::size_t digit = 0; digit < digit_count; ++digit) {
      ten[digit] = static_cast<float>(sum_of(last, linear, values[last], {0, 0, digit})) *
                   int8_[last].logit_steps[digit];
    }
    const auto largest = std::ranges::max_element(ten);
    answer.back() = static_cast<float>(largest - ten.begin());
    float total = 0;
    const float most = *largest;
    for (float& value : ten) total += value = exponential(value - most);
    for (float& value : ten) value /= total;
    return answer;
  }

  std::span<const c_source::Step> steps_;
  std::span<const c_source::Int8Step> int8_;
};

}  // namespace scrawl
