// What a terminal gets and a pipe does not: colours and a live line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

namespace scrawl::cli {

/// Prints to stderr as far as that is possible: what is said there is not worth failing for.
template <typename... Arguments>
void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Arguments>(arguments)...);
  [[maybe_unused]] const std::size_t written = std::fwrite(text.data(), 1, text.size(), stderr);
}

/// Control characters but for line breaks as \x1B: a file's name or content must not steer the
/// terminal.
std::string printable(std::string_view text);

/// stderr is a terminal that can redraw a line ($TERM is not dumb).
bool stderr_is_live();

/// `text` in bold where stdout is a terminal that can ($TERM is not dumb) and NO_COLOR is unset;
/// else as it is.
std::string bold(std::string_view text);

/// 12.3 MB, 456 kB, 78 bytes.
std::string human_bytes(std::uint64_t bytes);

/// `share` (0 to 1) as a bar of `width` columns.
std::string bar(double share, int width);

/// One line on stderr that is drawn over and over, at most 20 times a second; gone when it ends.
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
