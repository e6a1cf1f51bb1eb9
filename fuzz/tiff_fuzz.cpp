// Any bytes as a TIFF file: its pages are found, and those of 32 bits a sample decoded, or refused
// with Error; never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <scrawl/error.hpp>

#include "decoding/deep_tiff.hpp"
#include "decoding/tiff_pages.hpp"

namespace {

using namespace scrawl;

void require(bool holds) {
  if (!holds) std::abort();
}

/// As decode_picture does, which refuses what has more pixels than it is allowed.
void decode(Bytes tiff, std::size_t directory) {
  constexpr std::size_t max_pixels = 1 << 20;
  const auto header = read_deep_tiff_header(tiff, directory);
  if (!header || pixels_of(header->size) > max_pixels || pixels_of(header->size) == 0) return;
  const Picture picture = decode_deep_tiff(tiff, directory);
  require(picture.width == static_cast<int>(header->size.width));
  require(picture.height == static_cast<int>(header->size.height));
  require(picture.pixels.size() ==
          pixels_of(header->size) * static_cast<std::size_t>(picture.channels));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const std::vector<std::size_t> pages = find_tiff_pages(bytes);
    require(!pages.empty() && pages.size() <= max_pages);
    for (std::size_t page = 1; page <= std::min<std::size_t>(pages.size(), 4); ++page)
      decode(bytes, find_directory(bytes, Format::tiff, page));
  } catch (const Error&) {
  }
  return 0;
}
