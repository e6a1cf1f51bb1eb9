// Numbers in a file's bytes, with every access checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <span>

#include <scrawl/error.hpp>

namespace scrawl {

using Bytes = std::span<const std::byte>;

/// The `size` bytes from `at` on. Throws Error when the file ends before.
inline Bytes take(Bytes bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || size > bytes.size() - at)
    throw Error(fmt::format("cut short: {} bytes, at least {} expected", bytes.size(), at + size));
  return bytes.subspan(at, size);
}

/// The number in the `size` bytes (at most 4) from `at` on, the most significant first.
inline std::uint32_t read_big_endian(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (const std::byte byte : take(bytes, at, size))
    number = number << 8 | std::to_integer<std::uint32_t>(byte);
  return number;
}

/// The same, the least significant first.
inline std::uint32_t read_little_endian(Bytes bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (const std::byte byte : take(bytes, at, size)) {
    number = number >> 8 | std::to_integer<std::uint32_t>(byte) << 24;
  }
  return number >> (32 - 8 * size);
}

}  // namespace scrawl
