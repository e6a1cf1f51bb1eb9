// bfloat16 numbers, and loading and storing them beside f32 in one piece of code.
#pragma once

#include <bit>
#include <cstdint>

#include "network/data_type.hpp"

namespace scrawl {

/// A bfloat16 number: the upper half of an f32.
struct Bf16 {
  std::uint16_t bits = 0;
};

template <typename T>
inline constexpr DataType type_of = DataType::f32;
template <>
inline constexpr DataType type_of<Bf16> = DataType::bf16;
template <>
inline constexpr DataType type_of<std::uint8_t> = DataType::u8;

[[gnu::always_inline]] inline void store(float value, float& to) {
  to = value;
}

/// Rounds to the nearest, ties to even.
[[gnu::always_inline]] inline void store(float value, Bf16& to) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  to.bits = static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

[[gnu::always_inline]] inline float load(float value) {
  return value;
}

[[gnu::always_inline]] inline float load(Bf16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

}  // namespace scrawl
