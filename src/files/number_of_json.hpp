// Numbers that come from outside as JSON. JSON's own numbers have no limits: nlohmann-json converts
// 1e73 to an int without asking, which is undefined.
#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace scrawl {

/// The number that `json` is, within [low, high]; nothing where it is anything else. For whole
/// numbers 5.0 is something else.
template <typename Number>
std::optional<Number> number_of_json(const nlohmann::json& json, std::type_identity_t<Number> low,
                                     std::type_identity_t<Number> high) {
  const auto within = [&](auto number) -> std::optional<Number> {
    if constexpr (std::integral<Number>) {
      if (std::cmp_less(number, low) || std::cmp_greater(number, high)) return std::nullopt;
    } else {
      if (!(number >= low && number <= high)) return std::nullopt;  // nor NaN
    }
    return static_cast<Number>(number);
  };
  if constexpr (std::integral<Number>) {
    if (json.is_number_unsigned()) return within(json.get<std::uint64_t>());
    if (json.is_number_integer()) return within(json.get<std::int64_t>());
  } else if (json.is_number()) {
    return within(json.get<double>());
  }
  return std::nullopt;
}

}  // namespace scrawl
