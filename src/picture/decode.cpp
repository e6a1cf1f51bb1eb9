// Picture files, decoded by Leptonica.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fmt/core.h>
#include <leptonica/allheaders.h>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/picture.hpp>

#include "files/files.hpp"
#include "picture/bytes.hpp"
#include "picture/format.hpp"
#include "picture/found_picture.hpp"
#include "picture/heif.hpp"
#include "picture/inspect.hpp"
#include "picture/orientation.hpp"

namespace scrawl {

namespace {

/// A file of more bytes than this is refused: 100 megapixels take less in any format.
constexpr std::size_t max_file_size = std::size_t{512} << 20;

/// libpng's and Leptonica's own limit, checked here so that libpng need not complain.
constexpr std::size_t max_side = 1'000'000;

struct DestroyPix {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using OwnedPix = std::unique_ptr<Pix, DestroyPix>;

/// Leptonica's messages go to standard error and name no file; ours do. Its switches are of the
/// whole process.
void silence_leptonica() {
  [[maybe_unused]] static const bool silent = [] {
    setMsgSeverity(L_SEVERITY_NONE);
    leptSetStderrHandler([](const char*) {});
    return true;
  }();
}

void check_size(PictureSize size, std::size_t max_pixels) {
  if (size.width == 0 || size.height == 0)
    throw Error(fmt::format("damaged: {} x {} pixels", size.width, size.height));
  if (size.width > max_side || size.height > max_side)
    throw TooLargeError(
        fmt::format("{} x {} pixels; at most {} on a side can be read: make it smaller", size.width,
                    size.height, max_side));
  if (size.width > max_pixels / size.height)
    throw TooLargeError(
        fmt::format("{} x {} pixels; at most {} million can be read: make it smaller", size.width,
                    size.height, static_cast<double>(max_pixels) / 1e6));
}

OwnedPix decode(Bytes bytes, Format format) {
  const auto* data = reinterpret_cast<const l_uint8*>(bytes.data());
  switch (format) {
    case Format::png:
      return OwnedPix(pixReadMemPng(data, bytes.size()));
    case Format::jpeg:
      return OwnedPix(pixReadMemJpeg(data, bytes.size(), 0, 1, nullptr, 0));
    case Format::tiff:
      return OwnedPix(pixReadMemTiff(data, bytes.size(), 0));
    case Format::bmp:
      return OwnedPix(pixReadMemBmp(data, bytes.size()));
    case Format::gif:
      return OwnedPix(pixReadMemGif(data, bytes.size()));
    case Format::webp:
      return OwnedPix(pixReadMemWebP(data, bytes.size()));
    case Format::pnm:
      return OwnedPix(pixReadMemPnm(data, bytes.size()));
    case Format::heif:
      return nullptr;  // not one of Leptonica's
  }
  return nullptr;
}

/// Whether a picture is mostly transparent, and all that is visible is light: white would hide it.
bool is_light_ink(Pix* pix) {
  constexpr int light = 192;
  constexpr int visible = 128;
  std::size_t seen = 0;
  for (int y = 0; y < pixGetHeight(pix); ++y) {
    const l_uint32* row = pixGetData(pix) + static_cast<std::size_t>(y) * pixGetWpl(pix);
    for (int x = 0; x < pixGetWidth(pix); ++x) {
      l_int32 red = 0;
      l_int32 green = 0;
      l_int32 blue = 0;
      l_int32 alpha = 0;
      extractRGBAValues(row[x], &red, &green, &blue, &alpha);
      if (alpha < visible) continue;
      if (std::min({red, green, blue}) < light) return false;
      ++seen;
    }
  }
  return seen > 0 && 2 * seen < static_cast<std::size_t>(pixGetWidth(pix)) * pixGetHeight(pix);
}

/// Any depth, with or without palette and alpha, to 8 bits of grey or 32 of red, green, blue.
OwnedPix flatten(OwnedPix pix) {
  constexpr l_uint32 white = 0xFFFFFF00;
  constexpr l_uint32 black = 0;
  if (pixGetSpp(pix.get()) == 4)
    pix.reset(pixAlphaBlendUniform(pix.get(), is_light_ink(pix.get()) ? black : white));
  if (pix) pix.reset(pixRemoveColormap(pix.get(), REMOVE_CMAP_BASED_ON_SRC));
  if (pix) pix.reset(pixConvertTo8Or32(pix.get(), L_CLONE, 0));
  if (!pix) throw Error("not enough memory for it");
  return pix;
}

/// Leptonica keeps pixels in 32-bit words, the leftmost in the most significant bits.
Picture copy_pixels(Pix* pix) {
  Picture picture{pixGetWidth(pix), pixGetHeight(pix), pixGetDepth(pix) == 32 ? 3 : 1, {}};
  const std::size_t stride = static_cast<std::size_t>(picture.width) * picture.channels;
  picture.pixels.resize(stride * picture.height);
  for (int y = 0; y < picture.height; ++y) {
    const l_uint32* in = pixGetData(pix) + static_cast<std::size_t>(y) * pixGetWpl(pix);
    std::uint8_t* out = picture.pixels.data() + y * stride;
    for (int x = 0; x < picture.width; ++x) {
      if (picture.channels == 1) {
        *out++ = static_cast<std::uint8_t>(in[x / 4] >> (24 - 8 * (x % 4)));
      } else {
        for (const int shift : {24, 16, 8}) *out++ = static_cast<std::uint8_t>(in[x] >> shift);
      }
    }
  }
  return picture;
}

Picture decode_format(Bytes bytes, Format format, std::size_t max_pixels) {
  const auto check = [max_pixels](PictureSize size) { check_size(size, max_pixels); };
  if (format == Format::heif) return decode_heif(bytes, check);
  check(read_picture_size(bytes, format));
  const int orientation = read_orientation(bytes, format);
  std::vector<std::byte> kept;
  if (format == Format::png) bytes = kept = keep_pixel_chunks(bytes);
  if (format == Format::gif) bytes = kept = keep_first_frame(bytes);
  OwnedPix pix = decode(bytes, format);
  if (!pix) throw Error("damaged: its pixels cannot be decoded");
  return make_upright(copy_pixels(flatten(std::move(pix)).get()), orientation);
}

}  // namespace

Picture decode_picture(std::span<const std::byte> bytes, const std::filesystem::path& name,
                       std::size_t max_pixels) {
  silence_leptonica();
  std::string what = name.empty() ? "" : name.string() + ": ";
  try {
    const Format format = detect_format(bytes);
    what += fmt::format("{} picture: ", to_string(format));
    return decode_format(bytes, format, max_pixels);
  } catch (const TooLargeError& error) {
    throw TooLargeError(what + error.what());
  } catch (const Error& error) {
    throw Error(what + error.what());
  }
}

Picture load_picture(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_file(file, max_file_size);
  return decode_picture(bytes, file == "-" ? "standard input" : file);
}

Picture load_found_picture(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_found_file(file, max_file_size);
  try {
    return decode_picture(bytes, "");
  } catch (const Error& error) {
    throw FileError(file, error.what());
  }
}

}  // namespace scrawl
