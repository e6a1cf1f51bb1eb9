// A look at a picture file before it is decoded: its size, and whether it is whole. Decoders
// believe what a header says, and reserve the memory; and some print to standard error when data
// are damaged.
#pragma once

#include <cstddef>
#include <vector>

#include "picture/bytes.hpp"
#include "picture/format.hpp"

namespace scrawl {

/// Of the first page or frame, in pixels.
struct PictureSize {
  std::size_t width;
  std::size_t height;
};

/// Throws Error when the header is damaged, or the file ends too early (where the format lets one
/// see).
PictureSize read_picture_size(Bytes bytes, Format format);

/// A PNG file with only the chunks that make its pixels; their checksums are verified. What is left
/// out (texts, colour profiles) can be damaged or huge, and is not needed.
std::vector<std::byte> keep_pixel_chunks(Bytes png);

/// A GIF file that ends after its first frame, so that no others are decoded, and whose transparent
/// colour is white.
std::vector<std::byte> keep_first_frame(Bytes gif);

}  // namespace scrawl
