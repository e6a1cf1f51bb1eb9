#include "picture/page.hpp"

#include <cstddef>
#include <stdexcept>

#include "picture/lightness.hpp"
#include "picture/shrink.hpp"

namespace scrawl {

namespace {

/// Larger pictures are shrunk to this: a digit that fills a twentieth of the side keeps 50 pixels.
constexpr int working_side = 1024;

void check_picture(const Picture& picture) {
  const std::size_t pixels = static_cast<std::size_t>(picture.width) * picture.height;
  if (picture.width < 0 || picture.height < 0 || (picture.channels != 1 && picture.channels != 3) ||
      picture.pixels.size() != pixels * picture.channels)
    throw std::invalid_argument("a picture's pixels do not fit its width, height and channels");
}

}  // namespace

std::optional<Page> find_page(const Picture& picture) {
  check_picture(picture);
  if (picture.pixels.empty()) return std::nullopt;
  const int factor = shrink_factor(picture.width, picture.height, working_side);
  const Plane lightness = find_lightness(factor == 1 ? picture : shrink(picture, factor));
  Plane ink = find_ink(lightness);
  const std::optional<InkLevels> levels = find_ink_levels(ink, measure_noise(lightness));
  if (!levels) return std::nullopt;
  return Page{std::move(ink), *levels, factor};
}

Box to_picture(const Box& box, const Page& page) {
  return {box.x * page.factor, box.y * page.factor, box.width * page.factor,
          box.height * page.factor};
}

}  // namespace scrawl
