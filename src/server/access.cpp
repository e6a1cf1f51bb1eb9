#include "server/access.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <string_view>

namespace scrawl {

namespace {

bool is_allowed(const std::string& origin, const std::vector<std::string>& allowed) {
  return std::ranges::any_of(
      allowed, [&](const std::string& name) { return name == "*" || name == origin; });
}

/// Of "[::1]:8080" and "localhost:8080", the name.
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && bracket > colon))
    return host;
  return host.substr(0, colon);
}

}  // namespace

void check_host(const Request& request) {
  const std::string_view name = without_port(request.host);
  if (name == "localhost" || name == "127.0.0.1" || name == "[::1]") return;
  throw HttpError(403,
                  fmt::format("Host: found '{}', expected localhost or 127.0.0.1", request.host));
}

void check_origin(const Request& request, const std::vector<std::string>& allowed) {
  if (request.origin.empty() || is_allowed(request.origin, allowed)) return;
  const std::size_t scheme = request.origin.find("://");
  if (scheme != std::string::npos && request.origin.substr(scheme + 3) == request.host) return;
  throw HttpError(403,
                  fmt::format("Origin: '{}' is another page's; the server's --allow-origin lets "
                              "it in",
                              request.origin));
}

void check_token(const Request& request, const std::string& token) {
  if (token.empty()) return;
  const std::string expected = "Bearer " + token;
  if (request.authorization.size() == expected.size() &&
      CRYPTO_memcmp(request.authorization.data(), expected.data(), expected.size()) == 0)
    return;
  throw HttpError(401, "Authorization: this server expects 'Bearer ' and its token");
}

void add_access_headers(const Request& request, const std::vector<std::string>& allowed,
                        Response& response) {
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (request.origin.empty() || !is_allowed(request.origin, allowed)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", request.origin);
  response.headers.emplace_back("Vary", "Origin");
  if (request.method != "OPTIONS") return;
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, DELETE");
  response.headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type");
  response.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace scrawl
