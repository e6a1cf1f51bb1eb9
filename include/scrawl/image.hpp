// Pictures in memory: those of somebody else, and those that scrawl decoded.
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

/// How a pixel lies in memory: samples of one byte, or of two in the machine's order. Alpha is not
/// premultiplied; the picture is laid over white.
enum class PixelFormat {
  gray = SCRAWL_GRAY,  ///< 0 black to 255 white
  gray_alpha = SCRAWL_GRAY_ALPHA,
  rgb = SCRAWL_RGB,
  rgba = SCRAWL_RGBA,
  bgr = SCRAWL_BGR,  ///< as OpenCV has them
  bgra = SCRAWL_BGRA,
  gray16 = SCRAWL_GRAY16,  ///< 0 black to 65535 white
};

/// Pixels that somebody else owns, for as long as they are looked at.
struct ImageView {
  const void* pixels = nullptr;  ///< the top left one
  std::size_t width = 0;         ///< in pixels; width * height is 1 to 100 million
  std::size_t height = 0;
  PixelFormat format = PixelFormat::gray;
  std::ptrdiff_t stride = 0;  ///< bytes from a row to the one below, negative too; 0: no gap
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

/// A picture, gray or RGB, that stays as it is: copies share it, and cost nothing. Safe to use from
/// several threads. Needs scrawl::decoding.
class Image {
 public:
  /// Decodes PNG, JPEG, TIFF, BMP, GIF, WebP and PNM, and HEIC and AVIF where libheif is installed,
  /// told apart by their content, of at most 100 million pixels, and turns them upright. Throws
  /// Error: not_found, too_large, or invalid_input when the file is empty, none of these, or
  /// damaged.
  static Image load(const std::filesystem::path& file) { return try_load(file).value(); }
  static Result<Image> try_load(const std::filesystem::path& file) {
    scrawl_error error = SCRAWL_ERROR;
    return made(scrawl_image_load(file.string().c_str(), &error), error);
  }

  /// The same from a file's bytes.
  static Image decode(std::span<const std::byte> bytes) { return try_decode(bytes).value(); }
  static Result<Image> try_decode(std::span<const std::byte> bytes) {
    scrawl_error error = SCRAWL_ERROR;
    return made(scrawl_image_decode(bytes.data(), bytes.size(), &error), error);
  }

  /// Its pixels, which are gone with the last copy of it.
  ImageView view() const {
    scrawl_view c = SCRAWL_VIEW;
    scrawl_image_view(image_.get(), &c, nullptr);
    return {c.pixels, c.width, c.height, static_cast<PixelFormat>(c.format), c.stride};
  }

  /// Takes over what a function of scrawl.h gave, which must not be NULL.
  explicit Image(scrawl_image* image) : image_(image, scrawl_image_free) {}
  const scrawl_image* handle() const { return image_.get(); }

 private:
  static Result<Image> made(scrawl_image* image, const scrawl_error& error) {
    if (image == nullptr) return detail::to_error(error);
    return Image(image);
  }

  std::shared_ptr<const scrawl_image> image_;
};

/// Writes a PNG, and the folders that are missing above it. The file appears whole or not at all.
/// Throws Error when the disk will not take it. Needs scrawl::decoding.
inline void save_png(const ImageView& view, const std::filesystem::path& file) {
  scrawl_error error = SCRAWL_ERROR;
  const scrawl_view c = detail::to_c(view);
  if (scrawl_image_save_png(&c, file.string().c_str(), &error) != SCRAWL_OK)
    throw detail::to_error(error);
}

}  // namespace v0
}  // namespace scrawl
