#include "forms/date.hpp"

#include <algorithm>
#include <cmath>

#include "files/number_of_text.hpp"

namespace scrawl {

namespace {

bool is_part(char c) {
  return c == 'D' || c == 'M' || c == 'Y';
}

int length_of(int year, int month) {
  constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return lengths[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

bool is_day(const Day& day) {
  return day.month >= 1 && day.month <= 12 && day.day >= 1 &&
         day.day <= length_of(day.year, day.month);
}

/// The number that the pattern's places of one letter hold; nothing when it has none.
std::optional<int> number_at(char letter, const DateExpected& date, std::string_view digits) {
  std::optional<int> number;
  std::size_t at = 0;
  for (const char c : date.pattern) {
    if (!is_part(c)) continue;
    if (c == letter) number = 10 * number.value_or(0) + (digits[at] - '0');
    ++at;
  }
  return number;
}

/// Whether a day within bounds has this month and this day, where they are given.
bool is_in_year(const DateExpected& date, int year, std::optional<int> month,
                std::optional<int> day) {
  const Day earliest{year, month.value_or(1), day.value_or(1)};
  const int last_month = month.value_or(12);
  if (last_month < 1 || last_month > 12) return false;
  if (day && !month) return *day >= 1 && *day <= 31;
  const Day latest{year, last_month, day.value_or(length_of(year, last_month))};
  return is_day(earliest) && is_day(latest) && latest >= date.first && earliest <= date.last;
}

}  // namespace

std::optional<Day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number_of_text<int>(text.substr(0, 4), 0, 9999);
  const auto month = number_of_text<int>(text.substr(5, 2), 1, 12);
  const auto day = number_of_text<int>(text.substr(8, 2), 1, 31);
  if (!year || !month || !day || !is_day({*year, *month, *day})) return std::nullopt;
  return Day{*year, *month, *day};
}

bool is_date_pattern(std::string_view pattern) {
  const auto count = [&](char c) { return std::ranges::count(pattern, c); };
  const auto stands_together = [&](std::string_view part) {
    return pattern.find(part) != std::string_view::npos;
  };
  if (pattern.size() > 20 || std::ranges::none_of(pattern, is_part)) return false;
  const bool only_known = std::ranges::all_of(pattern, [](char c) {
    return is_part(c) || std::string_view(".-/ ").find(c) != std::string_view::npos;
  });
  return only_known && (count('D') == 0 || (count('D') == 2 && stands_together("DD"))) &&
         (count('M') == 0 || (count('M') == 2 && stands_together("MM"))) &&
         (count('Y') == 0 || (count('Y') == 2 && stands_together("YY")) ||
          (count('Y') == 4 && stands_together("YYYY")));
}

std::size_t digits_of(const DateExpected& date) {
  return static_cast<std::size_t>(std::ranges::count_if(date.pattern, is_part));
}

bool is_date(const DateExpected& date, std::string_view digits) {
  if (digits.size() != digits_of(date)) return false;
  const std::optional<int> year = number_at('Y', date, digits);
  const std::optional<int> month = number_at('M', date, digits);
  const std::optional<int> day = number_at('D', date, digits);
  if (year && std::ranges::count(date.pattern, 'Y') == 4)
    return is_in_year(date, *year, month, day);
  for (int any = date.first.year; any <= date.last.year; ++any) {
    if (year && any % 100 != *year) continue;
    if (is_in_year(date, any, month, day)) return true;
  }
  return false;
}

double share_of_dates(const DateExpected& date) {
  const auto has = [&](char letter) { return date.pattern.find(letter) != std::string::npos; };
  double count = 1;
  if (has('Y')) count *= date.last.year - date.first.year + 1;
  if (has('Y') && std::ranges::count(date.pattern, 'Y') == 2) count = std::min(count, 100.0);
  if (has('D')) count *= has('M') ? 365.25 : 31;
  if (has('M') && !has('D')) count *= 12;
  return std::min(1.0, count / std::pow(10.0, static_cast<double>(digits_of(date))));
}

std::string format_date(const DateExpected& date, std::string_view digits) {
  if (digits.size() != digits_of(date)) return std::string(digits);
  std::string text = date.pattern;
  std::size_t at = 0;
  for (char& c : text) {
    if (is_part(c)) c = digits[at++];
  }
  return text;
}

}  // namespace scrawl
