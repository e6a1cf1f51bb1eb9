// Of requests, what is parsed by scrawl itself: paths with queries, forms, base64. The first byte
// says which.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "files/base64.hpp"
#include "server/http.hpp"
#include "server/multipart.hpp"

namespace {

void parse(std::uint8_t kind, std::string_view text) {
  if (kind % 3 == 0) {
    scrawl::Request request;
    scrawl::parse_target(text, request);
    return;
  }
  if (kind % 3 == 1) {  // the type up to the first line's end, then the body
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return;
    const std::string boundary = scrawl::multipart_boundary(text.substr(0, end));
    if (boundary.empty()) return;
    std::size_t total = 0;
    for (const scrawl::FormPart& part :
         scrawl::parse_multipart(text.substr(end + 1), boundary, 100))
      total += part.body.size();
    if (total > text.size()) std::abort();
    return;
  }
  // What is taken as base64 must be the base64 of what it gives.
  const auto bytes = scrawl::from_base64(text);
  if (bytes && scrawl::to_base64(*bytes) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    parse(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const scrawl::HttpError&) {
  }
  return 0;
}
