#include "server/access.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
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

std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

/// Of "Bearer abc", abc; the scheme has no case (RFC 9110).
std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (!same_word(authorization.substr(0, scheme.size()), scheme)) return "";
  authorization.remove_prefix(scheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (same_word(host, "localhost") || same_word(host, "localhost.")) return true;
  boost::system::error_code none;
  const auto address = boost::asio::ip::make_address(std::string(host), none);
  if (none) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
  return address.is_loopback();
}

bool is_address(std::string_view host) {
  boost::system::error_code none;
  boost::asio::ip::make_address(std::string(host), none);
  return !none || is_loopback(host);
}

bool is_origin(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view names = "abcdefghijklmnopqrstuvwxyz0123456789-._+";
  constexpr std::string_view addresses = "0123456789abcdef:.";
  const auto is_of = [](std::string_view part, std::string_view characters) {
    return !part.empty() && part.find_first_not_of(characters) == std::string_view::npos;
  };
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || !is_of(text.substr(0, scheme), names)) return false;
  const std::string_view server = text.substr(scheme + 3);
  const std::string_view host = without_port(server);
  if (host.size() < server.size() && !is_of(server.substr(host.size() + 1), digits)) return false;
  return is_of(host, names) ||
         (host != without_brackets(host) && is_of(without_brackets(host), addresses));
}

void check_host(const Request& request) {
  if (is_loopback(without_brackets(without_port(request.host)))) return;
  throw HttpError(403,
                  fmt::format("Host: found '{}', expected localhost or 127.0.0.1", request.host));
}

void check_origin(const Request& request, const std::vector<std::string>& allowed) {
  if (request.origin.empty() || is_allowed(request.origin, allowed)) return;
  const std::size_t scheme = request.origin.find("://");
  if (scheme != std::string::npos && same_word(request.origin.substr(scheme + 3), request.host))
    return;
  throw HttpError(403,
                  fmt::format("Origin: '{}' is another page's; the server's --allow-origin lets "
                              "it in",
                              request.origin));
}

void check_token(const Request& request, const std::string& token) {
  if (token.empty()) return;
  const std::string_view found = bearer_token(request.authorization);
  if (found.size() == token.size() && CRYPTO_memcmp(found.data(), token.data(), found.size()) == 0)
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
