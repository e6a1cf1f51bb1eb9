// Numbers that come from outside as text.
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace scrawl {

/// The number that `text` is from its first character to its last, in decimal notation. Nothing
/// where it is anything else, is not finite, or is more than a Number holds.
template <typename Number>
std::optional<Number> number_of_text(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(number)) return std::nullopt;
  }
  return number;
}

/// The same within [low, high].
template <typename Number>
std::optional<Number> number_of_text(std::string_view text, std::type_identity_t<Number> low,
                                     std::type_identity_t<Number> high) {
  const std::optional<Number> number = number_of_text<Number>(text);
  return number && *number >= low && *number <= high ? number : std::nullopt;
}

}  // namespace scrawl
