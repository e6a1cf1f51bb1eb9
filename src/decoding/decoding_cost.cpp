#include "decoding/decoding_cost.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <scrawl/error.hpp>

#include "decoding/bytes.hpp"
#include "decoding/deep_tiff.hpp"
#include "decoding/format.hpp"
#include "decoding/heif_size.hpp"
#include "decoding/inspect.hpp"
#include "decoding/leptonica.hpp"
#include "decoding/orientation.hpp"
#include "decoding/tiff_pages.hpp"

namespace scrawl {

namespace {

/// What decoders need of their own, whatever the picture's size. What networks work in (some 30 MB
/// for each thread that reads) stays from one picture to the next, and is none of theirs.
constexpr std::size_t base_cost = std::size_t{8} << 20;

/// Reading works on a copy of at most a megapixel for a single digit, of at most 4 for a page, and
/// on smaller ones of that. The worst pictures (waves and rings of a few pixels) of 0.04 and 1
/// megapixels take 5 and 11 MB.
constexpr std::size_t reading_cost_of_pixel = 600;
constexpr std::size_t max_reading_cost = std::size_t{72} << 20;

/// The brightness of the whole picture, and the same turned upright.
constexpr std::size_t brightness_copies = 2;

/// Of decoding. Bytes of a pixel are in eighths, since there are pixels of one bit.
struct Cost {
  std::size_t eighths = 0;   ///< for each pixel, at the peak
  std::size_t fixed = 0;     ///< bytes, whatever the number of pixels
  std::size_t channels = 3;  ///< bytes of a pixel of what is left
};

/// The decoded picture, and the copy that is turned upright.
constexpr std::size_t turned(std::size_t channels, int orientation) {
  return (orientation > 1 ? 2 : 1) * 8 * channels;
}

/// Whether some of the colors, of `size` bytes each, are not gray.
bool has_color(Bytes table, std::size_t size) {
  for (; table.size() >= size; table = table.subspan(size))
    if (table[0] != table[1] || table[0] != table[2]) return true;
  return false;
}

/// Of a JPEG's coefficients, 2 bytes each, where all are kept; units at the edges are whole.
Cost cost_of_jpeg(Bytes bytes) {
  const JpegFrame frame = find_jpeg_frame(bytes);
  const std::size_t channels = frame.samples == 1 ? 1 : 3;
  Cost cost{turned(channels, read_orientation(bytes, Format::jpeg)), 0, channels};
  if (!frame.is_buffered) return cost;
  // Each row and column of a sample's blocks is rounded up to whole units once more.
  const auto units = [](std::size_t length, std::size_t blocks) {
    return (length + 8 * blocks - 1) / (8 * blocks) + 1;
  };
  cost.fixed = 2 * 64 * frame.blocks * units(frame.size.width, frame.across) *
               units(frame.size.height, frame.down);
  return cost;
}

/// A copy of the chunks that are needed; the numbers of colors beside the colors that they
/// become, or four samples in the place of three.
Cost cost_of_png(Bytes bytes) {
  constexpr std::uint32_t gray = 0, colors = 2, palette = 3;
  const std::uint32_t kind = read_big_endian(bytes, 25, 1);  // ISO 15948, 11.2.2
  const int orientation = read_orientation(bytes, Format::png);
  if (kind == gray) return {turned(1, orientation), bytes.size(), 1};
  if (kind == colors) return {turned(3, orientation), bytes.size(), 3};
  if (kind == palette) return {std::max(turned(3, orientation), std::size_t{32}), bytes.size(), 3};
  return {orientation > 1 ? std::size_t{32 + 24} : 32, bytes.size(), 4};
}

Cost cost_of_bmp(Bytes bytes) {
  constexpr std::size_t file_header = 14;
  const std::size_t header = read_little_endian(bytes, file_header, 4);
  const std::size_t bits = read_little_endian(bytes, header == 12 ? 24 : 28, 2);
  if (bits == 16) return {16 + 8, 0, 1};
  if (bits > 8) return {32 + 24, 0, 3};
  const std::size_t begin = std::min(bytes.size(), file_header + header);
  const std::size_t end =
      std::clamp<std::size_t>(read_little_endian(bytes, 10, 4), begin, bytes.size());
  const std::size_t channels = has_color(bytes.subspan(begin, end - begin), 4) ? 3 : 1;
  if (bits == 1) return {1 + (channels == 1 ? std::size_t{8} : 32) + 8 * channels, 0, channels};
  return {bits + 8 * channels, 0, channels};
}

/// giflib has a byte for each pixel, Leptonica as few bits as there are colors.
Cost cost_of_gif(Bytes bytes) {
  const Bytes colors = find_gif_colors(bytes);
  const std::size_t count = colors.size() / 3;
  const std::size_t bits = count <= 2 ? 1 : count <= 4 ? 2 : count <= 16 ? 4 : 8;
  const std::size_t channels = has_color(colors, 3) ? 3 : 1;
  return {bits + 8 * channels, bytes.size(), channels};
}

/// libtiff's buffer of a strip, which can be all, and where it is a JPEG its coefficients; a word
/// for each pixel, and another of Leptonica's.
Cost cost_of_tiff(Bytes bytes, std::size_t directory) {
  if (const auto deep = read_deep_tiff_header(bytes, directory)) {
    const std::size_t channels = deep->samples < 3 ? 1 : 3;  // numbers of 4 bytes, then levels
    return {(32 + 8) * channels + deep->bits * deep->samples, bytes.size(), channels};
  }
  const LeptonicaHeader header = read_leptonica_header(bytes, Format::tiff, directory);
  const std::size_t bits = static_cast<std::size_t>(header.bits) * header.samples;
  const std::size_t coefficients = header.is_jpeg ? std::size_t{16} * header.samples : 0;
  if (header.samples > 1) return {bits + coefficients + 32 + 32, bytes.size(), 3};
  const std::size_t channels = header.has_palette ? 3 : 1;
  const std::size_t of_one_bit = header.bits == 1 ? 32 : 0;  // its palette is taken out first
  return {bits + coefficients + std::max(bits, bits + (header.has_palette ? of_one_bit : 0)) +
              8 * channels,
          bytes.size(), channels};
}

Cost cost_of_pnm(Bytes bytes) {
  const LeptonicaHeader header = read_leptonica_header(bytes, Format::pnm);
  if (header.samples > 1) return {32 + 24, 0, 3};
  return {header.bits + std::size_t{8}, 0, 1};
}

/// Leptonica's pixels, and libwebp's: a word for each of a lossless picture, an alpha plane made of
/// a word for each of a lossy one.
constexpr Cost cost_of_webp{8 * (4 + 4 + 1), 0, 3};

/// The decoder, several of them where there are tiles; colors in planes, and side by side, of 16
/// bits where a sample has more than 8; the picture.
Cost cost_of_heif(Bytes bytes) {
  constexpr std::size_t threads = 4;
  const HeifSize size = read_heif_size(bytes);
  const std::size_t sample = size.bit_depth > 8 ? 16 : 8;
  const std::size_t channels = size.has_alpha ? 4 : 3;
  return {2 * channels * sample + 24,
          size.decoder * std::clamp<std::size_t>(size.parts, 1, threads), 3};
}

Cost cost_of(Bytes bytes, Format format, std::size_t directory) {
  switch (format) {
    case Format::jpeg:
      return cost_of_jpeg(bytes);
    case Format::png:
      return cost_of_png(bytes);
    case Format::bmp:
      return cost_of_bmp(bytes);
    case Format::gif:
      return cost_of_gif(bytes);
    case Format::tiff:
      return cost_of_tiff(bytes, directory);
    case Format::pnm:
      return cost_of_pnm(bytes);
    case Format::webp:
      return cost_of_webp;
    case Format::heif:
      return cost_of_heif(bytes);
  }
  return {};
}

}  // namespace

std::size_t decoding_cost(std::span<const std::byte> bytes, std::size_t page) {
  const Format format = detect_format(bytes);
  const std::size_t directory = find_directory(bytes, format, page);
  const Cost cost = cost_of(bytes, format, directory);
  const std::size_t pixels = pixels_of(read_picture_size(bytes, format, directory));
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  constexpr std::size_t pixel_cap = std::size_t{1} << 40;  // no picture has so many
  if (pixels > pixel_cap) return most;
  const std::size_t decoding = cost.fixed + (pixels * cost.eighths + 7) / 8;
  const std::size_t reading = pixels * (cost.channels + brightness_copies) +
                              std::min(pixels * reading_cost_of_pixel, max_reading_cost);
  return base_cost + std::max(decoding, reading);
}

}  // namespace scrawl
