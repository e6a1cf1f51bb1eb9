// Text from outside as a message quotes it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scrawl {

/// Bytes of a text from outside that a message quotes at most.
inline constexpr std::size_t longest_excerpt = 200;

/// The beginning of `text`, at most so many bytes; no character of UTF-8 is cut in two.
inline std::string_view beginning(std::string_view text, std::size_t longest) noexcept {
  if (text.size() <= longest) return text;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  constexpr std::size_t longest_character = 4;
  std::size_t end = longest;
  while (end > 0 && longest - end < longest_character && continues(end)) --end;
  return text.substr(0, end);
}

/// `text`, or its beginning and an ellipsis.
inline std::string excerpt(std::string_view text, std::size_t longest = longest_excerpt) {
  if (text.size() <= longest) return std::string(text);
  return std::string(beginning(text, longest)) + "…";
}

}  // namespace scrawl
