// What the maps of a page reader should say of a picture, made of the marks that are in it.
//
// A page reader gives values for cells of 4x4 pixels, as (height, width, channels): whether a digit
// or sign has its center there (Zhou et al. 2019, "Objects as Points"), which symbol it is, whether
// it is handwritten, and its box.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "network/detection_channels.hpp"
#include "network/rectangle.hpp"

namespace scrawl {

/// Something in a picture that a reader has to tell from others.
struct TargetMark {
  std::size_t symbol = 0;  ///< below symbol_count
  Rectangle box;
  bool handwritten = false;
};

/// Of one picture; all but the sums are (height, width).
struct DetectionTargets {
  std::size_t height = 0;  ///< cells
  std::size_t width = 0;
  std::vector<float> center;  ///< a Gaussian around each digit and sign; 1 at its center
  /// 1, or 0 where an area is to be ignored: a center found there is no mistake.
  std::vector<float> counted;
  std::vector<float> weight;              ///< of the cell's symbol and box; 0: no mark is here
  std::vector<std::uint8_t> symbol;       ///< what is nearest, where the weight is not 0
  std::vector<bool> handwritten;          ///< the same
  std::vector<std::array<float, 4>> box;  ///< the same, as in DetectionChannels
  std::vector<bool> too_small;            ///< of a digit lower than `well_seen`
  std::size_t peaks = 0;                  ///< cells whose center is 1
  double weights = 0;                     ///< their sum
};

/// Pixels from which on a digit is high enough to be read.
inline constexpr float well_seen = 12;

/// Of a picture of `height` x `width` cells. Marks of `other_symbol` have a symbol and no center.
/// `too_small`: where digits are that are too small to be marks.
DetectionTargets make_targets(std::span<const TargetMark> marks, std::span<const Rectangle> ignored,
                              std::span<const Rectangle> too_small, std::size_t height,
                              std::size_t width);

}  // namespace scrawl
