#include "decoding/deep_tiff.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <fmt/core.h>
#include <limits>
#include <memory>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/quiet_decoders.hpp"

namespace scrawl {

namespace {

struct Tiff;  // libtiff's own

// As tiffio.h declares them.
using Transfer = std::ptrdiff_t (*)(void*, void*, std::ptrdiff_t);
using Seek = std::uint64_t (*)(void*, std::uint64_t, int);
using Close = int (*)(void*);
using Size = std::uint64_t (*)(void*);
using Map = int (*)(void*, void**, std::uint64_t*);
using Unmap = void (*)(void*, void*, std::uint64_t);

/// libtiff is not ours to link (see quiet_decoders.cpp): Leptonica brings it, or is built without.
template <typename Function>
Function find_function(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, name));
}

struct LibTiff {
  Tiff* (*open)(const char*, const char*, void*, Transfer, Transfer, Seek, Close, Size, Map, Unmap);
  void (*close)(Tiff*);
  int (*set_directory)(Tiff*, unsigned);
  int (*get_field)(Tiff*, std::uint32_t, ...);
  int (*is_tiled)(Tiff*);
  std::ptrdiff_t (*scanline_size)(Tiff*);
  int (*read_scanline)(Tiff*, void*, std::uint32_t, std::uint16_t);

  bool is_there() const {
    return open != nullptr && close != nullptr && set_directory != nullptr &&
           get_field != nullptr && is_tiled != nullptr && scanline_size != nullptr &&
           read_scanline != nullptr;
  }
};

LibTiff find_libtiff() {
  return {find_function<decltype(LibTiff::open)>("TIFFClientOpen"),
          find_function<decltype(LibTiff::close)>("TIFFClose"),
          find_function<decltype(LibTiff::set_directory)>("TIFFSetDirectory"),
          find_function<decltype(LibTiff::get_field)>("TIFFGetFieldDefaulted"),
          find_function<decltype(LibTiff::is_tiled)>("TIFFIsTiled"),
          find_function<decltype(LibTiff::scanline_size)>("TIFFScanlineSize"),
          find_function<decltype(LibTiff::read_scanline)>("TIFFReadScanline")};
}

/// A file in memory, as libtiff asks for it.
struct Memory {
  Bytes bytes;
  std::uint64_t at = 0;

  static Memory& of(void* self) { return *static_cast<Memory*>(self); }
  static std::ptrdiff_t read(void* self, void* to, std::ptrdiff_t count) {
    Memory& memory = of(self);
    if (count <= 0 || memory.at >= memory.bytes.size()) return 0;
    const auto size = std::min<std::size_t>(count, memory.bytes.size() - memory.at);
    std::memcpy(to, memory.bytes.data() + memory.at, size);
    memory.at += size;
    return static_cast<std::ptrdiff_t>(size);
  }
  static std::ptrdiff_t write(void*, void*, std::ptrdiff_t) { return 0; }
  static std::uint64_t seek(void* self, std::uint64_t offset, int from) {
    Memory& memory = of(self);
    const std::uint64_t base = from == SEEK_SET   ? 0
                               : from == SEEK_CUR ? memory.at
                                                  : memory.bytes.size();
    return memory.at = base + offset;
  }
  static int close(void*) { return 0; }
  static std::uint64_t size(void* self) { return of(self).bytes.size(); }
  static int map(void*, void**, std::uint64_t*) { return 0; }
  static void unmap(void*, void*, std::uint64_t) {}
};

enum class Number : std::uint16_t { whole = 1, with_sign = 2, floating = 3 };  // SampleFormat

/// A directory that is open.
class OpenTiff {
 public:
  OpenTiff(Bytes bytes, std::size_t directory) : memory_{bytes}, lib_(find_libtiff()) {
    if (!lib_.is_there()) return;
    // "m": not mapped into memory, where a file that is cut short would end the process
    file_ = lib_.open("memory", "rm", &memory_, Memory::read, Memory::write, Memory::seek,
                      Memory::close, Memory::size, Memory::map, Memory::unmap);
    if (file_ != nullptr && lib_.set_directory(file_, static_cast<unsigned>(directory)) == 0) {
      lib_.close(file_);
      file_ = nullptr;
    }
  }
  ~OpenTiff() {
    if (file_ != nullptr) lib_.close(file_);
  }
  OpenTiff(const OpenTiff&) = delete;
  OpenTiff& operator=(const OpenTiff&) = delete;

  bool is_open() const { return file_ != nullptr; }
  bool is_tiled() const { return lib_.is_tiled(file_) != 0; }
  std::size_t row_size() const { return static_cast<std::size_t>(lib_.scanline_size(file_)); }

  template <typename Value>
  Value field(std::uint32_t tag) const {
    Value value = 0;
    return lib_.get_field(file_, tag, &value) == 1 ? value : Value{0};
  }

  bool read_row(void* to, std::size_t row) const {
    return lib_.read_scanline(file_, to, static_cast<std::uint32_t>(row), 0) == 1;
  }

 private:
  Memory memory_;
  LibTiff lib_;
  Tiff* file_ = nullptr;
};

struct Samples {
  DeepTiffHeader header;
  Number number = Number::whole;
  bool white_is_zero = false;
};

// Tags (TIFF 6.0, 8).
constexpr std::uint32_t image_width = 256, image_length = 257, bits_per_sample = 258,
                        photometric = 262, samples_per_pixel = 277, planar_configuration = 284,
                        sample_format = 339;

std::optional<Samples> samples_of(const OpenTiff& tiff) {
  if (!tiff.is_open()) return std::nullopt;
  Samples found;
  found.header = {{tiff.field<std::uint32_t>(image_width), tiff.field<std::uint32_t>(image_length)},
                  tiff.field<std::uint16_t>(bits_per_sample),
                  tiff.field<std::uint16_t>(samples_per_pixel)};
  found.number = static_cast<Number>(tiff.field<std::uint16_t>(sample_format));
  found.white_is_zero = tiff.field<std::uint16_t>(photometric) == 0;
  const bool is_number = found.number == Number::floating || found.number == Number::whole ||
                         found.number == Number::with_sign;
  const std::size_t bits = found.header.bits;
  const std::size_t samples = found.header.samples;
  const bool in_planes = tiff.field<std::uint16_t>(planar_configuration) == 2;
  if (!is_number || !(bits == 32 || (bits == 64 && found.number == Number::floating)) ||
      samples < 1 || samples > 4 || (in_planes && samples > 1) || tiff.is_tiled())
    return std::nullopt;
  return found;
}

template <typename Value>
float value_at(const std::byte* row, std::size_t i) {
  Value value;
  std::memcpy(&value, row + i * sizeof value, sizeof value);
  return static_cast<float>(value);
}

float sample_at(const std::byte* row, std::size_t i, const Samples& of) {
  if (of.header.bits == 64) return value_at<double>(row, i);
  if (of.number == Number::floating) return value_at<float>(row, i);
  if (of.number == Number::with_sign) return value_at<std::int32_t>(row, i);
  return value_at<std::uint32_t>(row, i);
}

/// From numbers to levels of gray; what is no number is black.
std::vector<std::uint8_t> to_levels(const std::vector<float>& values, bool white_is_zero) {
  float low = std::numeric_limits<float>::max();
  float high = std::numeric_limits<float>::lowest();
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  for (const float usual : {1.0F, 255.0F, 65535.0F}) {
    if (low < 0 || high > usual) continue;
    low = 0;
    high = usual;
    break;
  }
  const float scale = high > low ? 255 / (high / 2 - low / 2) / 2 : 0;  // which does not overflow
  std::vector<std::uint8_t> levels;
  levels.reserve(values.size());
  for (const float value : values) {
    const float level =
        std::isfinite(value) ? std::clamp((value - low) * scale + 0.5F, 0.0F, 255.0F) : 0;
    levels.push_back(static_cast<std::uint8_t>(white_is_zero ? 255 - level : level));
  }
  return levels;
}

}  // namespace

std::optional<DeepTiffHeader> read_deep_tiff_header(Bytes bytes, std::size_t directory) {
  const QuietDecoders quiet;
  const auto found = samples_of(OpenTiff(bytes, directory));
  return found ? std::optional(found->header) : std::nullopt;
}

Picture decode_deep_tiff(Bytes bytes, std::size_t directory) {
  const QuietDecoders quiet;
  const OpenTiff tiff(bytes, directory);
  const auto samples = samples_of(tiff);
  if (!samples) throw Error("damaged: its header cannot be read");
  const auto& [size, bits, per_pixel] = samples->header;
  const std::size_t channels = per_pixel < 3 ? 1 : 3;
  std::vector<std::byte> row(tiff.row_size());
  if (row.size() != size.width * per_pixel * bits / 8)
    throw Error("damaged: its rows are not of its width");
  std::vector<float> values;
  values.reserve(pixels_of(size) * channels);
  for (std::size_t y = 0; y < size.height; ++y) {
    if (!tiff.read_row(row.data(), y)) throw Error("damaged: its pixels cannot be decoded");
    for (std::size_t x = 0; x < size.width; ++x)
      for (std::size_t c = 0; c < channels; ++c)
        values.push_back(sample_at(row.data(), x * per_pixel + c, *samples));
  }
  return {static_cast<int>(size.width), static_cast<int>(size.height), static_cast<int>(channels),
          to_levels(values, samples->white_is_zero && channels == 1)};
}

}  // namespace scrawl
