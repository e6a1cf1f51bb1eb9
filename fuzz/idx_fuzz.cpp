// Data sets from hostile bytes: the length of the images' file in two bytes (little-endian), then
// both files, plain or gzip.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <scrawl/error.hpp>

#include "dataset/idx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto files = std::as_bytes(std::span(data, size)).subspan(2);
  const std::size_t split = std::min<std::size_t>(data[0] + 256U * data[1], files.size());
  try {
    const scrawl::Dataset dataset =
        scrawl::read_idx(scrawl::open_stream(files.first(split), "images"),
                         scrawl::open_stream(files.subspan(split), "labels"));
    const bool good = dataset.size() > 0 &&
                      dataset.images.size() == dataset.size() * scrawl::glyph_pixels &&
                      *std::ranges::max_element(dataset.labels) < scrawl::digit_count;
    if (!good) std::abort();
  } catch (const scrawl::Error&) {  // the only way to refuse
  }
  return 0;
}
