// Picture files: which decoder takes which, and what none may see.
#include <cstddef>
#include <filesystem>
#include <fmt/core.h>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/deep_tiff.hpp"
#include "decoding/format.hpp"
#include "decoding/found_picture.hpp"
#include "decoding/heif.hpp"
#include "decoding/inspect.hpp"
#include "decoding/jpeg.hpp"
#include "decoding/leptonica.hpp"
#include "decoding/orientation.hpp"
#include "decoding/pdf.hpp"
#include "decoding/png.hpp"
#include "decoding/tiff_pages.hpp"
#include "files/files.hpp"
#include "picture/picture.hpp"

namespace scrawl {

namespace {

/// libpng's and Leptonica's own limit, checked here so that libpng need not complain.
constexpr std::size_t max_side = 1'000'000;

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

Picture decode_tiff(Bytes bytes, std::size_t directory, PictureSize size) {
  if (read_deep_tiff_header(bytes, directory)) return decode_deep_tiff(bytes, directory);
  return decode_by_leptonica(bytes, Format::tiff, size, directory);
}

Picture decode_format(Bytes bytes, Format format, std::size_t max_pixels, std::size_t page) {
  const std::size_t directory = find_directory(bytes, format, page);
  const PictureSize size = read_picture_size(bytes, format, directory);
  check_size(size, max_pixels);
  switch (format) {
    case Format::heif:
      return decode_heif(bytes, max_pixels);  // which turns it upright
    case Format::jpeg:
      return make_upright(decode_jpeg(bytes, size), read_orientation(bytes, format));
    case Format::png:
      return make_upright(decode_png(keep_pixel_chunks(bytes), size),
                          read_orientation(bytes, format));
    case Format::tiff:
      return decode_tiff(bytes, directory, size);
    default:
      return make_upright(decode_by_leptonica(bytes, format, size),
                          read_orientation(bytes, format));
  }
}

}  // namespace

Picture decode_picture(std::span<const std::byte> bytes, const std::filesystem::path& name,
                       std::size_t max_pixels, std::size_t page) {
  std::string what = name.empty() ? "" : name.string() + ": ";
  try {
    if (is_pdf(bytes)) {
      what += "PDF: ";
      return decode_pdf(bytes, page, max_pixels);
    }
    const Format format = detect_format(bytes);
    what += fmt::format("{} picture: ", to_string(format));
    return decode_format(bytes, format, max_pixels, page);
  } catch (const TooLargeError& error) {
    throw TooLargeError(what + error.what());
  } catch (const Error& error) {
    throw Error(what + error.what(), error.code());
  }
}

std::size_t count_pages(std::span<const std::byte> bytes) {
  if (is_pdf(bytes)) return count_pdf_pages(bytes);
  const bool is_tiff = !bytes.empty() && detect_format(bytes) == Format::tiff;
  return is_tiff ? find_tiff_pages(bytes).size() : 1;
}

Picture load_picture(const std::filesystem::path& file, std::size_t page) {
  return decode_picture(read_file(file, max_picture_bytes), file, max_picture_pixels, page);
}

Picture load_found_picture(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_found_file(file, max_picture_bytes);
  try {
    return decode_picture(bytes, "");
  } catch (const Error& error) {
    throw FileError(file, error.what());
  }
}

}  // namespace scrawl
