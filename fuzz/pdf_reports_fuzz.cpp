// Any text as what poppler's programs print: a resolution at which the page fits, or none.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "decoding/pdf_reports.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string report(reinterpret_cast<const char*>(data), size);
  scrawl::page_count_in(report);
  const auto page = scrawl::page_size_in(report);
  if (!page) return 0;
  constexpr std::size_t max_pixels = 100'000'000;
  const auto resolution =
      scrawl::drawn_resolution(scrawl::resolution_in(report, *page), *page, max_pixels);
  if (!resolution) return 0;
  require(*resolution >= 1 && *resolution <= 600);
  require(page->width * *resolution * (page->height * *resolution) <= max_pixels);
  return 0;
}
