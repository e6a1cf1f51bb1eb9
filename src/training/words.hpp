// Values that people call by words.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace scrawl {

template <typename Value>
struct Word {
  std::string_view text;
  Value value;
};
template <typename Value>
Word(std::string_view, Value) -> Word<Value>;  // clang 14 does not find it by itself

/// "a, b or c"
template <typename Value>
std::string list_words(std::span<const Word<Value>> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
    text += words[i].text;
  }
  return text;
}

}  // namespace scrawl
