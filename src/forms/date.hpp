// Dates as they are written on forms.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scrawl {

/// A day of the Gregorian calendar.
struct Day {
  int year = 0;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31

  auto operator<=>(const Day&) const = default;  // NOLINT(modernize-use-nullptr): there is no 0
};

/// 2026-11-28; nothing when there is no such day.
std::optional<Day> parse_day(std::string_view text);

struct DateExpected {
  std::string pattern;        ///< such as DD.MM.YYYY, YYMMDD, MM/YY
  Day first = {1900, 1, 1};   ///< the earliest that is expected
  Day last = {2099, 12, 31};  ///< and the latest
};

/// Whether `pattern` has DD, MM, and YY or YYYY, at most once each and one of them at least, and
/// between them nothing but . - / and spaces.
bool is_date_pattern(std::string_view pattern);

/// How many digits a date of the pattern has.
std::size_t digits_of(const DateExpected& date);

/// Whether digits, so many as the pattern has, are a day from the first to the last. Of two digits
/// of a year, any century will do; a part that the pattern lacks may be anything.
bool is_date(const DateExpected& date, std::string_view digits);

/// About which share of all numbers of so many digits is.
double share_of_dates(const DateExpected& date);

/// The digits with what stands between them in the pattern.
std::string format_date(const DateExpected& date, std::string_view digits);

}  // namespace scrawl
