// Pictures in memory: views of a program's own pixels, and pictures that scrawl decoded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include <scrawl/error.hpp>
#include <scrawl/result.hpp>
#include <scrawl/scrawl.h>

namespace scrawl {
inline namespace v0 {

/// Channels of a pixel in memory order, one byte each (gray16: two bytes in the machine's byte
/// order). Alpha is not premultiplied; transparent pixels are blended with white.
enum class PixelFormat {
  gray = SCRAWL_GRAY,              ///< 0 black to 255 white
  gray_alpha = SCRAWL_GRAY_ALPHA,  ///< gray, alpha
  rgb = SCRAWL_RGB,                ///< red, green, blue
  rgba = SCRAWL_RGBA,              ///< red, green, blue, alpha
  bgr = SCRAWL_BGR,                ///< blue, green, red, as in OpenCV
  bgra = SCRAWL_BGRA,              ///< blue, green, red, alpha
  gray16 = SCRAWL_GRAY16,          ///< 0 black to 65535 white
};

/// Pixels in somebody else's memory, which have to stay there as long as the view is used.
struct ImageView {
  const void* pixels = nullptr;            ///< the top left pixel
  std::size_t width = 0;                   ///< in pixels; width * height is 1 to 100 million
  std::size_t height = 0;                  ///< in pixels
  PixelFormat format = PixelFormat::gray;  ///< channels of a pixel
  /// Bytes from the start of a row to the start of the row below, which may be negative; 0 means
  /// that rows follow each other without a gap.
  std::ptrdiff_t stride = 0;
};

namespace detail {

inline scrawl_view to_c(const ImageView& view) {
  scrawl_view c = SCRAWL_VIEW;
  c.pixels = view.pixels;
  c.width = view.width;
  c.height = view.height;
  c.stride = view.stride;
  c.format = static_cast<int>(view.format);
  return c;
}

}  // namespace detail

/// An immutable picture, gray or RGB. Copies share its pixels, so copying is cheap. Safe to use
/// from several threads. Needs scrawl::decoding.
class Image {
 public:
  /// Decodes a PNG, JPEG, TIFF, BMP, GIF, WebP or PNM file, or HEIC or AVIF if libheif is
  /// installed, and turns the picture upright as its EXIF orientation says. The content decides on
  /// the format, not the name. Throws Error: not_found; too_large if it has more than 100 million
  /// pixels; invalid_input if the file is empty, damaged or in another format.
  /// `page` is one of count_pages(), the first is 1; invalid_argument if there is no such page.
  static Image load(const std::filesystem::path& file, std::size_t page = 1) {
    return try_load(file, page).value();
  }
  /// Does what load() does, but returns errors instead of throwing them.
  static Result<Image> try_load(const std::filesystem::path& file, std::size_t page = 1) {
    scrawl_error error = SCRAWL_ERROR;
    return made(scrawl_image_load_page(file.string().c_str(), page, &error), error);
  }

  /// Decodes the bytes of a file, as load() does.
  static Image decode(std::span<const std::byte> bytes, std::size_t page = 1) {
    return try_decode(bytes, page).value();
  }
  /// Does what decode() does, but returns errors instead of throwing them.
  static Result<Image> try_decode(std::span<const std::byte> bytes, std::size_t page = 1) {
    scrawl_error error = SCRAWL_ERROR;
    return made(scrawl_image_decode_page(bytes.data(), bytes.size(), page, &error), error);
  }

  /// The picture's pixels, valid as long as a copy of the picture exists.
  ImageView view() const {
    scrawl_view c = SCRAWL_VIEW;
    scrawl_image_view(image_.get(), &c, nullptr);
    return {c.pixels, c.width, c.height, static_cast<PixelFormat>(c.format), c.stride};
  }

  /// Takes ownership of what a function of scrawl.h returned, which must not be NULL.
  explicit Image(scrawl_image* image) : image_(image, scrawl_image_free) {}
  /// The picture for functions of scrawl.h, still owned by this object.
  const scrawl_image* handle() const { return image_.get(); }

 private:
  static Result<Image> made(scrawl_image* image, const scrawl_error& error) {
    if (image == nullptr) return detail::to_error(error);
    return Image(image);
  }

  std::shared_ptr<const scrawl_image> image_;
};

/// Number of pages of a file: TIFF files can have several, and PDF files if the programs of
/// poppler-utils are installed; other pictures have 1. Throws Error if it is not a picture. Needs
/// scrawl::decoding.
inline std::size_t count_pages(const std::filesystem::path& file) {
  scrawl_error error = SCRAWL_ERROR;
  const std::size_t count = scrawl_page_count(file.string().c_str(), &error);
  if (count == 0) throw detail::to_error(error);
  return count;
}
/// Number of pages of the bytes of a file.
inline std::size_t count_pages(std::span<const std::byte> bytes) {
  scrawl_error error = SCRAWL_ERROR;
  const std::size_t count = scrawl_page_count_memory(bytes.data(), bytes.size(), &error);
  if (count == 0) throw detail::to_error(error);
  return count;
}

/// Writes a PNG. An error leaves no incomplete file. Throws Error: not_found if the file's folder
/// does not exist; invalid_input if the file cannot be written. Needs scrawl::decoding.
inline void save_png(const ImageView& view, const std::filesystem::path& file) {
  scrawl_error error = SCRAWL_ERROR;
  const scrawl_view c = detail::to_c(view);
  if (scrawl_image_save_png(&c, file.string().c_str(), &error) != SCRAWL_OK)
    throw detail::to_error(error);
}

}  // namespace v0
}  // namespace scrawl
