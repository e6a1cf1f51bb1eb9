// Labeled glyphs that are somebody else's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <scrawl/dataset.hpp>

namespace scrawl {

/// A Dataset's, or what lies in a mapped file; read-only, so that several threads may look at once.
struct DatasetView {
  std::span<const std::uint8_t> images;  ///< (size, 28, 28), 0 paper to 255 ink
  std::span<const std::uint8_t> labels;  ///< (size), 0 to 9

  DatasetView(std::span<const std::uint8_t> all_images, std::span<const std::uint8_t> all_labels)
      : images(all_images), labels(all_labels) {}
  /// All of a data set, which has to outlive the view.
  DatasetView(const Dataset& dataset) : images(dataset.images), labels(dataset.labels) {}

  std::size_t size() const { return labels.size(); }
  GlyphView image(std::size_t index) const {
    return GlyphView(images.data() + index * glyph_pixels, glyph_pixels);
  }
};

/// digest(Dataset) of it. Throws as that does.
std::string digest_of(const DatasetView& dataset);

}  // namespace scrawl
