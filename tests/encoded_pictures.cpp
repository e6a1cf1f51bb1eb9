#include "encoded_pictures.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <jpeglib.h>
#include <leptonica/allheaders.h>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <zlib.h>

#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {

namespace {

Content to_content(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string big_endian(std::size_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i) & 255);
  return text;
}

/// The picture: stripes in which all values of all channels come up, and some noise.
std::uint32_t sample(int x, int y, int channel) {
  std::uint32_t hash = static_cast<std::uint32_t>(x / 3) * 2654435761U +
                       static_cast<std::uint32_t>(y / 5) * 2246822519U +
                       static_cast<std::uint32_t>(channel) * 3266489917U;
  hash ^= hash >> 15;
  return (static_cast<std::uint32_t>(x + 2 * y * (channel + 1)) / 4 * 257 + (hash & 0x0303)) &
         0xffff;
}

// PNG

struct PngKind {
  const char* name;
  int color_type;
  int bits;
  bool interlaced = false;
  bool gray_palette = false;
  bool transparent = false;  // tRNS
};

constexpr PngKind png_kinds[] = {
    {"PNG, 1 bit", 0, 1},
    {"PNG, 2 bits", 0, 2},
    {"PNG, 4 bits", 0, 4},
    {"PNG, gray", 0, 8},
    {"PNG, gray, interlaced", 0, 8, true},
    {"PNG, 1 bit, interlaced", 0, 1, true},
    {"PNG, gray of 16 bits", 0, 16},
    {"PNG, RGB", 2, 8},
    {"PNG, RGB, interlaced", 2, 8, true},
    {"PNG, RGB of 16 bits", 2, 16},
    {"PNG, RGB with a transparent color", 2, 8, false, false, true},
    {"PNG, palette of 2", 3, 1},
    {"PNG, palette of 2 grays", 3, 1, false, true},
    {"PNG, palette of 4", 3, 2},
    {"PNG, palette of 16", 3, 4},
    {"PNG, palette", 3, 8},
    {"PNG, palette of grays", 3, 8, false, true},
    {"PNG, palette, interlaced", 3, 8, true},
    {"PNG, palette with alpha", 3, 8, false, false, true},
    {"PNG, palette of 4 with alpha", 3, 2, false, false, true},
    {"PNG, gray with alpha", 4, 8},
    {"PNG, gray with alpha of 16 bits, interlaced", 4, 16, true},
    {"PNG, RGBA", 6, 8},
    {"PNG, RGBA, interlaced", 6, 8, true},
    {"PNG, RGBA of 16 bits", 6, 16},
};

std::string png_chunk(const std::string& type, const std::string& data) {
  const std::string covered = type + data;
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
  return big_endian(data.size(), 4) + covered + big_endian(sum, 4);
}

/// Every `step`th pixel of a row, from `first` on; no filter.
std::string png_row(const PngKind& kind, int y, int first, int step, int width) {
  constexpr int channels[] = {1, 0, 3, 1, 2, 0, 4};
  std::string row(1, '\0');
  int used = 0;
  for (int x = first; x < width; x += step)
    for (int c = 0; c < channels[kind.color_type]; ++c) {
      const std::uint32_t value = sample(x, y, c) >> (16 - kind.bits);
      if (kind.bits >= 8) {
        row += big_endian(value, kind.bits / 8);
        continue;
      }
      if (used % 8 == 0) row += '\0';
      row.back() = static_cast<char>(row.back() | value << (8 - kind.bits - used % 8));
      used += kind.bits;
    }
  return row;
}

/// ISO 15948, 8.2.
struct Pass {
  int first_x, first_y, step_x, step_y;
};
constexpr Pass whole[] = {{0, 0, 1, 1}};
constexpr Pass adam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                          {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

EncodedPicture encode_png(const PngKind& kind, int width, int height) {
  std::string raw;
  const std::span<const Pass> passes = kind.interlaced ? std::span<const Pass>(adam7) : whole;
  for (const Pass& pass : passes)
    for (int y = pass.first_y; y < height && pass.first_x < width; y += pass.step_y)
      raw += png_row(kind, y, pass.first_x, pass.step_x, width);
  uLongf size = compressBound(raw.size());
  std::string packed(size, '\0');
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
            reinterpret_cast<const Bytef*>(raw.data()), raw.size(), 1);
  packed.resize(size);
  std::string palette, alphas;
  for (int i = 0; kind.color_type == 3 && i < 1 << kind.bits; ++i) {
    for (int c = 0; c < 3; ++c)
      palette += static_cast<char>(kind.gray_palette ? i * 37 + 5 : i * 37 + c * 70);
    if (i % 3 != 2) alphas += static_cast<char>(i * 11);
  }
  if (kind.color_type == 2)
    alphas = big_endian(sample(0, 0, 0) >> 8, 2) + big_endian(sample(0, 0, 1) >> 8, 2) +
             big_endian(sample(0, 0, 2) >> 8, 2);
  std::string png("\x89PNG\r\n\x1a\n");
  png += png_chunk("IHDR", big_endian(width, 4) + big_endian(height, 4) +
                               static_cast<char>(kind.bits) + static_cast<char>(kind.color_type) +
                               std::string(2, '\0') + static_cast<char>(kind.interlaced));
  if (!palette.empty()) png += png_chunk("PLTE", palette);
  if (kind.transparent) png += png_chunk("tRNS", alphas);
  png += png_chunk("IDAT", packed) + png_chunk("IEND", "");
  return {kind.name, to_content(png)};
}

// JPEG

struct JpegKind {
  const char* name;
  int samples;
  J_COLOR_SPACE stored;
  int factor;  // by which color is coarser, across and down
  bool progressive = false;
  bool one_by_one = false;  // a scan for each sample
  bool without_adobe = false;
};

constexpr JpegKind jpeg_kinds[] = {
    {"JPEG, gray", 1, JCS_GRAYSCALE, 1},
    {"JPEG, gray, progressive", 1, JCS_GRAYSCALE, 1, true},
    {"JPEG, 4:4:4", 3, JCS_YCbCr, 1},
    {"JPEG, 4:2:0", 3, JCS_YCbCr, 2},
    {"JPEG, RGB", 3, JCS_RGB, 1},
    {"JPEG, 4:2:0, progressive", 3, JCS_YCbCr, 2, true},
    {"JPEG, 4:4:4, progressive", 3, JCS_YCbCr, 1, true},
    {"JPEG, a scan for each sample", 3, JCS_YCbCr, 1, false, true},
    {"JPEG, CMYK", 4, JCS_CMYK, 1},
    {"JPEG, CMYK, not inverted", 4, JCS_CMYK, 1, false, false, true},
    {"JPEG, YCCK", 4, JCS_YCCK, 2},
    {"JPEG, CMYK, progressive", 4, JCS_CMYK, 1, true},
};

EncodedPicture encode_jpeg(const JpegKind& kind, int width, int height) {
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &data, &size);
  encoder.image_width = width;
  encoder.image_height = height;
  encoder.input_components = kind.samples;
  encoder.in_color_space = kind.samples == 1   ? JCS_GRAYSCALE
                           : kind.samples == 3 ? JCS_RGB
                                               : JCS_CMYK;
  jpeg_set_defaults(&encoder);
  jpeg_set_colorspace(&encoder, kind.stored);
  jpeg_set_quality(&encoder, 80, TRUE);
  for (int i = 0; i < kind.samples; ++i)
    encoder.comp_info[i].h_samp_factor = encoder.comp_info[i].v_samp_factor =
        i == 0 || i == 3 ? kind.factor : 1;
  if (kind.progressive) jpeg_simple_progression(&encoder);
  std::vector<jpeg_scan_info> scans;
  for (int i = 0; kind.one_by_one && i < kind.samples; ++i) {
    scans.push_back({});
    scans.back().comps_in_scan = 1;
    scans.back().component_index[0] = i;
    scans.back().Se = 63;
  }
  if (kind.one_by_one) {
    encoder.scan_info = scans.data();
    encoder.num_scans = static_cast<int>(scans.size());
  }
  if (kind.without_adobe) encoder.write_Adobe_marker = FALSE;
  jpeg_start_compress(&encoder, TRUE);
  std::vector<JSAMPLE> row(static_cast<std::size_t>(width) * kind.samples);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < kind.samples; ++c)
        row[static_cast<std::size_t>(x) * kind.samples + c] =
            static_cast<JSAMPLE>(sample(x, y, c) >> 8);
    JSAMPLE* line = row.data();
    jpeg_write_scanlines(&encoder, &line, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  const auto bytes = std::as_bytes(std::span(data, size));
  EncodedPicture encoded{kind.name, {bytes.begin(), bytes.end()}};
  std::free(data);
  return encoded;
}

// Leptonica's formats

struct DestroyPix {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using OwnedPix = std::unique_ptr<Pix, DestroyPix>;

struct PixKind {
  const char* name;
  int format;
  int bits;  // of a pixel
  bool alpha = false;
  bool palette = false;
  bool lossless = true;
};

constexpr PixKind pix_kinds[] = {
    {"BMP, 1 bit", IFF_BMP, 1},
    {"BMP, gray", IFF_BMP, 8},
    {"BMP, palette of 16", IFF_BMP, 4, false, true},
    {"BMP, palette", IFF_BMP, 8, false, true},
    {"BMP, RGB", IFF_BMP, 32},
    {"TIFF, 1 bit", IFF_TIFF, 1},
    {"TIFF, 1 bit, G4", IFF_TIFF_G4, 1},
    {"TIFF, 4 bits", IFF_TIFF_LZW, 4},
    {"TIFF, palette", IFF_TIFF_ZIP, 8, false, true},
    {"TIFF, gray", IFF_TIFF, 8},
    {"TIFF, gray of 16 bits", IFF_TIFF_ZIP, 16},
    {"TIFF, RGB", IFF_TIFF, 32},
    {"TIFF, RGB, LZW", IFF_TIFF_LZW, 32},
    {"TIFF, RGB, JPEG", IFF_TIFF_JPEG, 32, false, false, false},
    {"TIFF, RGBA", IFF_TIFF_ZIP, 32, true},
    {"PNM, 1 bit", IFF_PNM, 1},
    {"PNM, gray", IFF_PNM, 8},
    {"PNM, gray of 16 bits", IFF_PNM, 16},
    {"PNM, RGB", IFF_PNM, 32},
    {"GIF, 1 bit", IFF_GIF, 1},
    {"GIF, grays", IFF_GIF, 8},
    {"GIF, colors", IFF_GIF, 8, false, true},
    {"WebP, lossless", IFF_WEBP, 32},
    {"WebP, lossless with alpha", IFF_WEBP, 32, true},
    {"WebP, lossy", IFF_WEBP, 32, false, false, false},
    {"WebP, lossy with alpha", IFF_WEBP, 32, true, false, false},
};

EncodedPicture encode_pix(const PixKind& kind, int width, int height) {
  const OwnedPix pix(pixCreate(width, height, kind.bits));
  if (kind.alpha) pixSetSpp(pix.get(), 4);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint32_t value = sample(x, y, 0) >> (16 - std::min(16, kind.bits));
      if (kind.bits == 32) {
        value = 0;
        for (int c = 0; c < 4; ++c) value = value << 8 | sample(x, y, c) >> 8;
      }
      pixSetPixel(pix.get(), x, y, value);
    }
  if (kind.palette) {
    PixColormap* map = pixcmapCreate(kind.bits);
    for (int i = 0; i < 1 << kind.bits; ++i)
      pixcmapAddColor(map, i * 37 % 256, (i * 37 + 70) % 256, (i * 37 + 140) % 256);
    pixSetColormap(pix.get(), map);
  }
  l_uint8* data = nullptr;
  std::size_t size = 0;
  const int failed = kind.format == IFF_WEBP
                         ? pixWriteMemWebP(&data, &size, pix.get(), 50, kind.lossless)
                         : pixWriteMem(&data, &size, pix.get(), kind.format);
  if (failed != 0) throw std::runtime_error(std::string("cannot encode ") + kind.name);
  const auto bytes = std::as_bytes(std::span(data, size));
  EncodedPicture encoded{kind.name, {bytes.begin(), bytes.end()}};
  lept_free(data);
  return encoded;
}

// HEIC and AVIF

struct HeifKind {
  const char* name;
  const char* arguments;
  PngKind from;
};

constexpr HeifKind heif_kinds[] = {
    {"HEIC", "", {"", 2, 8}},
    {"HEIC, 4:4:4", "-p chroma=444", {"", 2, 8}},
    {"HEIC with alpha", "", {"", 6, 8}},
    {"HEIC, gray", "", {"", 0, 8}},
    {"HEIC of 10 bits", "-b 10", {"", 2, 16}},
    {"AVIF", "-A -p speed=9", {"", 2, 8}},
    {"AVIF, 4:4:4", "-A -p speed=9 -p chroma=444", {"", 2, 8}},
    {"AVIF, lossless", "-A -p speed=9 -L", {"", 2, 8}},
    {"AVIF with alpha", "-A -p speed=9", {"", 6, 8}},
    {"AVIF, gray", "-A -p speed=9", {"", 0, 8}},
    {"AVIF of 10 bits", "-A -p speed=9 -b 10", {"", 2, 16}},
};

void add_heif(const HeifKind& kind, int width, int height, std::vector<EncodedPicture>& all) {
  const ScratchFolder scratch;
  const Content png = encode_png(kind.from, width, height).content;
  {
    std::ofstream file(scratch / "in.png", std::ios::binary);
    file.write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
  }
  const std::string command = "heif-enc " + std::string(kind.arguments) + " -o " +
                              (scratch / "out").string() + " " + (scratch / "in.png").string() +
                              " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) return;
  all.push_back({kind.name, to_content(slurp(scratch / "out"))});
}

}  // namespace

std::vector<EncodedPicture> encode_all_kinds(int width, int height, const std::string& only) {
  setMsgSeverity(L_SEVERITY_NONE);
  const auto wanted = [&](const auto& kind) { return only.empty() || only == kind.name; };
  std::vector<EncodedPicture> all;
  for (const PngKind& kind : png_kinds)
    if (wanted(kind)) all.push_back(encode_png(kind, width, height));
  for (const JpegKind& kind : jpeg_kinds)
    if (wanted(kind)) all.push_back(encode_jpeg(kind, width, height));
  for (const PixKind& kind : pix_kinds)
    if (wanted(kind)) all.push_back(encode_pix(kind, width, height));
  for (const HeifKind& kind : heif_kinds)
    if (wanted(kind)) add_heif(kind, width, height, all);
  return all;
}

}  // namespace scrawl
