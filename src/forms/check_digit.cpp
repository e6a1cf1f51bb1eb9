#include "forms/check_digit.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace scrawl {

namespace {

constexpr std::array<std::pair<CheckDigit, std::string_view>, 3> names{
    {{CheckDigit::luhn, "luhn"}, {CheckDigit::isbn, "isbn"}, {CheckDigit::mod97, "mod97"}}};

int value_of(char digit) {
  return digit - '0';
}

bool is_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {  // from the right, where the check digit is
    const int digit = value_of(digits[digits.size() - 1 - i]);
    const int doubled = 2 * digit;
    sum += i % 2 == 0 ? digit : doubled / 10 + doubled % 10;
  }
  return sum % 10 == 0;
}

bool is_isbn10(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i)
    sum += (10 - static_cast<int>(i)) * value_of(digits[i]);
  return sum % 11 == 0;
}

bool is_isbn13(std::string_view digits) {
  if (!digits.starts_with("978") && !digits.starts_with("979")) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) sum += (i % 2 == 0 ? 1 : 3) * value_of(digits[i]);
  return sum % 10 == 0;
}

bool is_mod97(std::string_view digits) {
  int rest = 0;
  for (const char digit : digits) rest = (10 * rest + value_of(digit)) % 97;
  return rest == 1;
}

}  // namespace

std::string_view to_string(CheckDigit check) {
  const auto found =
      std::ranges::find(names, check, &std::pair<CheckDigit, std::string_view>::first);
  return found == names.end() ? "none" : found->second;
}

std::optional<CheckDigit> check_digit_named(std::string_view name) {
  const auto found =
      std::ranges::find(names, name, &std::pair<CheckDigit, std::string_view>::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

bool is_checked(CheckDigit check, std::string_view digits) {
  if (check == CheckDigit::luhn) return digits.size() >= 2 && is_luhn(digits);
  if (check == CheckDigit::mod97) return digits.size() >= 3 && is_mod97(digits);
  if (check == CheckDigit::isbn) {
    if (digits.size() == 10) return is_isbn10(digits);
    return digits.size() == 13 && is_isbn13(digits);
  }
  return true;
}

double share_checked(CheckDigit check, std::size_t length) {
  if (check == CheckDigit::luhn) return length >= 2 ? 1.0 / 10 : 0;
  if (check == CheckDigit::mod97) return length >= 3 ? 1.0 / 97 : 0;
  if (check == CheckDigit::isbn) {
    if (length == 10) return 1.0 / 11;
    return length == 13 ? 2.0 / 1000 / 10 : 0;
  }
  return 1;
}

}  // namespace scrawl
