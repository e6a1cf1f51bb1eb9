// What stands behind the handles that both libraries give to C.
#pragma once

#include <scrawl/scrawl.h>

#include "c_interface/c_error.hpp"
#include "picture/picture.hpp"

struct scrawl_image {  // NOLINT(readability-identifier-naming)
  scrawl::Picture picture;
};

namespace scrawl {

inline PixelView to_view(const scrawl_view* given) {
  const scrawl_view view = from_c(require(given, "view"), SCRAWL_VIEW, "view", "SCRAWL_VIEW");
  if (view.format < SCRAWL_GRAY || view.format > SCRAWL_GRAY16)
    throw std::invalid_argument(
        fmt::format("view.format is {}, expected a scrawl_format, 0 to 6", view.format));
  require(static_cast<const std::byte*>(view.pixels), "view.pixels");
  return {view.pixels, view.width, view.height, view.stride, static_cast<PixelFormat>(view.format)};
}

}  // namespace scrawl
