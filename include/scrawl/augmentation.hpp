// How a training changes its glyphs at random, as if more people had written them.
#pragma once

#include <string>
#include <string_view>

namespace scrawl {

/// Random changes of a glyph, drawn anew each time the glyph is used. Each field is the largest
/// change of its kind; 0 means none.
struct Augmentation {
  float rotation = 0;  ///< degrees, in either direction; 0 to 180
  /// Fraction of the size, larger or smaller; half of it changes the width alone. 0 to 0.9.
  float scale = 0;
  /// Slant, in pixels to the side per pixel of height, in either direction; 0 to 2.
  float shear = 0;
  /// In pixels, to the sides and up or down; not whole pixels only; 0 to 14.
  float shift = 0;
  /// How far a smooth random field moves points (Simard et al. 2003), in pixels; 0 to 10.
  float elastic = 0;
  /// How much each side of a stroke grows or shrinks, in half pixels; 0 to 2.
  float thickness = 0;
  float contrast = 0;  ///< how far gray levels are bent up or down; 0 to 1
  float noise = 0;     ///< standard deviation, as a fraction of full ink; 0 to 1
  /// Probability that a rectangle with sides of 3 to 8 pixels is blanked; 0 to 1.
  float erase = 0;
  bool operator==(const Augmentation&) const = default;
};

/// Parses an augmentation written by a person, a list of fields of Augmentation:
///     rotation 10, scale 0.1, shift 1.5
/// or a name: `none`, `light` (like other samples of MNIST) or `strong` (like other pens and hands
/// too). Throws OptionError, naming the field, if it is unknown or out of its range.
Augmentation parse_augmentation(std::string_view text);

/// The augmentation as text: parse_augmentation(to_string(a)) == a.
std::string to_string(const Augmentation& augmentation);

}  // namespace scrawl
