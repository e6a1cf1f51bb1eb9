#include "recognition/faint_ink.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <vector>

#include "picture/histogram.hpp"
#include "picture/nth_smallest.hpp"
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

/// Which ones have less than a part of what is usual.
std::vector<bool> find_faint(const std::vector<int>& contrasts) {
  constexpr double faint = 0.3;
  const int usual = nth_smallest(contrasts, contrasts.size() * 3 / 4);
  std::vector<bool> found;
  for (const int contrast : contrasts) found.push_back(contrast < faint * usual);
  return found;
}

}  // namespace

void drop_faint(std::vector<Detection>& detections, const Plane& gray, const Picture& picture,
                Turn turned) {
  if (detections.size() < 2) return;
  std::vector<Box> boxes;
  std::vector<int> contrasts;
  for (const Detection& one : detections) {
    const Box box = to_box(one.box, gray);
    contrasts.push_back(find_contrast(count_levels(gray, box), box));
    boxes.push_back(turn(box, degrees_back(turned), gray.width, gray.height));
  }
  std::vector<bool> faint = find_faint(contrasts);
  for (int channel = 0; channel < picture.channels && picture.channels > 1; ++channel) {
    if (std::ranges::find(faint, true) == faint.end()) return;
    for (std::size_t i = 0; i < boxes.size(); ++i)
      contrasts[i] = find_contrast(count_levels(picture, channel, boxes[i]), boxes[i]);
    const std::vector<bool> in_channel = find_faint(contrasts);
    for (std::size_t i = 0; i < faint.size(); ++i) faint[i] = faint[i] && in_channel[i];
  }
  std::size_t i = 0;
  std::erase_if(detections, [&](const Detection&) { return faint[i++]; });
}

}  // namespace scrawl
