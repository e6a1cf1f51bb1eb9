// How large a HEIC or AVIF picture is when it is decoded, whatever its boxes claim.
#pragma once

#include <cstddef>

#include "decoding/bytes.hpp"
#include "decoding/inspect.hpp"

namespace scrawl {

struct HeifSize {
  PictureSize largest{0, 0};  ///< of what is claimed, what is shown, and each frame that is coded
  std::size_t decoder = 0;    ///< bytes that decoding the coded image that takes most takes
  std::size_t parts = 0;  ///< of how many images it is put together; several are decoded at once
  std::size_t bit_depth = 8;
  bool has_alpha = false;
};

/// Throws Error when it is damaged, or its size cannot be established.
HeifSize read_heif_size(Bytes file);

}  // namespace scrawl
