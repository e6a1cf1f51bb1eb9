#include "cli/terminal.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "formats/reading_json.hpp"

namespace scrawl::cli {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr double redraw_interval = 0.05;  // seconds

/// The beginning of a text of UTF-8, so many characters of it: few take two columns.
std::string first_columns(std::string text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins && count++ == columns) break;
  }
  text.resize(end);
  return text;
}

}  // namespace

void print_json(const nlohmann::json& json, int indent) {
  fmt::print("{}\n", printable_json(dump(json, indent)));
}

namespace {

/// Whether what the terminal draws can be steered.
bool terminal_is_able() {
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) != "dumb";
}

}  // namespace

bool stderr_is_live() {
  return isatty(STDERR_FILENO) == 1 && terminal_is_able();
}

Own bold(std::string_view text) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool plain = isatty(STDOUT_FILENO) != 1 || !terminal_is_able() ||
                     (no_color != nullptr && *no_color != '\0');
  return {plain ? std::string(text) : fmt::format("\x1b[1m{}\x1b[0m", text)};
}

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string time_left(double seconds) {
  const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 1e9) + 0.5);
  if (whole < 100) return fmt::format("{} s left", whole);
  const long minutes = (whole + 30) / 60;
  if (minutes < 100) return fmt::format("{} min left", minutes);
  return fmt::format("{} h {} min left", minutes / 60, minutes % 60);
}

std::optional<double> Estimate::left(double fraction) {
  if (!started_) {
    started_ = true;
    start_ = now();
    start_fraction_ = fraction;
  }
  const double took = now() - start_;
  const double done = fraction - start_fraction_;
  if (took < 1 || done <= 0) return std::nullopt;
  return took * (1 - fraction) / done;
}

std::string human_bytes(std::uint64_t bytes) {
  const auto n = static_cast<double>(bytes);
  if (bytes >= 1'000'000) return fmt::format("{:.1f} MB", n / 1e6);
  if (bytes >= 1'000) return fmt::format("{:.0f} kB", n / 1e3);
  return fmt::format("{} bytes", bytes);
}

std::string bar(double fraction, int width) {
  const int full = std::clamp(static_cast<int>(fraction * width + 0.5), 0, width);
  return std::string(static_cast<std::size_t>(full), '=') +
         std::string(static_cast<std::size_t>(width - full), ' ');
}

bool LiveLine::due() const {
  return enabled_ && now() - last_ >= redraw_interval;
}

void LiveLine::show(std::string_view text) {
  if (!enabled_) return;
  print_stderr("\r\x1b[K{}", Own{first_columns(printable(text), terminal_columns() - 1)});
  std::fflush(stderr);
  shown_ = true;
  last_ = now();
}

void LiveLine::clear() {
  if (!shown_) return;
  print_stderr("\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace scrawl::cli
