// JSON, event by event (RFC 8259): what the header of a safetensors file needs of it, so that
// reading with a model's file needs no JSON library.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

#include "files/utf8.hpp"

namespace scrawl {

/// A text, a whole number from 0 up that fits, or any other value: null, true, -1, 0.5.
using JsonScalar = std::variant<std::monostate, std::string_view, std::uint64_t>;

/// Calls the members of `Events` as it goes: start_object, key and end_object, start_array and
/// end_array, scalar; and not_json, which has to throw, where the text is not JSON in UTF-8. The
/// others have to throw where values are nested too deeply, which bounds the recursion here.
template <typename Events>
class JsonParser {
 public:
  JsonParser(std::string_view text, Events& events) : text_(text), events_(events) {}

  void parse() {
    value();
    skip_space();
    if (at_ < text_.size()) fail("the end");
  }

 private:
  [[noreturn]] void fail(std::string_view expected) const { events_.not_json(at_, expected); }

  bool is_next(char character) const { return at_ < text_.size() && text_[at_] == character; }

  bool take(char character) {
    if (!is_next(character)) return false;
    ++at_;
    return true;
  }

  void require(char character) {
    if (!take(character)) fail(std::string_view(&character, 1));
  }

  void skip_space() {
    while (is_next(' ') || is_next('\n') || is_next('\r') || is_next('\t')) ++at_;
  }

  void value() {
    skip_space();
    if (is_next('{')) return object();
    if (is_next('[')) return array();
    if (is_next('"')) return events_.scalar(string());
    for (const std::string_view word : {"null", "true", "false"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return events_.scalar({});
    }
    number();
  }

  void object() {
    require('{');
    events_.start_object();
    for (bool first = true; skip_space(), !take('}'); first = false) {
      if (!first) require(','), skip_space();
      if (!is_next('"')) fail("a name in quotes");
      events_.key(string());
      skip_space();
      require(':');
      value();
    }
    events_.end_object();
  }

  void array() {
    require('[');
    events_.start_array();
    for (bool first = true; skip_space(), !take(']'); first = false) {
      if (!first) require(',');
      value();
    }
    events_.end_array();
  }

  std::size_t digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    if (at_ == begin) fail("a value");
    return at_ - begin;
  }

  void number() {
    const std::size_t begin = at_;
    bool is_whole = !take('-');
    const bool leading_zero = is_next('0');
    if (digits() > 1 && leading_zero) fail("a number without a 0 before it");
    if (take('.')) is_whole = false, digits();
    if (take('e') || take('E')) {
      is_whole = false;
      if (!take('+')) take('-');
      digits();
    }
    std::uint64_t whole = 0;
    const auto [end, error] = std::from_chars(text_.data() + begin, text_.data() + at_, whole);
    events_.scalar(is_whole && error == std::errc() ? JsonScalar(whole) : JsonScalar());
  }

  /// Valid until the next one.
  std::string_view string() {
    require('"');
    string_.clear();
    while (!take('"')) {
      if (take('\\')) {
        append(escaped());
        continue;
      }
      if (at_ == text_.size()) fail("the end of a text");
      const Character next = first_character(text_.substr(at_));
      if (!next.is_valid || next.code < 0x20) fail("a character of a text, in UTF-8");
      string_ += text_.substr(at_, next.size);
      at_ += next.size;
    }
    return string_;
  }

  char32_t escaped() {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view characters = "\"\\/\b\f\n\r\t";
    if (take('u')) return unicode();
    const std::size_t i = at_ < text_.size() ? names.find(text_[at_]) : std::string_view::npos;
    if (i == std::string_view::npos) fail("what may stand behind a backslash");
    ++at_;
    return static_cast<char32_t>(characters[i]);
  }

  char32_t hexadecimal() {
    std::uint32_t code = 0;
    const char* begin = text_.data() + at_;
    const char* end = begin + (text_.size() - at_ < 4 ? text_.size() - at_ : 4);
    if (std::from_chars(begin, end, code, 16).ptr != begin + 4) fail("4 hexadecimal digits");
    at_ += 4;
    return code;
  }

  /// Beyond 16 bits, a character is written as two surrogates.
  char32_t unicode() {
    const char32_t high = hexadecimal();
    if (high < 0xD800 || high > 0xDFFF) return high;
    if (high > 0xDBFF || !take('\\') || !take('u')) fail("a pair of surrogates");
    const char32_t low = hexadecimal();
    if (low < 0xDC00 || low > 0xDFFF) fail("a pair of surrogates");
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }

  void append(char32_t code) {
    const auto part = [&](unsigned shift, char32_t head) {
      string_ += static_cast<char>(head | ((code >> shift) & (head == 0x80 ? 0x3F : 0x7F)));
    };
    if (code < 0x80) {
      part(0, 0);
    } else if (code < 0x800) {
      part(6, 0xC0), part(0, 0x80);
    } else if (code < 0x10000) {
      part(12, 0xE0), part(6, 0x80), part(0, 0x80);
    } else {
      part(18, 0xF0), part(12, 0x80), part(6, 0x80), part(0, 0x80);
    }
  }

  std::string_view text_;
  Events& events_;
  std::size_t at_ = 0;
  std::string string_;
};

/// `text` in quotes, with escapes; bytes that are not UTF-8 become U+FFFD.
inline std::string to_json_string(std::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    const Character next = first_character(text);
    if (!next.is_valid) {
      json += "\xEF\xBF\xBD";
    } else if (next.code == '"' || next.code == '\\') {
      json += {'\\', text[0]};
    } else if (next.code < 0x20) {
      constexpr char names[] = "btn\0fr";  // from 8 on; 11 has none
      const char name = next.code >= 8 && next.code < 14 ? names[next.code - 8] : '\0';
      json += name != '\0' ? std::string{'\\', name}
                           : fmt::format("\\u{:04x}", static_cast<std::uint32_t>(next.code));
    } else {
      json += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
  return json + '"';
}

}  // namespace scrawl
