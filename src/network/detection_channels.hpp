// What a page reader says of each cell of a picture.
#pragma once

#include <cstddef>

namespace scrawl {

/// Pixels in a row or column of a cell.
inline constexpr std::size_t cell_pixels = 4;

/// Digits 0 to 9, the signs . , - / : and what is none of them, as letters and drawings.
inline constexpr std::size_t symbol_count = 16;
inline constexpr std::size_t other_symbol = 15;

/// Where a cell's values stand. Those but the box are logits.
struct DetectionChannels {
  static constexpr std::size_t center = 0;
  static constexpr std::size_t symbols = 1;       ///< one for each
  static constexpr std::size_t handwritten = 17;  ///< rather than printed
  /// From the cell's center to the box's, right and down, in cells; log(width / usual_side) and
  /// log(height / usual_side), in pixels.
  static constexpr std::size_t box = 18;
  static constexpr std::size_t too_small = 22;  ///< a digit is here that a finer scale shows better
  static constexpr std::size_t count = 23;
  static constexpr float usual_side = 16;
};

}  // namespace scrawl
