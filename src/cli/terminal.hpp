// How the program prints, and what a terminal gets and a pipe does not: colors and a live line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "files/printable.hpp"

namespace scrawl::cli {

/// Text of our own, which is printed as it is. All other text comes from outside, directly or in a
/// message about it, and is made printable.
struct Own {
  std::string text;
};

template <typename T>
inline constexpr bool is_text = std::is_convertible_v<const T&, std::string_view> ||
                                std::is_convertible_v<const T&, std::string>;  // as of a path

/// What is printed of an argument.
template <typename T>
using Shown = std::conditional_t<is_text<T> || std::is_same_v<T, Own>, std::string, const T&>;

template <typename T>
Shown<T> shown(const T& argument, std::size_t longest) {
  if constexpr (std::is_same_v<T, Own>) {
    return argument.text;
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return printable(argument, longest);
  } else if constexpr (is_text<T>) {
    return printable(std::string(argument), longest);
  } else {
    return argument;
  }
}

/// Prints to stderr as far as that is possible: what is printed there is not worth failing for.
/// Very long texts lose their middle.
template <typename... Arguments>
void print_stderr(fmt::format_string<Shown<Arguments>...> format, const Arguments&... arguments) {
  const std::string text = fmt::format(format, shown(arguments, longest_message)...);
  [[maybe_unused]] const std::size_t written = std::fwrite(text.data(), 1, text.size(), stderr);
}

/// The same as a line behind the program's name.
template <typename... Arguments>
void print_error(fmt::format_string<Shown<Arguments>...> format, const Arguments&... arguments) {
  print_stderr("scrawl: {}\n", Own{fmt::format(format, shown(arguments, longest_message)...)});
}

/// Prints to stdout what is for people.
template <typename... Arguments>
void print(fmt::format_string<Shown<Arguments>...> format, const Arguments&... arguments) {
  fmt::print("{}", fmt::format(format, shown(arguments, std::string_view::npos)...));
}

/// Prints to stdout what is for programs. It too may be looked at in a terminal.
void print_json(const nlohmann::json& json, int indent = -1);

/// stderr is a terminal that can redraw a line ($TERM is not dumb).
bool stderr_is_live();

/// Columns of the terminal that stderr is; 80 where it tells none.
std::size_t terminal_columns();

/// "45 s left", "12 min left", "2 h 5 min left".
std::string time_left(double seconds);

/// `text` in bold where stdout is a terminal that can ($TERM is not dumb) and NO_COLOR is unset;
/// else as it is.
Own bold(std::string_view text);

/// What is left of work of which a fraction is done, by the time that it took so far.
class Estimate {
 public:
  /// Seconds until `fraction` (0 to 1) will be 1; nothing before a second of it has been seen.
  std::optional<double> left(double fraction);

 private:
  bool started_ = false;
  double start_ = 0;           ///< time of the first call
  double start_fraction_ = 0;  ///< what was done by then: of a training that was resumed
};

/// 12.3 MB, 456 kB, 78 bytes.
std::string human_bytes(std::uint64_t bytes);

/// `fraction` (0 to 1) as a bar of `width` columns.
std::string bar(double fraction, int width);

/// One line on stderr that is drawn over and over, at most 20 times a second; gone when it ends.
/// What the terminal is too narrow for is cut off, since what runs over into a next line stays
/// there.
class LiveLine {
 public:
  explicit LiveLine(bool enabled) : enabled_(enabled) {}
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool enabled() const { return enabled_; }
  /// True when enough time has passed that show() is worth the work of making a text.
  bool due() const;
  void show(std::string_view text);
  void clear();

 private:
  bool enabled_;
  bool shown_ = false;
  double last_ = 0;
};

}  // namespace scrawl::cli
