#include "forms/expectation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <limits>

#include "files/number_of_text.hpp"

namespace scrawl {

namespace {

bool is_within(const NumberRange& range, std::string_view digits) {
  return number_of_text<std::int64_t>(digits, range.least, range.most).has_value();
}

double share_within(const NumberRange& range, std::size_t length) {
  const double all = std::pow(10.0, static_cast<double>(length));
  const double most = std::min(static_cast<double>(range.most), all - 1);
  return std::max(0.0, most - static_cast<double>(range.least) + 1) / all;
}

}  // namespace

std::string what_is_wrong(const Expected& expected, std::string_view digits) {
  const std::size_t count = digits.size();
  if (count < expected.least_digits || count > expected.most_digits) {
    const std::string wanted =
        expected.least_digits == expected.most_digits
            ? fmt::to_string(expected.most_digits)
            : fmt::format("{} to {}", expected.least_digits, expected.most_digits);
    return fmt::format("{} digit{} where {} are expected", count, count == 1 ? "" : "s", wanted);
  }
  if (expected.range && !is_within(*expected.range, digits))
    return fmt::format("{} is not from {} to {}", digits, expected.range->least,
                       expected.range->most);
  if (expected.date && !is_date(*expected.date, digits))
    return fmt::format("{} is no date that is expected", format_date(*expected.date, digits));
  if (!is_checked(expected.check, digits))
    return fmt::format("the check digit is wrong ({})", to_string(expected.check));
  return "";
}

bool is_expected(const Expected& expected, std::string_view digits) {
  const bool is_counted =
      digits.size() >= expected.least_digits && digits.size() <= expected.most_digits;
  return is_counted && (!expected.range || is_within(*expected.range, digits)) &&
         (!expected.date || is_date(*expected.date, digits)) && is_checked(expected.check, digits);
}

double share_expected(const Expected& expected, std::size_t length) {
  if (length < expected.least_digits || length > expected.most_digits) return 0;
  double share = share_checked(expected.check, length);
  if (expected.range) share *= share_within(*expected.range, length);
  if (expected.date) share *= share_of_dates(*expected.date);
  return share;
}

}  // namespace scrawl
