// Who may ask: other pages in the same browser, other machines, those without the token.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http.hpp"

namespace scrawl {

/// Whether a name of a host, or an address without brackets, is this machine's own: localhost,
/// 127.0.0.0/8, ::1 and the former as IPv6.
bool is_loopback(std::string_view host);

/// Whether a server can listen there: an IP address, or localhost.
bool is_address(std::string_view host);

/// Whether a browser could name a page's server so: scheme://host[:port] in small letters, with
/// nothing behind it.
bool is_origin(std::string_view text);

/// A server that only this machine can reach answers to names of this machine alone: a page
/// elsewhere whose name is made to point here (DNS rebinding) has another. Throws HttpError 403.
void check_host(const Request& request);

/// A browser names the page that asks as the Origin: that of another server is refused, unless
/// `allowed` has it or "*". Throws HttpError 403.
void check_origin(const Request& request, const std::vector<std::string>& allowed);

/// `token` empty: all are let in. Throws HttpError 401. Takes as long whatever was sent.
void check_token(const Request& request, const std::string& token);

/// What lets an allowed page of another server see the answer (https://fetch.spec.whatwg.org,
/// CORS), and what no browser should do with any answer.
void add_access_headers(const Request& request, const std::vector<std::string>& allowed,
                        Response& response);

}  // namespace scrawl
