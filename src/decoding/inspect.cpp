#include "decoding/inspect.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/core.h>
#include <limits>
#include <optional>
#include <string_view>
#include <zlib.h>

#include <scrawl/error.hpp>

#include "decoding/deep_tiff.hpp"
#include "decoding/heif_size.hpp"
#include "decoding/leptonica.hpp"

namespace scrawl {

namespace {

constexpr std::size_t png_signature_size = 8;

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// ISO 15948, 11.2.2: IHDR is the first chunk, and starts with width and height.
PictureSize read_png_size(Bytes bytes) {
  if (as_text(take(bytes, 12, 4)) != "IHDR") throw Error("damaged: its first chunk is not IHDR");
  return {read_big_endian(bytes, 16, 4), read_big_endian(bytes, 20, 4)};
}

/// Where, from `at` on, the next marker is that is not a part of compressed data (ITU T.81,
/// B.1.1.2).
std::size_t find_jpeg_marker(Bytes bytes, std::size_t at) {
  for (;; ++at) {
    const std::uint32_t pair = read_big_endian(bytes, at, 2);
    const bool restart = pair >= 0xffd0 && pair <= 0xffd7;
    if (pair > 0xff00 && pair < 0xffff && !restart) return at;
  }
}

JpegFrame read_jpeg_frame_header(Bytes bytes, std::size_t at) {
  JpegFrame frame;
  frame.size = {read_big_endian(bytes, at + 5, 2), read_big_endian(bytes, at + 3, 2)};
  const std::size_t samples = read_big_endian(bytes, at + 7, 1);
  std::size_t blocks = 0;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::uint32_t factors = read_big_endian(bytes, at + 9 + 3 * i, 1);
    frame.across = std::max<std::size_t>(frame.across, factors >> 4);
    frame.down = std::max<std::size_t>(frame.down, factors & 15);
    blocks += std::size_t{factors >> 4} * (factors & 15);
  }
  frame.samples = samples;
  frame.blocks = blocks;
  return frame;
}

/// The BITMAPINFOHEADER and its successors have 32-bit fields, OS/2's BITMAPCOREHEADER 16-bit ones.
/// A negative height means rows from the top down.
PictureSize read_bmp_size(Bytes bytes) {
  if (read_little_endian(bytes, 14, 4) == 12)
    return {read_little_endian(bytes, 18, 2), read_little_endian(bytes, 20, 2)};
  const auto magnitude = [](std::uint32_t number) -> std::size_t {
    return number > INT32_MAX ? 0U - number : number;
  };
  return {magnitude(read_little_endian(bytes, 18, 4)), magnitude(read_little_endian(bytes, 22, 4))};
}

/// The bytes of a GIF color table whose flags these are (GIF89a, 18 and 20).
std::size_t gif_table_size(std::uint32_t flags) {
  return (flags & 0x80) != 0 ? std::size_t{3} << ((flags & 7) + 1) : 0;
}

/// The place after the data sub-blocks that start at `at` (GIF89a, 15 and 16).
std::size_t skip_gif_blocks(Bytes bytes, std::size_t at) {
  while (const std::uint32_t size = read_little_endian(bytes, at, 1)) at += 1 + size;
  return at + 1;
}

/// The first frame of a GIF file.
struct GifFrame {
  std::size_t descriptor = 0;                ///< where its image descriptor is
  std::optional<std::uint32_t> transparent;  ///< the color number that lets the background through
};

GifFrame find_gif_frame(Bytes bytes) {
  GifFrame frame;
  frame.descriptor = 13 + gif_table_size(read_little_endian(bytes, 10, 1));
  for (;;) {
    const std::size_t at = frame.descriptor;
    const std::uint32_t introducer = read_little_endian(bytes, at, 1);
    if (introducer == ',') return frame;
    if (introducer != '!') throw Error("damaged: it has no frame");
    // A graphic control extension: label, size (4), flags, 2 bytes of delay, transparent color.
    if (read_big_endian(bytes, at + 1, 2) == 0xf904 && (read_big_endian(bytes, at + 3, 1) & 1) != 0)
      frame.transparent = read_big_endian(bytes, at + 6, 1);
    frame.descriptor = skip_gif_blocks(bytes, at + 2);
  }
}

PictureSize read_gif_size(Bytes bytes) {
  const std::size_t at = find_gif_frame(bytes).descriptor;
  return {read_little_endian(bytes, at + 5, 2), read_little_endian(bytes, at + 7, 2)};
}

void refuse_animation(Bytes webp) {
  const bool extended = as_text(take(webp, 12, 4)) == "VP8X";
  if (extended && (read_big_endian(webp, 20, 1) & 2) != 0)
    throw Error("animated, which is not supported; save one of its frames as PNG");
}

}  // namespace

std::size_t pixels_of(PictureSize size) {
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  return size.height > 0 && size.width > all / size.height ? all : size.width * size.height;
}

JpegFrame find_jpeg_frame(Bytes bytes) {
  // Each scan of a progressive picture goes over all pixels and can be a few bytes long: a small
  // file could keep the decoder busy for hours. Usual are 10.
  constexpr int max_scans = 100;
  constexpr std::uint32_t end_of_image = 0xffd9, start_of_scan = 0xffda, temporary = 0xff01;
  std::optional<JpegFrame> frame;
  int scans = 0;
  for (std::size_t at = 2;;) {
    at = find_jpeg_marker(bytes, at);
    const std::uint32_t marker = read_big_endian(bytes, at, 2);
    if (marker == end_of_image) break;
    at += 2;
    if (marker == temporary) continue;
    const bool is_frame = marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 &&
                          marker != 0xffc8 && marker != 0xffcc;
    if (is_frame) {
      if (frame) throw Error("damaged: it has two frame headers");
      frame = read_jpeg_frame_header(bytes, at);
      constexpr std::uint32_t progressive = 0xffc2, progressive_arithmetic = 0xffca;
      frame->is_buffered = marker == progressive || marker == progressive_arithmetic;
    }
    if (marker == start_of_scan && frame && scans == 0)
      frame->is_buffered |= read_big_endian(bytes, at + 2, 1) < frame->samples;
    if (marker == start_of_scan && ++scans > max_scans)
      throw Error(
          fmt::format("more than {} scans; save it as a baseline JPEG or a PNG", max_scans));
    at += read_big_endian(bytes, at, 2);
  }
  if (!frame) throw Error("damaged: it has no frame header");
  return *frame;
}

Bytes find_gif_colors(Bytes gif) {
  const std::size_t own = find_gif_frame(gif).descriptor + 10;
  const std::size_t own_size = gif_table_size(read_little_endian(gif, own - 1, 1));
  if (own_size > 0) return take(gif, own, own_size);
  return take(gif, 13, gif_table_size(read_little_endian(gif, 10, 1)));
}

PictureSize read_picture_size(Bytes bytes, Format format, std::size_t directory) {
  switch (format) {
    case Format::png:
      return read_png_size(bytes);
    case Format::jpeg:
      return find_jpeg_frame(bytes).size;
    case Format::bmp:
      return read_bmp_size(bytes);
    case Format::gif:
      return read_gif_size(bytes);
    case Format::heif:
      return read_heif_size(bytes).largest;
    case Format::tiff:
      if (const auto deep = read_deep_tiff_header(bytes, directory)) return deep->size;
      return read_leptonica_header(bytes, format, directory).size;
    case Format::webp:
      refuse_animation(bytes);
      [[fallthrough]];
    default:
      return read_leptonica_header(bytes, format).size;
  }
}

std::vector<std::byte> keep_pixel_chunks(Bytes png) {
  constexpr std::array<std::string_view, 5> needed{"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
  std::vector<std::byte> kept(png.begin(), png.begin() + png_signature_size);
  for (std::size_t at = png_signature_size;;) {
    // A chunk: 4 bytes of length, 4 of type, the data, and the checksum over type and data.
    const std::size_t length = read_big_endian(png, at, 4);
    const Bytes chunk = take(png, at, length + 12);
    const std::string_view type = as_text(chunk.subspan(4, 4));
    at += chunk.size();
    if (std::find(needed.begin(), needed.end(), type) == needed.end()) continue;
    const Bytes covered = chunk.subspan(4, length + 4);
    const auto* data = reinterpret_cast<const Bytef*>(covered.data());
    if (crc32_z(0, data, covered.size()) != read_big_endian(chunk, length + 8, 4))
      throw Error(fmt::format("damaged: wrong checksum in its chunk {}", type));
    kept.insert(kept.end(), chunk.begin(), chunk.end());
    if (type == "IEND") return kept;
  }
}

std::vector<std::byte> keep_first_frame(Bytes gif) {
  const GifFrame frame = find_gif_frame(gif);
  const std::size_t own_table = frame.descriptor + 10;
  const std::size_t own_size = gif_table_size(read_little_endian(gif, own_table - 1, 1));
  const std::size_t end = skip_gif_blocks(gif, own_table + own_size + 1);
  std::vector<std::byte> kept(gif.begin(), gif.begin() + static_cast<std::ptrdiff_t>(end));
  kept.push_back(std::byte{';'});
  if (frame.transparent) {
    const std::size_t table = own_size > 0 ? own_table : 13;
    const std::size_t color = table + 3 * std::size_t{*frame.transparent};
    if (color + 3 <= end) std::fill_n(kept.begin() + color, 3, std::byte{255});
  }
  return kept;
}

}  // namespace scrawl
