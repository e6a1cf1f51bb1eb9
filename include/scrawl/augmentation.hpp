// What a training does to its glyphs, so that it sees more writers than there were.
#pragma once

#include <string>
#include <string_view>

namespace scrawl {

/// Each glyph is changed at random each time that it is seen; every field says how far that may go,
/// and 0 leaves it alone.
struct Augmentation {
  float rotation = 0;  ///< degrees, either way; 0 to 180
  float scale =
      0;  ///< fraction of the size, larger or smaller, and half of it in width alone; 0 to 0.9
  float shear = 0;  ///< slant: pixels to the side for each pixel of height, either way; 0 to 2
  float shift = 0;  ///< pixels, either way in both directions, not whole ones; 0 to 14
  float elastic =
      0;  ///< pixels that a point of a smooth random field moves (Simard et al. 2003); 0 to 10
  float thickness = 0;  ///< of strokes: up to so many half pixels more or less on each side; 0 to 2
  float contrast = 0;   ///< of gray levels, bent up or down; 0 to 1
  float noise = 0;      ///< standard deviation, as a fraction of full ink; 0 to 1
  float erase = 0;      ///< probability that a rectangle of 3 to 8 pixels a side is blank; 0 to 1
  bool operator==(const Augmentation&) const = default;
};

/// Reads what a person wrote: fields of Augmentation, separated by commas, as in
///     rotation 10, scale 0.1, shift 1.5
/// or the name of a mixture: `none`, `light` (other samples of MNIST), `strong` (other pens and
/// hands too). Throws OptionError naming the field that is unknown or out of its range.
Augmentation parse_augmentation(std::string_view text);

/// The same, written out; parse_augmentation(to_string(a)) == a.
std::string to_string(const Augmentation& augmentation);

}  // namespace scrawl
