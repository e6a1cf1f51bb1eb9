// Which images are trained on, which are set aside, and in what order they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataset/dataset_view.hpp"
#include "network_training/training_plan.hpp"

namespace scrawl {

/// Indices into a data set; every image is in one of the two.
struct Split {
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
};

/// Sets `validation` of `images` images aside, chosen by the seed.
Split split(std::size_t images, std::size_t validation, std::uint64_t seed);

/// Copies of the chosen images and labels.
Dataset select(const DatasetView& dataset, std::span<const std::uint32_t> indices);

/// All of an epoch's images, shuffled; points into the data set.
struct EpochOrder {
  std::vector<const std::uint8_t*> images;
  std::vector<std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }
  /// The images from `begin` on, at most `count`; none beyond the end.
  Batch batch(std::size_t begin, std::size_t count) const;
};

/// The order depends on seed and epoch alone, so a training can be taken up in any epoch.
EpochOrder shuffle(const DatasetView& dataset, std::span<const std::uint32_t> indices,
                   std::uint64_t seed, int epoch);

}  // namespace scrawl
