#include "decoding/orientation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <libexif/exif-data.h>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

constexpr std::string_view exif_marker("Exif\0\0", 6);

struct Unref {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};

/// `data` is a JPEG file, or EXIF data with their marker.
int orientation_of(Bytes data) {
  const std::unique_ptr<ExifData, Unref> exif(exif_data_new_from_data(
      reinterpret_cast<const unsigned char*>(data.data()), static_cast<unsigned int>(data.size())));
  if (!exif) return 1;
  ExifEntry* entry = exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(exif.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

/// EXIF data without their marker, as PNG and WebP have them.
int orientation_of_bare(Bytes data) {
  const Bytes marker = std::as_bytes(std::span(exif_marker));
  std::vector<std::byte> marked(marker.begin(), marker.end());
  marked.insert(marked.end(), data.begin(), data.end());
  return orientation_of(marked);
}

bool is(Bytes bytes, std::string_view text) {
  return std::ranges::equal(bytes, std::as_bytes(std::span(text)));
}

/// The chunk eXIf, which stands before the end (PNG 1.5 extensions); empty where there is none.
Bytes find_png_exif(Bytes png) {
  constexpr std::size_t signature = 8;
  for (std::size_t at = signature;;) {
    const std::size_t length = read_big_endian(png, at, 4);
    const Bytes type = take(png, at + 4, 4);
    if (is(type, "eXIf")) return take(png, at + 8, length);
    if (is(type, "IEND")) return {};
    at += length + 12;
  }
}

/// The RIFF chunk EXIF.
Bytes find_webp_exif(Bytes webp) {
  for (std::size_t at = 12; at + 8 <= webp.size();) {
    const std::size_t length = read_little_endian(webp, at + 4, 4);
    if (is(take(webp, at, 4), "EXIF")) return take(webp, at + 8, length);
    at += 8 + length + length % 2;
  }
  return {};
}

}  // namespace

int read_orientation(Bytes bytes, Format format) {
  try {
    if (format == Format::jpeg) return orientation_of(bytes);
    Bytes exif;
    if (format == Format::png) exif = find_png_exif(bytes);
    if (format == Format::webp) exif = find_webp_exif(bytes);
    return exif.empty() ? 1 : orientation_of_bare(exif);
  } catch (const Error&) {
    return 1;  // a damaged end; the pixels may be whole
  }
}

Picture make_upright(Picture picture, int orientation) {
  if (orientation <= 1 || orientation > 8) return picture;
  const bool turned = orientation >= 5;  // by a quarter
  Picture upright{picture.width, picture.height, picture.channels, {}};
  if (turned) std::swap(upright.width, upright.height);
  upright.pixels.resize(picture.pixels.size());
  const int w = picture.width;
  const int h = picture.height;
  std::uint8_t* out = upright.pixels.data();
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      // The picture's pixel that comes to (x, y): EXIF 2.32, 4.6.4, orientation.
      int from_x = x;
      int from_y = y;
      if (turned) std::swap(from_x, from_y);
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        from_x = w - 1 - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        from_y = h - 1 - from_y;
      const std::size_t at = (static_cast<std::size_t>(from_y) * w + from_x) * picture.channels;
      for (int c = 0; c < picture.channels; ++c) *out++ = picture.pixels[at + c];
    }
  }
  return upright;
}

}  // namespace scrawl
