#include "files/printable.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>

#include "files/utf8.hpp"

namespace scrawl {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr Range unprintable[] = {
    {0x00, 0x1F},        // C0
    {0x7F, 0x9F},        // DEL, C1
    {0x61C, 0x61C},      // Arabic letter mark
    {0x200E, 0x200F},    // left-to-right and right-to-left mark
    {0x2028, 0x202E},    // separators of lines and paragraphs; embeddings and overrides
    {0x2066, 0x2069},    // isolates
    {0x206A, 0x206F},    // deprecated marks of the same kind
    {0xFFF9, 0xFFFB},    // interlinear annotations
    {0xE0000, 0xE007F},  // tags
};

bool is_printable(const Character& character) {
  if (character.code >= ' ' && character.code <= '~') return true;  // most are
  return character.is_valid && std::ranges::none_of(unprintable, [&](const Range& range) {
           return character.code >= range.first && character.code <= range.last;
         });
}

/// Appends `text`, with what `escape` makes of characters that are not printable.
template <typename Escape>
void append(std::string& to, std::string_view text, Escape escape) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (is_printable(character)) {
      to += text.substr(0, character.size);
    } else {
      escape(to, character, text.substr(0, character.size));
    }
    text.remove_prefix(character.size);
  }
}

void escape_bytes(std::string& to, const Character& character, std::string_view bytes) {
  if (character.is_valid &&
      (character.code == '\n' || character.code == '\r' || character.code == '\t')) {
    to += character.code == '\n' ? "\\n" : character.code == '\r' ? "\\r" : "\\t";
    return;
  }
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char character_byte : bytes) {
    const auto byte = static_cast<unsigned char>(character_byte);
    to += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  }
}

/// RFC 8259, 7: beyond 16 bits it takes two.
void escape_utf16(std::string& to, const Character& character, std::string_view /*bytes*/) {
  const auto unit = [&](char32_t code) {
    fmt::format_to(std::back_inserter(to), "\\u{:04x}", static_cast<std::uint32_t>(code));
  };
  if (character.code < 0x10000) {
    unit(character.code);
  } else {
    unit(0xD800 + ((character.code - 0x10000) >> 10));
    unit(0xDC00 + ((character.code - 0x10000) & 0x3FF));
  }
}

/// Whether a character may begin at `at`.
bool begins(std::string_view text, std::size_t at) {
  return (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

}  // namespace

std::string printable(std::string_view text, std::size_t longest) {
  std::string safe;
  if (text.size() <= longest) {
    append(safe, text, escape_bytes);
    return safe;
  }
  // Cut between two characters, if there are any.
  constexpr std::size_t longest_character = 4;
  std::size_t head = longest - longest / 4;
  for (std::size_t i = 1; i < longest_character && head > 0 && !begins(text, head); ++i) --head;
  std::size_t tail = text.size() - longest / 4;
  for (std::size_t i = 1; i < longest_character && tail < text.size() && !begins(text, tail); ++i)
    ++tail;
  append(safe, text.substr(0, head), escape_bytes);
  safe += "…";
  append(safe, text.substr(tail), escape_bytes);
  return safe;
}

std::string printable_json(std::string_view json) {
  std::string safe;
  // What is outside of strings is ASCII; line ends there are the writer's own.
  append(safe, json, [](std::string& to, const Character& character, std::string_view bytes) {
    character.code == '\n' ? to += bytes : (escape_utf16(to, character, bytes), to);
  });
  return safe;
}

}  // namespace scrawl
