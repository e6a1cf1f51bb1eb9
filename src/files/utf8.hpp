// Characters of UTF-8 (RFC 3629).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <string_view>

namespace scrawl {

struct Character {
  char32_t code = 0;
  std::size_t size = 1;   ///< in bytes
  bool is_valid = false;  ///< else it is one byte that is no UTF-8
};

/// The character that `text`, which is not empty, begins with.
inline Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1, true};
  const auto size = static_cast<std::size_t>(std::countl_one(byte(0)));
  if (size < 2 || size > 4 || size > text.size()) return {};
  char32_t code = byte(0) & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};  // of so many bytes
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least[size] || code > 0x10FFFF || surrogate) return {};
  return {code, size, true};
}

}  // namespace scrawl
