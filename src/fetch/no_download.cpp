// What download.hpp promises, in a program that is built without libcurl: an error.
#include <fmt/core.h>

#include <scrawl/error.hpp>

#include "fetch/download.hpp"

namespace scrawl {

Downloader::Downloader(const std::string& /*protocols*/) : curl_(nullptr, [](void*) {}) {}

std::vector<std::byte> Downloader::get(const std::string& url, std::size_t /*limit*/,
                                       const DownloadProgress& /*on_progress*/) {
  throw Error(fmt::format("{}: not tried: this program was built without libcurl", url));
}

}  // namespace scrawl
