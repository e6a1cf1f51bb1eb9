// What light, paper, camera and file do to a page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "network/random.hpp"
#include "pages/canvas.hpp"
#include "pages/geometry.hpp"
#include "pages/recipe.hpp"

namespace scrawl::pages {

// Each changes the canvas in place; sizes are in its pixels.
void add_gradient(Canvas& canvas, Random& random);
void add_shadow(Canvas& canvas, Random& random);
void add_vignette(Canvas& canvas, Random& random);
void add_fold(Canvas& canvas, Random& random);
void add_background(Canvas& canvas, Random& random, std::vector<Rectangle>& hidden);
void add_finger(Canvas& canvas, Random& random, std::vector<Rectangle>& hidden);
/// Paper, wood, cloth, walls: noise of many grains, hairs, creases, blots.
void add_texture(Canvas& canvas, Random& random);
void add_salt(Canvas& canvas, Random& random);
/// Noise of `deviation` gray levels whose grains are `grain` pixels wide (1 or more).
void add_noise(Canvas& canvas, float deviation, int grain, Random& random);
/// Gaussian, its deviation in pixels.
void blur(Canvas& canvas, float deviation);
void blur_by_motion(Canvas& canvas, Random& random);
/// As JPEG does: cosines of 8x8 pixels, rounded (ITU T.81); quality 1 to 100.
void quantize_blocks(Canvas& canvas, int quality);
void threshold(Canvas& canvas, float level);
/// bytes[i] = zero + sign * levels[i], within 0 to 255, without its fraction.
void to_bytes(const float* levels, float zero, float sign, std::size_t count, std::uint8_t* bytes);
enum class Between { nearest, linear, cubic };  ///< pixels, when a picture is enlarged
Canvas resize(const Canvas& canvas, int width, int height, Between between);

}  // namespace scrawl::pages
