#include "decoding/leptonica.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <leptonica/allheaders.h>
#include <memory>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/alpha.hpp"
#include "decoding/quiet_decoders.hpp"

namespace scrawl {

namespace {

struct DestroyPix {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using OwnedPix = std::unique_ptr<Pix, DestroyPix>;

OwnedPix decode(Bytes bytes, Format format, std::size_t directory) {
  const auto* data = reinterpret_cast<const l_uint8*>(bytes.data());
  switch (format) {
    case Format::tiff:
      return OwnedPix(pixReadMemTiff(data, bytes.size(), static_cast<int>(directory)));
    case Format::bmp:
      return OwnedPix(pixReadMemBmp(data, bytes.size()));
    case Format::gif:
      return OwnedPix(pixReadMemGif(data, bytes.size()));
    case Format::webp:
      return OwnedPix(pixReadMemWebP(data, bytes.size()));
    case Format::pnm:
      return OwnedPix(pixReadMemPnm(data, bytes.size()));
    default:
      return nullptr;  // not one of Leptonica's
  }
}

/// Leptonica keeps pixels in 32-bit words, the leftmost in the most significant bits.
class Rows {
 public:
  explicit Rows(Pix* pix) : data_(pixGetData(pix)), words_(pixGetWpl(pix)) {}
  const l_uint32* operator[](std::size_t y) const { return data_ + y * words_; }

 private:
  const l_uint32* data_;
  std::size_t words_;
};

Rgba color_of(l_uint32 word) {
  const auto byte = [word](int shift) { return static_cast<std::uint8_t>(word >> shift); };
  return {byte(24), byte(16), byte(8), byte(0)};
}

void copy_colors(Pix* pix, Picture& picture) {
  const Rows rows(pix);
  std::uint8_t* out = picture.pixels.data();
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const Rgba color = color_of(rows[y][x]);
      for (int c = 0; c < 3; ++c) *out++ = color[c];
    }
}

void lay_over_background(Pix* pix, Picture& picture) {
  const Rows rows(pix);
  VisibleInk ink;
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) ink.add(color_of(rows[y][x]));
  const OverBackground over(ink.background(picture.pixels.size() / 3));
  std::uint8_t* out = picture.pixels.data();
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const Rgba color = color_of(rows[y][x]);
      for (int c = 0; c < 3; ++c) *out++ = over(color[c], color[3]);
    }
}

/// Of all values that a pixel of so many bits can have. One bit is white when it is 0; what a
/// palette lacks is black.
std::vector<Rgba> find_colors(Pix* pix, int bits) {
  std::vector<Rgba> colors(std::size_t{1} << bits);
  if (PixColormap* map = pixGetColormap(pix); map != nullptr) {
    for (int i = 0; i < pixcmapGetCount(map); ++i) {
      l_int32 red = 0, green = 0, blue = 0;
      pixcmapGetColor(map, i, &red, &green, &blue);
      colors.at(i) = {static_cast<std::uint8_t>(red), static_cast<std::uint8_t>(green),
                      static_cast<std::uint8_t>(blue), 255};
    }
    return colors;
  }
  for (std::size_t i = 0; i < colors.size(); ++i) {
    const auto level = static_cast<std::uint8_t>(i * 255 / (colors.size() - 1));
    colors[i].fill(bits == 1 ? static_cast<std::uint8_t>(255 - level) : level);
  }
  return colors;
}

/// Pixels of at most 8 bits, with or without a palette.
void paint(Pix* pix, const std::vector<Rgba>& colors, Picture& picture) {
  const int bits = pixGetDepth(pix);
  const Rows rows(pix);
  std::uint8_t* out = picture.pixels.data();
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const std::size_t at = static_cast<std::size_t>(x) * bits;
      const l_uint32 value = rows[y][at / 32] >> (32 - bits - at % 32) & ((1U << bits) - 1);
      for (int c = 0; c < picture.channels; ++c) *out++ = colors[value][c];
    }
}

/// Any depth, with or without palette and alpha, to 8 bits of gray or of red, green, blue.
Picture to_picture(Pix* pix) {
  const int bits = pixGetDepth(pix);
  std::vector<Rgba> colors;
  if (bits <= 8) colors = find_colors(pix, bits);
  const bool in_color = bits == 32 || has_color(colors);
  Picture picture{pixGetWidth(pix), pixGetHeight(pix), in_color ? 3 : 1, {}};
  picture.pixels.resize(static_cast<std::size_t>(picture.width) * picture.height *
                        picture.channels);
  if (bits <= 8) {
    paint(pix, colors, picture);
  } else if (bits == 16) {
    const Rows rows(pix);
    std::uint8_t* out = picture.pixels.data();
    for (int y = 0; y < picture.height; ++y)
      for (int x = 0; x < picture.width; ++x)
        *out++ = static_cast<std::uint8_t>(rows[y][x / 2] >> (x % 2 == 0 ? 24 : 8));
  } else if (bits != 32) {
    throw Error(fmt::format("{} bits a pixel, which is not supported; save it as PNG", bits));
  } else if (pixGetSpp(pix) == 4) {
    lay_over_background(pix, picture);
  } else {
    copy_colors(pix, picture);
  }
  return picture;
}

}  // namespace

LeptonicaHeader read_leptonica_header(Bytes bytes, Format format, std::size_t directory) {
  const QuietDecoders quiet;
  const auto* data = reinterpret_cast<const l_uint8*>(bytes.data());
  int width = 0;
  int height = 0;
  LeptonicaHeader header{};
  int failed = 1;
  if (format == Format::tiff) {
    int has_palette = 0;
    int compression = 0;
    failed = readHeaderMemTiff(data, bytes.size(), static_cast<int>(directory), &width, &height,
                               &header.bits, &header.samples, nullptr, &has_palette, &compression);
    header.has_palette = has_palette != 0;
    header.is_jpeg = compression == IFF_TIFF_JPEG;
  }
  if (format == Format::webp)
    failed = readHeaderMemWebP(data, bytes.size(), &width, &height, &header.samples);
  if (format == Format::pnm)
    failed = readHeaderMemPnm(data, bytes.size(), &width, &height, nullptr, nullptr, &header.bits,
                              &header.samples);
  if (failed != 0 || width < 0 || height < 0) throw Error("damaged: its header cannot be read");
  header.size = {static_cast<std::size_t>(width), static_cast<std::size_t>(height)};
  return header;
}

Picture decode_by_leptonica(Bytes bytes, Format format, PictureSize size, std::size_t directory) {
  const QuietDecoders quiet;
  std::vector<std::byte> kept;
  if (format == Format::gif) bytes = kept = keep_first_frame(bytes);
  const OwnedPix pix = decode(bytes, format, directory);
  if (!pix) throw Error("damaged: its pixels cannot be decoded");
  Picture picture = to_picture(pix.get());
  const std::size_t channels = picture.channels;
  if (picture.pixels.size() != channels * pixels_of(size))  // a TIFF may have been turned
    throw Error(fmt::format("damaged: {} x {} pixels in one place, {} x {} in another", size.width,
                            size.height, picture.width, picture.height));
  return picture;
}

}  // namespace scrawl
