#include "recognition/faint_ink.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "picture/histogram.hpp"
#include "picture/turn.hpp"

namespace scrawl {

namespace {

/// How far the ink in a box is from its paper, in levels. `levels` are those of its pixels.
int find_contrast(const Histogram& levels, const Box& box) {
  const int paper = find_median(levels);
  Histogram differences{};
  for (int level = 0; level < 256; ++level)
    differences[static_cast<std::size_t>(std::abs(level - paper))] +=
        levels[static_cast<std::size_t>(level)];
  // Strokes cover a sixth of a digit's box or more. Of a large one in thin lines it is less, but
  // one line at least is as long as the box is high.
  long ink =
      std::min(static_cast<long>(box.width) * box.height / 12, static_cast<long>(box.height));
  int contrast = 255;
  while (contrast > 0 && (ink -= differences[static_cast<std::size_t>(contrast)]) > 0) --contrast;
  return contrast;
}

/// In the channel where there is most.
int find_contrast(const Picture& picture, const Box& box) {
  int most = 0;
  for (int channel = 0; channel < picture.channels; ++channel) {
    Histogram levels{};
    for (int y = box.y; y < box.y + box.height; ++y) {
      const std::uint8_t* row =
          picture.pixels.data() + static_cast<std::size_t>(y) * picture.width * picture.channels;
      for (int x = box.x; x < box.x + box.width; ++x) ++levels[row[x * picture.channels + channel]];
    }
    most = std::max(most, find_contrast(levels, box));
  }
  return most;
}

}  // namespace

void drop_faint(std::vector<Detection>& detections, const Plane& gray, const Picture& picture,
                Turn turned) {
  constexpr double faint = 0.3;  // of what is usual
  if (detections.size() < 2) return;
  std::vector<int> contrasts;
  for (const Detection& one : detections) {
    const Box box = to_box(one.box, gray);
    contrasts.push_back(find_contrast(count_levels(gray, box), box));
  }
  std::vector<int> order = contrasts;
  const auto usual = order.begin() + static_cast<std::ptrdiff_t>(order.size() * 3 / 4);
  std::ranges::nth_element(order, usual);
  const double least = faint * *usual;
  const int back = (360 - degrees_of(turned)) % 360;
  std::size_t i = 0;
  std::erase_if(detections, [&](const Detection& one) {
    if (contrasts[i++] >= least) return false;
    const Box box = turn(to_box(one.box, gray), back, gray.width, gray.height);
    return find_contrast(picture, box) < least;
  });
}

}  // namespace scrawl
