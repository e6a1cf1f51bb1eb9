#include "server/http.hpp"

#include <charconv>
#include <cstddef>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "recognition/reading_json.hpp"

namespace scrawl {

namespace {

/// %41 is A and + is a space.
std::string decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), byte, 16);
    if (digits.size() != 2 || end != digits.end() || error != std::errc())
      throw HttpError(400, fmt::format("query: a broken escape in '{}'; expected % and two "
                                       "hexadecimal digits",
                                       text));
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace

Response error_response(unsigned status, std::string_view message) {
  return {status, "application/json", dump({{"error", message}}), {}};
}

void parse_target(std::string_view target, Request& request) {
  if (!target.starts_with('/'))
    throw HttpError(400, fmt::format("path: found '{}', expected one that begins with /", target));
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark == std::string_view::npos) return;
  for (std::string_view rest = target.substr(mark + 1); !rest.empty();) {
    const std::string_view field = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), field.size() + 1));
    if (field.empty()) continue;
    const std::size_t equals = field.find('=');
    const std::string name = decode(field.substr(0, equals));
    const std::string value =
        equals == std::string_view::npos ? "" : decode(field.substr(equals + 1));
    if (!request.query.emplace(name, value).second)
      throw HttpError(400, fmt::format("query: '{}' is there twice", name));
  }
}

}  // namespace scrawl
