#include "cli/addresses.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <dlfcn.h>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace scrawl::cli {

namespace {

constexpr auto all_v4 = "0.0.0.0";
constexpr auto all_v6 = "[::]";
constexpr std::string_view scheme = "http://";

/// Of http://host:port.
std::string host_of(const std::string& url) {
  return url.substr(scheme.size(), url.rfind(':') - scheme.size());
}

std::string with_host(const std::string& url, const std::string& host) {
  return std::string(scheme) + host + url.substr(url.rfind(':'));
}

/// As it stands in a URL; empty where nobody else can use it.
std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size()) ? text.data() : "";
  }
  if (address.sa_family != AF_INET6) return "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) return "";
  if (!::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size())) return "";
  return '[' + std::string(text.data()) + ']';
}

/// IPv4 first, which people can type. `v6`: the others too.
std::vector<std::string> addresses_of_this_machine(bool v6) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owned(all, ::freeifaddrs);
  std::vector<std::string> found;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0 ||
        (one->ifa_flags & IFF_UP) == 0 || (one->ifa_addr->sa_family == AF_INET6 && !v6))
      continue;
    if (std::string text = text_of(*one->ifa_addr); !text.empty()) found.push_back(std::move(text));
  }
  std::stable_partition(found.begin(), found.end(),
                        [](const std::string& text) { return text[0] != '['; });
  return found;
}

/// qrencode.h, as far as it is used; its version 4 has had it so since 2008. It is loaded when it
/// is needed, so that the program starts without it.
struct QrCode {
  int version;
  int width;
  unsigned char* data;  // (width, width), bit 0: dark
};
using Encode = QrCode* (*)(const char* text, int version, int level);
using Free = void (*)(QrCode* code);

constexpr int light_border = 2;  // modules; 4 are asked for, but terminals are low

std::vector<std::string> draw(const QrCode& code) {
  const auto is_light = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < code.width && y < code.width;
    return !inside || (code.data[y * code.width + x] & 1) == 0;
  };
  std::vector<std::string> lines;
  for (int y = -light_border; y < code.width + light_border; y += 2) {
    std::string line;
    for (int x = -light_border; x < code.width + light_border; ++x) {
      const bool upper = is_light(x, y);
      const bool lower = is_light(x, y + 1);
      line += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::vector<std::string> urls_for_others(const std::string& url) {
  const std::string host = host_of(url);
  if (host != all_v4 && host != all_v6) return {};
  std::vector<std::string> urls;
  for (const std::string& address : addresses_of_this_machine(host == all_v6))
    urls.push_back(with_host(url, address));
  return urls;
}

std::string url_for_this_machine(const std::string& url) {
  const std::string host = host_of(url);
  return host == all_v4   ? with_host(url, "127.0.0.1")
         : host == all_v6 ? with_host(url, "[::1]")
                          : url;
}

std::vector<std::string> qr_code(const std::string& text) {
  void* library = ::dlopen("libqrencode.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {};
  const auto encode = reinterpret_cast<Encode>(::dlsym(library, "QRcode_encodeString8bit"));
  const auto free = reinterpret_cast<Free>(::dlsym(library, "QRcode_free"));
  std::vector<std::string> drawn;
  constexpr int any_version = 0;
  constexpr int lowest_level = 0;
  if (encode != nullptr && free != nullptr) {
    if (QrCode* code = encode(text.c_str(), any_version, lowest_level)) {
      drawn = draw(*code);
      free(code);
    }
  }
  ::dlclose(library);
  return drawn;
}

}  // namespace scrawl::cli
