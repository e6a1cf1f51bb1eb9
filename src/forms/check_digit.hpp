// Check digits: what a number's last digits have to be.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace scrawl {

enum class CheckDigit {
  none,
  luhn,   ///< ISO/IEC 7812: cards, many numbers of members and patients
  isbn,   ///< 10 digits (ISO 2108:1972; its X is no digit), or 13 that begin with 978 or 979
  mod97,  ///< ISO/IEC 7064 MOD 97-10: the whole number leaves 1
};

/// luhn, isbn, mod97.
std::string_view to_string(CheckDigit check);
std::optional<CheckDigit> check_digit_named(std::string_view name);

/// Whether `digits`, which are 0 to 9 alone, have the check digits that they have to have.
bool is_checked(CheckDigit check, std::string_view digits);

/// Which share of all numbers of so many digits is.
double share_checked(CheckDigit check, std::size_t length);

}  // namespace scrawl
