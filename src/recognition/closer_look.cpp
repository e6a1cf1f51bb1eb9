#include "recognition/closer_look.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "picture/component.hpp"

namespace scrawl {

namespace {

/// Pixels around a core, so that what is at its edge is seen whole.
constexpr int around = 24;

/// Cuts `core` into as many parts as fit canvases.
void add_patches(std::size_t level, int width, int height, const Box& core,
                 std::vector<Patch>& patches) {
  const auto parts = [](int size, int most) { return (size + most - 1) / most; };
  const int columns = parts(core.width, max_patch_width - 2 * around);
  const int rows = parts(core.height, max_patch_height - 2 * around);
  for (int row = 0; row < rows; ++row) {
    const int top = core.y + core.height * row / rows;
    const int bottom = core.y + core.height * (row + 1) / rows;
    for (int column = 0; column < columns; ++column) {
      const int left = core.x + core.width * column / columns;
      const int right = core.x + core.width * (column + 1) / columns;
      Box area{std::max(0, left - around), std::max(0, top - around), 0, 0};
      area.width = std::min(width, right + around) - area.x;
      area.height = std::min(height, bottom + around) - area.y;
      const auto edge = [](int at, int end, int outside) {
        return static_cast<float>(at == end ? outside : at);  // beyond the level's own edges
      };
      patches.push_back(
          {level,
           area,
           {edge(left, 0, -around), edge(top, 0, -around), edge(right, width, width + around),
            edge(bottom, height, height + around)}});
    }
  }
}

/// A level in blocks, of which some are to be looked at.
class Blocks {
 public:
  static constexpr int side = 16;  // pixels

  Blocks(int width, int height)
      : width_((width + side - 1) / side),
        height_((height + side - 1) / side),
        wanted_(static_cast<std::size_t>(width_ * height_)) {}

  void want(const Rectangle& place) {
    const auto block = [](float at, int count) {
      return std::clamp(static_cast<int>(std::floor(at / side)), 0, count - 1);
    };
    for (int y = block(place.top, height_); y <= block(place.bottom, height_); ++y)
      for (int x = block(place.left, width_); x <= block(place.right, width_); ++x) at(x, y) = 1;
  }

  /// The boxes, in blocks, of wanted blocks that hang together.
  std::vector<Box> take_regions() {
    std::vector<Box> regions;
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x)
        if (at(x, y) != 0) regions.push_back(take_region(x, y));
    return regions;
  }

 private:
  std::uint8_t& at(int x, int y) { return wanted_[static_cast<std::size_t>(y * width_ + x)]; }

  Box take_region(int x, int y) {
    Box box{x, y, 1, 1};
    std::vector<std::pair<int, int>> waiting{{x, y}};
    at(x, y) = 0;
    while (!waiting.empty()) {
      const auto [i, j] = waiting.back();
      waiting.pop_back();
      box = join(box, {i, j, 1, 1});
      for (int v = std::max(0, j - 1); v < std::min(height_, j + 2); ++v) {
        for (int u = std::max(0, i - 1); u < std::min(width_, i + 2); ++u) {
          if (std::exchange(at(u, v), std::uint8_t{0}) != 0) waiting.emplace_back(u, v);
        }
      }
    }
    return box;
  }

  int width_;
  int height_;
  std::vector<std::uint8_t> wanted_;  // (height, width): 1 or 0
};

}  // namespace

std::vector<Patch> cover_level(std::size_t level, int width, int height) {
  std::vector<Patch> patches;
  add_patches(level, width, height, {0, 0, width, height}, patches);
  return patches;
}

std::vector<Patch> cover_places(std::size_t level, int width, int height,
                                std::span<const Rectangle> places) {
  constexpr double little_more = 0.6;  // of the level, from which on it is taken whole
  Blocks blocks(width, height);
  for (const Rectangle& place : places) blocks.want(place);
  std::vector<Patch> patches;
  double pixels = 0;
  for (const Box& region : blocks.take_regions()) {
    Box core{region.x * Blocks::side, region.y * Blocks::side, 0, 0};
    core.width = std::min(width, (region.x + region.width) * Blocks::side) - core.x;
    core.height = std::min(height, (region.y + region.height) * Blocks::side) - core.y;
    add_patches(level, width, height, core, patches);
  }
  for (const Patch& patch : patches)
    pixels += static_cast<double>(patch.area.width) * patch.area.height;
  if (pixels > little_more * width * height) return cover_level(level, width, height);
  return patches;
}

}  // namespace scrawl
