// From a picture file to the glyph in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

namespace scrawl {

/// A decoded picture: 8 bits a sample, upright, alpha laid over white, or over black where a
/// picture is mostly transparent and all that is visible is light. What takes one throws
/// std::invalid_argument when its pixels do not fit its width, height and channels.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 1;                  ///< 1 (gray) or 3 (red, green, blue)
  std::vector<std::uint8_t> pixels;  ///< (height, width, channels)
};

/// A place in a picture, in pixels; x and y are those of the top left corner.
struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const Box&) const = default;
};

/// Pictures of more pixels than this are refused before they are decoded.
inline constexpr std::size_t max_picture_pixels = 100'000'000;

/// A picture of more pixels, or of more digits, than may be read.
class TooLargeError : public Error {
 public:
  explicit TooLargeError(const std::string& what) : Error(what, ErrorCode::too_large) {}
};

/// Decodes PNG, JPEG, TIFF, BMP, GIF, WebP and PNM, and HEIC and AVIF where the build has libheif,
/// told apart by their content.
/// Throws Error when the bytes are empty, none of these, or damaged, TooLargeError when there are
/// more than `max_pixels`, whatever else is wrong with them; `name` is what the message calls the
/// picture, empty: nothing. `page`: from 1, one of those that count_pages() counts. Safe to call
/// from several threads.
Picture decode_picture(std::span<const std::byte> bytes, const std::filesystem::path& name,
                       std::size_t max_pixels = max_picture_pixels, std::size_t page = 1);

/// The same from a file.
Picture load_picture(const std::filesystem::path& file, std::size_t page = 1);

/// How many pages a file has: TIFF can have several, and PDF, which is read where poppler-utils are
/// installed; all other formats have one, and so has a picture that is damaged. Throws Error when
/// it is no picture, or has more than 10,000 pages.
std::size_t count_pages(std::span<const std::byte> bytes);

/// How a pixel lies in memory: samples of one byte, or of two in the machine's order.
enum class PixelFormat { gray, gray_alpha, rgb, rgba, bgr, bgra, gray16 };

/// Pixels that somebody else owns: `height` rows from the top, each `stride` bytes behind the one
/// before, which may be negative; 0: no gap.
struct PixelView {
  const void* pixels = nullptr;
  std::size_t width = 0;
  std::size_t height = 0;
  std::ptrdiff_t stride = 0;
  PixelFormat format = PixelFormat::gray;
};

/// Makes a picture of them. Throws Error when there are none, TooLargeError when there are more
/// than max_picture_pixels, std::invalid_argument when the stride is shorter than a row.
Picture make_picture(const PixelView& view);

/// Makes a picture of pixels that are in memory already: rows from the top, each `stride` bytes
/// behind the one before (0: no gap), of `channels` bytes a pixel: 1 gray, 2 gray and alpha, 3 red,
/// green, blue, 4 the same and alpha (not premultiplied), which is laid over white. Throws Error
/// when there are no pixels or more than max_picture_pixels, std::invalid_argument when `bytes` do
/// not hold so many, or `channels` or `stride` cannot be.
Picture make_picture(std::span<const std::uint8_t> bytes, std::size_t width, std::size_t height,
                     std::size_t channels, std::size_t stride = 0);

/// A glyph and where in the picture its ink was.
struct FoundGlyph {
  Glyph glyph;
  Box box;
};

/// Takes the picture as one digit, and makes its glyph as MNIST's were made (LeCun et al. 1998):
/// ink told from paper whichever is darker, fitted into 20x20 with its aspect kept and
/// anti-aliased, its center of mass at the center of the 28x28 field. Nothing when there is no ink
/// (a blank picture).
std::optional<FoundGlyph> find_glyph(const Picture& picture);

}  // namespace scrawl
