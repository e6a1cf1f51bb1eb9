#include "server/http.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "formats/reading_json.hpp"

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

/// Takes scheme and host off "http://localhost:8042/healthz": what is asked for, whatever the Host
/// header says (RFC 9112). False where there are none.
bool take_host(std::string_view& target, Request& request) {
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view name = target.substr(0, scheme);
  if (!same_word(name, "http") && !same_word(name, "https")) return false;
  const std::string_view rest = target.substr(scheme + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?"));
  if (host.empty() || host.find('@') != std::string_view::npos)
    throw HttpError(400, fmt::format("path: found the host '{}', expected name:port", host));
  request.host = host;
  target = rest.substr(host.size());
  return true;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string without_folders(std::string_view text) {
  constexpr std::string_view before = " \t\n'\"([{<=:,;";  // a path
  constexpr std::string_view after = "\n'\")]}>:,;";
  std::string rest;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = text[at] == '/' &&
                        (at == 0 || before.find(text[at - 1]) != std::string_view::npos) &&
                        at + 1 < text.size() && text[at + 1] != ' ';
    if (begins) {
      const std::string_view path = text.substr(at, text.find_first_of(after, at) - at);
      at += path.rfind('/');
    } else {
      rest += text[at];
    }
  }
  return rest;
}

Response json_response(const nlohmann::json& json, unsigned status) {
  return {status, "application/json", dump(json), {}};
}

Response error_response(unsigned status, std::string_view message) {
  return json_response({{"error", message}}, status);
}

void parse_target(std::string_view target, Request& request) {
  const bool absolute = !target.starts_with('/') && take_host(target, request);
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (absolute && request.path.empty()) request.path.push_back('/');
  if (!request.path.starts_with('/'))
    throw HttpError(400, fmt::format("path: found '{}', expected one that begins with /", target));
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
