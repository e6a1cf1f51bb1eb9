// What tests of the network share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <span>
#include <utility>
#include <vector>

#include <scrawl/glyph.hpp>

#include "network/random.hpp"
#include "network_training/training_plan.hpp"

namespace scrawl {

/// Made-up glyphs with labels, and views of them.
struct Glyphs {
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
  std::vector<const std::uint8_t*> images;

  Glyphs(std::vector<std::uint8_t> p, std::vector<std::uint8_t> l)
      : pixels(std::move(p)), labels(std::move(l)) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      images.push_back(pixels.data() + i * glyph_pixels);
    }
  }
  Batch first(std::size_t count) const {
    return {std::span(images).first(count), std::span(labels).first(count)};
  }
  Batch all() const { return first(labels.size()); }
};

inline Glyphs random_glyphs(std::size_t count, std::uint64_t seed) {
  Random random({seed});
  std::vector<std::uint8_t> pixels(count * glyph_pixels);
  for (auto& pixel : pixels)
    pixel = static_cast<std::uint8_t>(random.below(4) == 0 ? random.below(256) : 0);
  std::vector<std::uint8_t> labels(count);
  for (auto& label : labels) label = static_cast<std::uint8_t>(random.below(10));
  return {std::move(pixels), std::move(labels)};
}

/// The largest difference, as a fraction of the largest expected value.
inline double relative_error(std::span<const float> found, std::span<const float> expected) {
  EXPECT_EQ(found.size(), expected.size());
  double difference = 0;
  double largest = 0;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(found[i]) - expected[i]));
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  return difference / largest;
}

}  // namespace scrawl
