// Pictures in the formats that Leptonica decodes for us: TIFF, BMP, GIF, WebP, PNM.
#pragma once

#include "decoding/bytes.hpp"
#include "decoding/format.hpp"
#include "decoding/inspect.hpp"
#include "picture/picture.hpp"

namespace scrawl {

/// What the header of a TIFF, WebP or PNM file says, which have no size at a fixed place.
struct LeptonicaHeader {
  PictureSize size;
  int bits = 8;              ///< of a sample; not of WebP
  int samples = 1;           ///< of a pixel
  bool has_palette = false;  ///< of TIFF
  bool is_jpeg = false;      ///< in a TIFF
};

/// Throws Error when it cannot be read. `directory`: of a TIFF, from 0.
LeptonicaHeader read_leptonica_header(Bytes bytes, Format format, std::size_t directory = 0);

/// Decodes a picture of this size, alpha over a background. Throws Error when it is of another
/// size or damaged.
Picture decode_by_leptonica(Bytes bytes, Format format, PictureSize size,
                            std::size_t directory = 0);

}  // namespace scrawl
