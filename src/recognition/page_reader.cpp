#include "recognition/page_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "network/shapes.hpp"
#include "picture/local_contrast.hpp"
#include "picture/resize.hpp"

namespace scrawl {

namespace {

constexpr int padding = 16;    // pixels around a level, so that what touches its edge is seen whole
constexpr int size_step = 32;  // sizes are rounded up to, so that few have to be compiled
constexpr std::uint8_t mean_contrast = 128;

/// A level is smaller than the one before it by this factor.
constexpr double step = 1.41421356;

constexpr int largest_side = 1024;

/// By how much a picture is made larger or smaller for each level.
std::vector<double> choose_scales(int width, int height) {
  const double longer = std::max(width, height);
  const double shorter = std::min(width, height);
  double scale = 2 * longer <= largest_side ? 2 : std::min(1.0, largest_side / longer);
  std::vector<double> scales;
  do {
    scales.push_back(scale);
    scale /= step;
  } while (!(shorter * scale < 20 && longer * scale < 60) && longer * scale >= 26 &&
           shorter * scale >= 9);
  return scales;
}

int round_up(int size) {
  return (size + 2 * padding + size_step - 1) / size_step * size_step;
}

/// With nothing around it.
Plane pad(const Plane& plane) {
  Plane padded(round_up(plane.width), round_up(plane.height));
  std::ranges::fill(padded.pixels, mean_contrast);
  for (int y = 0; y < plane.height; ++y)
    std::copy_n(plane.row(y), plane.width, padded.row(y + padding) + padding);
  return padded;
}

/// bf16 where the CPU has it; bytes are not tried yet.
DataType type_of_maps() {
  return has_native_bf16() ? DataType::bf16 : DataType::f32;
}

}  // namespace

PageReader::PageReader(const Model& model) : plan_(model, type_of_maps()) {
  const Shape shape = output_shape(model.architecture);
  if (model.architecture.input.channels != 1 || shape.channels != DetectionChannels::count)
    throw Error("model: no page reader, which has 22 maps of a gray picture");
}

std::vector<Detection> PageReader::detect(const Plane& gray, const StopRequested& stop) const {
  constexpr float threshold = 0.2F;
  std::vector<Detection> found;
  for (const double scale : choose_scales(gray.width, gray.height)) {
    check_stop(stop);
    const auto scaled = [&](int size) {
      return std::max(1, static_cast<int>(std::lround(size * scale)));
    };
    const Plane level = local_contrast(resize(gray, scaled(gray.width), scaled(gray.height)));
    const Plane padded = pad(level);
    const auto peaks =
        find_peaks({plan_.run(padded.pixels, static_cast<std::size_t>(padded.height),
                              static_cast<std::size_t>(padded.width)),
                    static_cast<float>(level.width) / static_cast<float>(gray.width),
                    static_cast<float>(level.height) / static_cast<float>(gray.height), padding},
                   threshold);
    found.insert(found.end(), peaks.begin(), peaks.end());
  }
  return found;
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
