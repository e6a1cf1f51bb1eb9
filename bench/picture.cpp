// Where the time goes from a picture file to its reading: a photo of 12 megapixels with 30 digits,
// and a PNG of 28x28. Everything on one core.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <leptonica/allheaders.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "composed.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/recognizer.hpp"

namespace {

using namespace scrawl;
using Bytes = std::vector<std::byte>;

Bytes encode(const Picture& picture, int format) {
  Pix* pix = pixCreate(picture.width, picture.height, picture.channels == 1 ? 8 : 32);
  const std::uint8_t* in = picture.pixels.data();
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x, in += picture.channels) {
      if (picture.channels == 1) pixSetPixel(pix, x, y, in[0]);
      if (picture.channels == 3) pixSetRGBPixel(pix, x, y, in[0], in[1], in[2]);
    }
  }
  l_uint8* data = nullptr;
  std::size_t size = 0;
  pixWriteMem(&data, &size, pix, format);
  pixDestroy(&pix);
  const auto bytes = std::as_bytes(std::span(data, size));
  Bytes copy(bytes.begin(), bytes.end());
  std::free(data);
  return copy;
}

/// The picture on a larger sheet, enlarged, with the noise of a camera.
Picture make_photo(const Picture& small, int width, int height) {
  Picture photo{width, height, 3, {}};
  photo.pixels.resize(static_cast<std::size_t>(width) * height * 3);
  const double scale = 0.8 * std::min(1.0 * width / small.width, 1.0 * height / small.height);
  const double left = (width - scale * small.width) / 2;
  const double top = (height - scale * small.height) / 2;
  std::uint32_t noise = 1;
  std::uint8_t* out = photo.pixels.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double sx = std::clamp((x - left) / scale, 0.0, small.width - 1.001);
      const double sy = std::clamp((y - top) / scale, 0.0, small.height - 1.001);
      const auto at = [&](int dx, int dy, int c) {
        const std::size_t row = static_cast<std::size_t>(sy) + dy;
        return small.pixels[(row * small.width + static_cast<std::size_t>(sx) + dx) * 3 + c];
      };
      const double u = sx - std::floor(sx);
      const double v = sy - std::floor(sy);
      for (int c = 0; c < 3; ++c) {
        const double level = (1 - v) * ((1 - u) * at(0, 0, c) + u * at(1, 0, c)) +
                             v * ((1 - u) * at(0, 1, c) + u * at(1, 1, c));
        noise = noise * 1664525 + 1013904223;
        *out++ = static_cast<std::uint8_t>(std::clamp(level + (noise >> 29) - 3.5, 0.0, 255.0));
      }
    }
  }
  return photo;
}

/// The median of several runs, in milliseconds.
double time_ms(int runs, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - start;
    times.push_back(spent.count());
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

void measure(const std::string& name, const Bytes& file, int runs, const Recognizer& recognizer,
             const PageReader& reader) {
  const Picture picture = decode_picture(file, name);
  const Plane gray = find_brightness(picture);
  const double decode = time_ms(runs, [&] { decode_picture(file, name); });
  const double brightness = time_ms(runs, [&] { find_brightness(picture); });
  const double find = time_ms(runs, [&] { reader.detect(gray, {}); });
  const double all = time_ms(runs, [&] { recognizer.read(decode_picture(file, name)); });
  fmt::print("{}, {} x {}, {:.0f} kB: {:.2f} ms, reads {}\n", name, picture.width, picture.height,
             static_cast<double>(file.size()) / 1000, all, recognizer.read(picture).text);
  const std::pair<const char*, double> stages[] = {
      {"decode", decode},
      {"brightness", brightness},
      {"find digits", find},
      {"glyphs, lines", all - decode - brightness - find}};
  for (const auto& [stage, ms] : stages)
    fmt::print("  {:24} {:8.3f} ms {:5.1f} %\n", stage, ms, 100 * ms / all);
}

}  // namespace

int main() {
  const Dataset dataset = load_dataset(default_data_folder(), Part::test);
  const Recognizer recognizer;
  const PageReader reader(default_page_reader());
  const Picture page =
      compose(dataset, {.paper = Paper::shadowed, .min_digits = 10, .lines = 3}, 1).picture;
  measure("photo", encode(make_photo(page, 4000, 3000), IFF_JFIF_JPEG), 9, recognizer, reader);
  const GlyphView image = dataset.image(0);
  const Picture small{28, 28, 1, {image.begin(), image.end()}};
  measure("glyph", encode(small, IFF_PNG), 99, recognizer, reader);
}
