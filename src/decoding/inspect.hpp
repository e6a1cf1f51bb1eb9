// A look at a picture file before it is decoded: its size, and whether it is whole. Decoders
// believe what a header says, and reserve the memory; and some print to standard error when data
// are damaged.
#pragma once

#include <cstddef>
#include <vector>

#include "decoding/bytes.hpp"
#include "decoding/format.hpp"

namespace scrawl {

/// Of a page, or of the first frame, in pixels.
struct PictureSize {
  std::size_t width;
  std::size_t height;
};

/// The greatest number that there is where the product is greater.
std::size_t pixels_of(PictureSize size);

/// The size that the decoder will use. Throws Error when the header is damaged, or the file ends
/// too early (where the format lets one see). `directory`: of a TIFF, from 0.
PictureSize read_picture_size(Bytes bytes, Format format, std::size_t directory = 0);

/// What a JPEG picture's frame header says (ITU T.81, B.2.2). Its size is that of the picture.
struct JpegFrame {
  PictureSize size{0, 0};
  std::size_t samples = 0;  ///< of a pixel
  std::size_t across = 1;   ///< blocks of 8 x 8 pixels that a unit has, across and down
  std::size_t down = 1;
  std::size_t blocks = 0;    ///< of a unit, of all samples together: fewer where some are coarser
  bool is_buffered = false;  ///< the scans go over it again and again, so that all has to be kept
};

/// Walks over the segments up to the end marker (ITU T.81, B.1). Throws Error where there is no
/// frame header, or two, of which decoders could take either.
JpegFrame find_jpeg_frame(Bytes jpeg);

/// The colors of a GIF file's first frame, 3 bytes each.
Bytes find_gif_colors(Bytes gif);

/// A PNG file with only the chunks that make its pixels; their checksums are verified. What is left
/// out (texts, color profiles) can be damaged or huge, and is not needed.
std::vector<std::byte> keep_pixel_chunks(Bytes png);

/// A GIF file that ends after its first frame, so that no others are decoded, and whose transparent
/// color is white.
std::vector<std::byte> keep_first_frame(Bytes gif);

}  // namespace scrawl
