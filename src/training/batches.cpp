#include "training/batches.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "network/random.hpp"

namespace scrawl {

Split split(std::size_t images, std::size_t validation, std::uint64_t seed) {
  std::vector<std::uint32_t> indices(images);
  std::iota(indices.begin(), indices.end(), 0U);
  Random({seed, random_split}).shuffle(std::span(indices));
  const auto middle = indices.begin() + static_cast<std::ptrdiff_t>(validation);
  return {{middle, indices.end()}, {indices.begin(), middle}};
}

Dataset select(const DatasetView& dataset, std::span<const std::uint32_t> indices) {
  Dataset chosen;
  chosen.images.reserve(indices.size() * glyph_pixels);
  chosen.labels.reserve(indices.size());
  for (const std::uint32_t index : indices) {
    const GlyphView image = dataset.image(index);
    chosen.images.insert(chosen.images.end(), image.begin(), image.end());
    chosen.labels.push_back(dataset.labels[index]);
  }
  return chosen;
}

Batch EpochOrder::batch(std::size_t begin, std::size_t count) const {
  begin = std::min(begin, size());
  count = std::min(count, size() - begin);
  return {std::span(images).subspan(begin, count), std::span(labels).subspan(begin, count)};
}

EpochOrder shuffle(const DatasetView& dataset, std::span<const std::uint32_t> indices,
                   std::uint64_t seed, int epoch) {
  std::vector<std::uint32_t> shuffled(indices.begin(), indices.end());
  Random({seed, random_order, static_cast<std::uint64_t>(epoch)}).shuffle(std::span(shuffled));
  EpochOrder order;
  order.images.reserve(shuffled.size());
  order.labels.reserve(shuffled.size());
  for (const std::uint32_t index : shuffled) {
    order.images.push_back(dataset.image(index).data());
    order.labels.push_back(dataset.labels[index]);
  }
  return order;
}

}  // namespace scrawl
