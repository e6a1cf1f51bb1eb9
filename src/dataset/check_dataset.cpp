#include "dataset/check_dataset.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <stdexcept>

namespace scrawl {

void check_dataset(const DatasetView& dataset, std::string_view what) {
  if (dataset.images.size() != dataset.size() * glyph_pixels) {
    throw std::invalid_argument(fmt::format("{}: {} bytes of images for {} labels, expected {}",
                                            what, dataset.images.size(), dataset.size(),
                                            dataset.size() * glyph_pixels));
  }
  const auto wrong =
      std::ranges::find_if(dataset.labels, [](std::uint8_t label) { return label >= digit_count; });
  if (wrong != dataset.labels.end()) {
    throw std::invalid_argument(fmt::format("{}: label {} is {}, expected 0 to 9", what,
                                            wrong - dataset.labels.begin(), *wrong));
  }
}

}  // namespace scrawl
