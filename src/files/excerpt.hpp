// Text from outside as a message quotes it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scrawl {

/// Bytes of a text from outside that a message quotes at most.
inline constexpr std::size_t longest_excerpt = 200;

/// `text`, or its beginning and an ellipsis; no character of UTF-8 is cut in two.
inline std::string excerpt(std::string_view text, std::size_t longest = longest_excerpt) {
  if (text.size() <= longest) return std::string(text);
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  constexpr std::size_t longest_character = 4;
  std::size_t end = longest;
  while (end > 0 && longest - end < longest_character && continues(end)) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace scrawl
