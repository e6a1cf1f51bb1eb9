// How often pages have what: each ingredient's probability, in one place.
#pragma once

namespace scrawl::pages {

struct Recipe {
  // Layouts, by weight; see Kind.
  float lone_digit = 0.1F;
  float tight = 0.32F;
  float line = 0.16F;
  float cells = 0.11F;
  float grid = 0.08F;
  float columns = 0.08F;
  float lines = 0.09F;
  float scattered = 0.06F;
  float form = 0.04F;
  float texture = 0.03F;

  float oversize = 0.05F;   ///< digits too large to be learned at this scale
  float too_small = 0.07F;  ///< digits too small to be read at this scale
  float several = 0.5F;     ///< crops that several small pages share

  // How a page is seen.
  float turned = 0.5F;  ///< by a degree or two; a fifth of them by more
  float bent = 0.15F;
  float perspective = 0.15F;
  float low_resolution = 0.3F;  ///< drawn small and enlarged

  // What is on the paper.
  float printed_rules = 0.5F;  ///< below, above or through the digits, where a layout has none
  float cut_at_walls = 0.35F;  ///< of rows of cells: the picture ends where they do
  float side_rule = 0.3F;      ///< at a side of a number
  float neighbors = 0.3F;      ///< cut by the picture's edge
  float clutter = 0.25F;
  float underlined = 0.12F;  ///< by hand, below a number
  float encircled = 0.03F;
  float leader = 0.04F;   ///< a rule that ends at a number
  float labeled = 0.12F;  ///< by print before a number
  float struck_out = 0.04F;
  float second_hand = 0.12F;  ///< or a second pen
  float shine_through = 0.12F;
  float pattern = 0.15F;  ///< guilloches, waves, dots as on cheques
  float watermark = 0.05F;
  float holes = 0.05F;  ///< punched

  // Light and camera.
  float gradient = 0.45F;
  float shadow = 0.15F;
  float vignette = 0.08F;
  float fold = 0.06F;
  float background = 0.08F;  ///< beyond the sheet's edge
  float finger = 0.04F;
  float blur = 0.5F;
  float motion = 0.06F;
  float grain = 0.6F;  ///< noise of coarser grain than a pixel
  float noise = 0.75F;
  float salt = 0.08F;
  float quantized = 0.25F;  ///< as JPEG does
  float clean = 0.14F;      ///< a paint program: none of these
  float black_and_white = 0.07F;
  float inverted = 0.25F;
};

}  // namespace scrawl::pages
