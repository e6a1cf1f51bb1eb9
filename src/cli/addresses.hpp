// Where other machines find a server of this one.
#pragma once

#include <string>
#include <vector>

namespace scrawl::cli {

/// Of a server on all interfaces (http://0.0.0.0:8042, http://[::]:8042), what other machines can
/// open: the same with each address that this machine has in its networks. None of another server,
/// whose own address says it.
std::vector<std::string> urls_for_others(const std::string& url);

/// A QR code for a terminal, dark on light, in lines of half blocks. Empty where the text is too
/// long, or there is no libqrencode.
std::string qr_code(const std::string& text);

}  // namespace scrawl::cli
