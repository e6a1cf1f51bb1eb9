// HTTP downloads into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace scrawl {

/// Called with the bytes received so far and the length of the whole, 0 while it is unknown.
using DownloadProgress = std::function<void(std::uint64_t received, std::uint64_t total)>;

/// A connection that is kept from one download to the next.
class Downloader {
 public:
  /// `protocols` are those allowed, also for redirects, as libcurl names them: "https".
  explicit Downloader(const std::string& protocols);

  /// The body at `url`. A cut connection is taken up again where it was cut, for as long as each
  /// attempt brings something. Throws Error, naming the URL, when that fails, when the server says
  /// no, does not answer within seconds, or sends more than `limit` bytes.
  std::vector<std::byte> get(const std::string& url, std::size_t limit,
                             const DownloadProgress& on_progress);

 private:
  std::unique_ptr<void, void (*)(void*)> curl_;
};

}  // namespace scrawl
