// Where other machines find a server of this one.
#pragma once

#include <string>
#include <vector>

namespace scrawl::cli {

/// Of a server on all interfaces (http://0.0.0.0:8042, http://[::]:8042), what other machines can
/// open: the same with each address that this machine has in its networks. None of another server,
/// whose own address says it.
std::vector<std::string> urls_for_others(const std::string& url);

/// What a browser on this machine opens: of a server on all interfaces the same with 127.0.0.1 or
/// [::1], since browsers are about to open no 0.0.0.0.
std::string url_for_this_machine(const std::string& url);

/// A QR code for a terminal with light letters on a dark ground, in lines of half blocks. None
/// where the text is too long, or there is no libqrencode.
std::vector<std::string> qr_code(const std::string& text);

}  // namespace scrawl::cli
