#include "recognition/canvas.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "network/convolution.hpp"
#include "network/detection_channels.hpp"

namespace scrawl {

namespace {

constexpr int most_height = max_patch_height + 2 * edge_gap;
constexpr int side = cell_pixels;

/// Which canvases there are: heights in steps, of each width.
struct Sizes {
  std::vector<int> widths;
  int height_step;
};

/// Few where the network is compiled for each size.
Sizes canvas_sizes() {
  if (Convolution::is_compiled_for_size()) return {{48, 64, 128, 256, 384, 512}, 64};
  Sizes sizes{{48}, 16};
  for (int width = 64; width <= 512; width += 32) sizes.widths.push_back(width);
  return sizes;
}

int round_up(int pixels, int step = side) {
  return (pixels + step - 1) / step * step;
}

/// A canvas as it fills up from its top: each patch goes where it ends highest.
class Skyline {
 public:
  explicit Skyline(int width)
      : canvas_{width, most_height, {}},
        filled_(static_cast<std::size_t>((width + patch_gap - edge_gap) / side), edge_gap) {}

  /// Whether there is room for it.
  bool add(const Patch& patch) {
    const auto columns = static_cast<std::size_t>(round_up(patch.area.width + patch_gap) / side);
    constexpr std::size_t first = edge_gap / side;
    int highest = std::numeric_limits<int>::max();
    std::size_t best = 0;
    for (std::size_t x = first; x + columns <= filled_.size(); ++x) {
      const auto begin = filled_.begin() + static_cast<std::ptrdiff_t>(x);
      const int top = *std::max_element(begin, begin + static_cast<std::ptrdiff_t>(columns));
      if (top >= highest) continue;
      highest = top;
      best = x;
    }
    if (highest > canvas_.height - edge_gap - patch.area.height) return false;
    canvas_.patches.push_back({patch, static_cast<int>(best) * side, highest});
    std::fill_n(filled_.begin() + static_cast<std::ptrdiff_t>(best), columns,
                round_up(highest + patch.area.height + patch_gap));
    return true;
  }

  /// No higher than it has to be, but for steps.
  Canvas take(int height_step) {
    const int filled = *std::ranges::max_element(filled_) - patch_gap + edge_gap;
    canvas_.height = std::min(canvas_.height, round_up(filled, height_step));
    return std::move(canvas_);
  }

 private:
  Canvas canvas_;
  // For each cell from the left, down to which pixel. A patch's gap on its right may be beyond the
  // canvas.
  std::vector<int> filled_;
};

/// A canvas, and what it has no room for.
struct Filled {
  Canvas canvas;
  std::vector<Patch> left;

  std::pair<std::size_t, int> cost() const { return {left.size(), canvas.width * canvas.height}; }
};

Filled fill(int width, int height_step, const std::vector<Patch>& patches) {
  Skyline skyline(width);
  std::vector<Patch> left;
  for (const Patch& patch : patches)
    if (!skyline.add(patch)) left.push_back(patch);
  return {skyline.take(height_step), std::move(left)};
}

}  // namespace

std::vector<Canvas> pack(std::vector<Patch> patches) {
  std::ranges::stable_sort(patches, std::ranges::greater{},
                           [](const Patch& patch) { return patch.area.height; });
  const Sizes sizes = canvas_sizes();
  std::vector<Canvas> canvases;
  while (!patches.empty()) {
    std::vector<Filled> all;
    for (const int width : sizes.widths) all.push_back(fill(width, sizes.height_step, patches));
    Filled& best = *std::ranges::min_element(all, {}, &Filled::cost);
    canvases.push_back(std::move(best.canvas));
    patches = std::move(best.left);
  }
  return canvases;
}

}  // namespace scrawl
