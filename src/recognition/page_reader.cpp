#include "recognition/page_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "network/shapes.hpp"
#include "picture/local_contrast.hpp"
#include "picture/resize.hpp"
#include "recognition/canvas.hpp"
#include "recognition/closer_look.hpp"
#include "recognition/heat.hpp"

namespace scrawl {

namespace {

constexpr std::uint8_t mean_contrast = 128;

/// A level is smaller than the one before it by this factor.
constexpr double step = 1.41421356;

/// Levels up to this size are looked at whole, and so are not larger than the picture.
constexpr int first_side = 256;

/// Digits that are seen so high, in pixels of a level, need no larger one.
constexpr float high_enough = 20;

/// A picture in many sizes, from the smallest.
class Pyramid {
 public:
  explicit Pyramid(const Plane& gray)
      : width_(gray.width), height_(gray.height), base_(1, 1), half_(1, 1) {
    const double longer = std::max(width_, height_);
    const double shorter = std::min(width_, height_);
    double scale = std::min(2.0, largest_level_side / longer);
    do {
      scales_.push_back(scale);
      scale /= step;
    } while (!(shorter * scale < 20 && longer * scale < 60) && longer * scale >= 30 &&
             shorter * scale >= 9);
    std::ranges::reverse(scales_);
    const double base = std::min(1.0, scales_.back());
    base_ = resize(gray, scaled(width_, base), scaled(height_, base));
    half_ = resize(base_, scaled(width_, base / 2), scaled(height_, base / 2));
  }

  std::size_t size() const { return scales_.size(); }
  int width(std::size_t level) const { return scaled(width_, scales_[level]); }
  int height(std::size_t level) const { return scaled(height_, scales_[level]); }
  float scale_x(std::size_t level) const {
    return static_cast<float>(width(level)) / static_cast<float>(width_);
  }
  float scale_y(std::size_t level) const {
    return static_cast<float>(height(level)) / static_cast<float>(height_);
  }

  /// How many are looked at whole.
  std::size_t first_levels() const {
    std::size_t levels = 1;
    while (levels < size() && scales_[levels] < 1.01 &&
           std::max(width(levels), height(levels)) <= first_side)
      ++levels;
    return levels;
  }

  Plane contrast(std::size_t level) const {
    const bool is_small = 2 * width(level) <= base_.width && 2 * height(level) <= base_.height;
    return local_contrast(resize(is_small ? half_ : base_, width(level), height(level)));
  }

 private:
  static int scaled(int size, double scale) {
    return std::max(1, static_cast<int>(std::lround(size * scale)));
  }

  int width_;
  int height_;
  std::vector<double> scales_;
  Plane base_;  // the picture, no larger than the largest level
  Plane half_;
};

/// The patches of a canvas, with nothing around them.
Plane paint(const Canvas& canvas, std::span<const Plane> levels) {
  Plane painted(canvas.width, canvas.height);
  std::ranges::fill(painted.pixels, mean_contrast);
  for (const PlacedPatch& placed : canvas.patches) {
    const Box& area = placed.patch.area;
    for (int y = 0; y < area.height; ++y)
      std::copy_n(levels[placed.patch.level].row(area.y + y) + area.x, area.width,
                  painted.row(placed.y + y) + placed.x);
  }
  return painted;
}

Region region_of(const PlacedPatch& placed, const Maps& maps, const Pyramid& pyramid) {
  const auto cell = [](int pixel) { return static_cast<std::size_t>(pixel) / cell_pixels; };
  const Patch& patch = placed.patch;
  constexpr int last = cell_pixels - 1;
  return {maps,
          cell(placed.x),
          cell(placed.y),
          cell(placed.x + patch.area.width + last),
          cell(placed.y + patch.area.height + last),
          pyramid.scale_x(patch.level),
          pyramid.scale_y(patch.level),
          static_cast<float>(placed.x - patch.area.x),
          static_cast<float>(placed.y - patch.area.y)};
}

bool is_in(const Rectangle& box, const Rectangle& core, const Region& region) {
  const float x = box.center_x() * region.scale_x;
  const float y = box.center_y() * region.scale_y;
  return x >= core.left && x < core.right && y >= core.top && y < core.bottom;
}

Rectangle scaled(const Rectangle& box, float x, float y) {
  return {box.left * x, box.top * y, box.right * x, box.bottom * y};
}

/// A map of probabilities, 0 black to 1 white, each cell as large as it is.
Picture draw_map(const Maps& maps, std::size_t channel) {
  constexpr auto side = static_cast<int>(cell_pixels);
  Picture picture{static_cast<int>(maps.width) * side, static_cast<int>(maps.height) * side, 1, {}};
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const float logit =
          maps.at(static_cast<std::size_t>(y / side), static_cast<std::size_t>(x / side))[channel];
      picture.pixels.push_back(static_cast<std::uint8_t>(255 / (1 + std::exp(-logit)) + 0.5F));
    }
  }
  return picture;
}

void show_canvas(const Plane& painted, const Maps& maps, std::size_t number,
                 const ShowStage& show) {
  show(fmt::format("canvas {}", number), as_picture(painted));
  show(fmt::format("canvas {} centers", number), draw_map(maps, DetectionChannels::center));
  show(fmt::format("canvas {} too small", number), draw_map(maps, DetectionChannels::too_small));
}

/// Goes from level to level, and gathers what the network finds there.
class Looking {
 public:
  Looking(const MapPlan& plan, const Plane& gray, const StopRequested& stop, const ShowStage& show)
      : plan_(plan), pyramid_(gray), stop_(stop), show_(show) {
    if (show_) heat_.emplace(gray.width, gray.height);
  }

  /// From the smallest level to larger ones, which it looks at where there are digits that the last
  /// one shows too small.
  std::vector<Detection> run() {
    std::vector<Patch> patches;
    for (std::size_t level = 0; level < pyramid_.first_levels(); ++level) {
      const auto whole = cover_level(level, pyramid_.width(level), pyramid_.height(level));
      patches.insert(patches.end(), whole.begin(), whole.end());
      add_level();
    }
    while (!patches.empty()) {
      too_small_.clear();
      for (const Canvas& canvas : pack(patches)) look_at(canvas);
      const std::size_t next = levels_.size();
      if (too_small_.empty() || next == pyramid_.size()) break;
      for (Rectangle& place : too_small_)
        place = scaled(place, pyramid_.scale_x(next), pyramid_.scale_y(next));
      patches = cover_places(next, pyramid_.width(next), pyramid_.height(next), too_small_);
      add_level();
    }
    if (heat_) show_("heat", as_picture(heat_->plane()));
    return std::move(found_);
  }

 private:
  void add_level() { levels_.push_back(pyramid_.contrast(levels_.size())); }

  void look_at(const Canvas& canvas) {
    check_stop(stop_);
    const Plane painted = paint(canvas, levels_);
    const Maps maps = plan_.run(painted.pixels, static_cast<std::size_t>(canvas.height),
                                static_cast<std::size_t>(canvas.width));
    if (show_) show_canvas(painted, maps, ++canvases_, show_);
    for (const PlacedPatch& placed : canvas.patches) gather(placed, maps);
  }

  void gather(const PlacedPatch& placed, const Maps& maps) {
    constexpr float threshold = 0.2F;
    constexpr float probable = 0.25F;
    const std::size_t last = levels_.size() - 1;
    const Region region = region_of(placed, maps, pyramid_);
    if (heat_) heat_->add(region);
    for (const Detection& peak : find_peaks(region, threshold)) {
      if (!is_in(peak.box, placed.patch.core, region)) continue;
      found_.push_back(peak);
      if (peak.box.height() * pyramid_.scale_y(last) < high_enough) too_small_.push_back(peak.box);
    }
    if (placed.patch.level != last) return;
    const std::vector<Rectangle> cells = find_too_small(region, probable);
    too_small_.insert(too_small_.end(), cells.begin(), cells.end());
  }

  const MapPlan& plan_;
  const Pyramid pyramid_;
  std::optional<Heat> heat_;  // where it is shown
  const StopRequested& stop_;
  const ShowStage& show_;
  std::vector<Plane> levels_;  // as local contrast
  std::vector<Detection> found_;
  std::vector<Rectangle> too_small_;  // for the last level: where, in the picture
  std::size_t canvases_ = 0;
};

/// bf16 where the CPU has it; bytes are not tried yet.
DataType type_of_maps(Precision precision) {
  return precision != Precision::f32 && has_native_bf16() ? DataType::bf16 : DataType::f32;
}

}  // namespace

PageReader::PageReader(const Model& model, Precision precision)
    : plan_(model, type_of_maps(precision)) {
  const Shape shape = output_shape(model.architecture);
  if (model.architecture.input.channels != 1 || shape.channels != DetectionChannels::count)
    throw Error("model: no page reader, which has 23 maps of a gray picture");
}

std::vector<Detection> PageReader::detect(const Plane& gray, const StopRequested& stop,
                                          const ShowStage& show) const {
  return Looking(plan_, gray, stop, show).run();
}

Plane find_brightness(const Picture& picture) {
  Plane plane(picture.width, picture.height);
  if (picture.channels == 1) {
    plane.pixels = picture.pixels;
    return plane;
  }
  const std::uint8_t* in = picture.pixels.data();
  for (std::uint8_t& out : plane.pixels) {
    out = static_cast<std::uint8_t>((299 * in[0] + 587 * in[1] + 114 * in[2] + 500) / 1000);
    in += 3;
  }
  return plane;
}

}  // namespace scrawl
