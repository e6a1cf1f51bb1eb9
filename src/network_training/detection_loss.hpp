// How far a page reader's maps are from what they should say, and which way to change them.
#pragma once

#include <cstddef>

#include "network_training/detection_targets.hpp"

namespace scrawl {

/// By what sums over a batch's cells are divided.
struct DetectionCounts {
  double peaks = 0;    ///< centers of digits and signs
  double weights = 0;  ///< of cells that have a symbol
  double cells = 0;    ///< of pictures

  void add(const DetectionTargets& targets) {
    peaks += static_cast<double>(targets.peaks);
    weights += targets.weights;
    cells += static_cast<double>(targets.height * targets.width);
  }

  DetectionCounts& operator+=(const DetectionCounts& other) {
    peaks += other.peaks;
    weights += other.weights;
    cells += other.cells;
    return *this;
  }
};

/// What a batch, or a part of one, adds up to.
struct DetectionSum {
  double center = 0;       ///< penalty-reduced focal loss, by peak (Zhou et al. 2019, equation 1)
  double symbol = 0;       ///< cross-entropy with smoothed labels, by weight
  double box = 0;          ///< smooth L1 (Girshick 2015), by weight
  double handwritten = 0;  ///< binary cross-entropy, by weight
  double too_small = 0;    ///< binary cross-entropy, by cell
  std::size_t peaks = 0;
  std::size_t found = 0;    ///< peaks at which a center is more probable than `probable_center`
  std::size_t correct = 0;  ///< peaks at which the most probable symbol is the mark's

  double loss() const {
    return center + symbol + box_share * box + written_share * handwritten +
           small_share * too_small;
  }
  DetectionSum& operator+=(const DetectionSum& other);

  static constexpr float box_share = 0.5F;
  static constexpr float written_share = 0.25F;
  static constexpr float small_share = 1;
  static constexpr float probable_center = 0.4F;
};

/// Of one picture's maps (height, width, DetectionChannels::count) of a batch that counts add up
/// to; sets `gradient`, of the same shape, to that of loss().
DetectionSum detection_loss(const float* maps, const DetectionTargets& targets,
                            const DetectionCounts& counts, float* gradient);

}  // namespace scrawl
