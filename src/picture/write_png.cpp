#include "picture/write_png.hpp"

#include <cstdlib>
#include <leptonica/allheaders.h>
#include <memory>

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

void write_png(std::span<const std::uint8_t> levels, std::size_t width,
               const std::filesystem::path& file) {
  const std::size_t height = levels.size() / width;
  const std::unique_ptr<Pix, DestroyPix> pix(
      pixCreate(static_cast<l_int32>(width), static_cast<l_int32>(height), 8));
  if (pix == nullptr) throw Error(file.string() + ": no memory for a picture of this size");
  for (std::size_t at = 0; at < levels.size(); ++at) {
    pixSetPixel(pix.get(), static_cast<l_int32>(at % width), static_cast<l_int32>(at / width),
                levels[at]);
  }
  l_uint8* data = nullptr;
  std::size_t size = 0;
  const bool failed = pixWriteMemPng(&data, &size, pix.get(), 0) != 0;
  const std::unique_ptr<l_uint8, Free> owned(data);
  if (failed) throw Error(file.string() + ": cannot make a PNG file of this picture");
  write_file(file, std::as_bytes(std::span(data, size)));
}

}  // namespace scrawl
