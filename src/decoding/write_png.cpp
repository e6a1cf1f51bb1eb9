#include "decoding/write_png.hpp"

#include <cstdlib>
#include <leptonica/allheaders.h>
#include <memory>
#include <span>
#include <vector>

#include <scrawl/error.hpp>

#include "files/files.hpp"

namespace scrawl {

namespace {

struct DestroyPix {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
struct Free {
  void operator()(l_uint8* memory) const { std::free(memory); }
};

}  // namespace

std::vector<std::byte> format_png(const Picture& picture) {
  const std::unique_ptr<Pix, DestroyPix> pix(
      pixCreate(picture.width, picture.height, picture.channels == 1 ? 8 : 32));
  if (pix == nullptr) throw Error("no memory for a picture of this size");
  const std::uint8_t* in = picture.pixels.data();
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x, in += picture.channels) {
      if (picture.channels == 1) pixSetPixel(pix.get(), x, y, in[0]);
      if (picture.channels == 3) pixSetRGBPixel(pix.get(), x, y, in[0], in[1], in[2]);
    }
  }
  l_uint8* data = nullptr;
  std::size_t size = 0;
  const bool failed = pixWriteMemPng(&data, &size, pix.get(), 0) != 0;
  const std::unique_ptr<l_uint8, Free> owned(data);
  if (failed) throw Error("cannot make a PNG file of this picture");
  const auto bytes = std::as_bytes(std::span(data, size));
  return {bytes.begin(), bytes.end()};
}

void write_png(const Picture& picture, const std::filesystem::path& file) {
  std::vector<std::byte> bytes;
  try {
    bytes = format_png(picture);
  } catch (const Error& error) {
    throw Error(file.string() + ": " + error.what());
  }
  write_file(file, bytes);
}

void write_png(std::span<const std::uint8_t> levels, std::size_t width,
               const std::filesystem::path& file) {
  write_png(Picture{static_cast<int>(width),
                    static_cast<int>(levels.size() / width),
                    1,
                    {levels.begin(), levels.end()}},
            file);
}

}  // namespace scrawl
