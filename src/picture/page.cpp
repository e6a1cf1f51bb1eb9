#include "picture/page.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "picture/desk.hpp"
#include "picture/lightness.hpp"
#include "picture/paper.hpp"
#include "picture/ruling.hpp"
#include "picture/shrink.hpp"
#include "picture/stop.hpp"

namespace scrawl {

namespace {

/// Larger pictures are shrunk to so many pixels: a digit that is a twentieth as high as a photo
/// keeps 50 pixels.
constexpr double working_pixels = 1024 * 1024;

/// Paper is looked for again in windows that are wider than a stroke so many times.
constexpr int strokes_in_window = 6;

/// In pixels: in smaller windows, grain looks like ink.
constexpr int smallest_window = 24;

/// The usual width of strokes: half of the sure ink lies in rows of ink that are longer. Rows that
/// begin or end at the picture's edge are of dark corners and desks.
int stroke_of(const Plane& ink, int sure) {
  std::vector<long> pixels(ink.width + 1);  // in rows of each length
  long all = 0;
  for (int y = 0; y < ink.height; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (int x = 0; x < ink.width; ++x) {
      const int begin = x;
      while (x < ink.width && row[x] >= sure) ++x;
      if (x == begin || begin == 0 || x == ink.width) continue;
      pixels[x - begin] += x - begin;
      all += x - begin;
    }
  }
  int length = 1;
  for (long below = 0; length < ink.width && 2 * (below += pixels[length]) < all;) ++length;
  return length;
}

int choose_factor(const Picture& picture) {
  const double pixels = static_cast<double>(picture.width) * picture.height;
  const int needed = static_cast<int>(std::ceil(std::sqrt(pixels / working_pixels)));
  return std::clamp(needed, 1, std::min(picture.width, picture.height));
}

}  // namespace

void check_picture(const Picture& picture) {
  const std::size_t pixels = static_cast<std::size_t>(picture.width) * picture.height;
  if (picture.width < 0 || picture.height < 0 || (picture.channels != 1 && picture.channels != 3) ||
      picture.pixels.size() != pixels * picture.channels)
    throw std::invalid_argument("a picture's pixels do not fit its width, height and channels");
}

std::optional<Page> find_page(const Picture& picture, const StopRequested& stop, Ruling ruling) {
  check_picture(picture);
  if (picture.pixels.empty()) return std::nullopt;
  const int factor = choose_factor(picture);
  Picture small = factor == 1 ? picture : shrink(picture, factor);
  check_stop(stop);
  cover_desk(small);
  check_stop(stop);
  const Plane lightness = find_lightness(small);
  const double noise = measure_noise(lightness);
  Plane ink = find_ink(lightness, find_paper(lightness));
  std::optional<InkLevels> levels = find_ink_levels(ink, noise);
  if (!levels) return std::nullopt;
  check_stop(stop);
  const int window = std::max(smallest_window, strokes_in_window * stroke_of(ink, levels->sure));
  if (window < paper_window(lightness)) {
    ink = find_ink(lightness, find_paper_between_strokes(lightness, window));
    levels = find_ink_levels(ink, noise);
    if (!levels) return std::nullopt;
  }
  check_stop(stop);
  if (ruling == Ruling::removed) remove_ruling(ink, *levels);
  check_stop(stop);
  return Page{std::move(ink), *levels, factor};
}

Box to_picture(const Box& box, const Page& page) {
  return {box.x * page.factor, box.y * page.factor, box.width * page.factor,
          box.height * page.factor};
}

}  // namespace scrawl
