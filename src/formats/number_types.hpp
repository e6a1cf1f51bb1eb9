// The types that numbers have in files of tensors, and what they are as a float.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace scrawl {

enum class NumberType { f16, bf16, f32, f64, integer_1, integer_2, integer_4, integer_8 };

/// In bytes.
constexpr std::size_t size_of(NumberType type) {
  switch (type) {
    case NumberType::integer_1:
      return 1;
    case NumberType::f16:
    case NumberType::bf16:
    case NumberType::integer_2:
      return 2;
    case NumberType::f32:
    case NumberType::integer_4:
      return 4;
    default:
      return 8;
  }
}

constexpr bool is_integer(NumberType type) {
  return type >= NumberType::integer_1;
}

/// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 mantissa.
inline float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t magnitude = half & 0x7fffU;
  // Infinities and NaN keep an exponent of ones.
  if (magnitude >= 0x7c00U) return std::bit_cast<float>(sign | 0x7f800000U | magnitude << 13);
  // The exponent is 112 too small then, which a product makes good for, subnormals included.
  return std::bit_cast<float>(sign | magnitude << 13) * 0x1p112F;
}

/// The nearest half, ties to even; infinity for 65520 and beyond.
inline std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  const auto signed_half = [sign](std::uint32_t half) {
    return static_cast<std::uint16_t>(sign | half);
  };
  if (magnitude > 0x7f800000U) return signed_half(0x7e00U);   // NaN
  if (magnitude >= 0x477ff000U) return signed_half(0x7c00U);  // 65520
  if (magnitude < 0x38800000U) {  // below 2^-14: 0.5 has the steps of subnormal halves
    const float rounded = std::bit_cast<float>(magnitude) + 0.5F;
    return signed_half(std::bit_cast<std::uint32_t>(rounded) - std::bit_cast<std::uint32_t>(0.5F));
  }
  const std::uint32_t rounded = magnitude + 0xfffU + (magnitude >> 13 & 1U);
  return signed_half((rounded - 0x38000000U) >> 13);
}

/// The number that stands at `from` in little-endian, which is a float of some size.
inline float read_float(NumberType type, const std::byte* from) {
  const auto load = [from](auto number) {
    std::memcpy(&number, from, sizeof number);
    return number;
  };
  switch (type) {
    case NumberType::f16:
      return half_to_float(load(std::uint16_t{}));
    case NumberType::bf16:
      return std::bit_cast<float>(std::uint32_t{load(std::uint16_t{})} << 16);
    case NumberType::f64:
      return static_cast<float>(load(double{}));
    default:
      return load(float{});
  }
}

}  // namespace scrawl
