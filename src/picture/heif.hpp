// HEIC and AVIF pictures, as phones make them, where the build has libheif.
#pragma once

#include <cstddef>
#include <functional>

#include <scrawl/picture.hpp>

#include "picture/bytes.hpp"
#include "picture/inspect.hpp"

namespace scrawl {

/// Decodes the primary image, upright, alpha over white; `check` is called with its size before.
/// Throws Error when it is damaged, or this build has no libheif.
Picture decode_heif(Bytes bytes, const std::function<void(PictureSize)>& check);

}  // namespace scrawl
