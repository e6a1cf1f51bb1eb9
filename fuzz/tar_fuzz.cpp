// tar archives from hostile bytes, plain or gzip.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <scrawl/error.hpp>

#include "fetch/tar.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t limit = 1 << 16;
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    std::size_t total = 0;
    for (const auto& [path, content] : scrawl::read_tar(scrawl::open_stream(bytes, "tar"), limit)) {
      total += content.size();
    }
    if (total > limit) std::abort();
  } catch (const scrawl::Error&) {  // the only way to refuse
  }
  return 0;
}
