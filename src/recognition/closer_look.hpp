// Which parts of a level of the pyramid a network looks at.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "network/rectangle.hpp"
#include "recognition/canvas.hpp"

namespace scrawl {

/// All of a level of width x height pixels.
std::vector<Patch> cover_level(std::size_t level, int width, int height);

/// Those parts of it that `places`, in its pixels, lie in; all of it where that is little more.
std::vector<Patch> cover_places(std::size_t level, int width, int height,
                                std::span<const Rectangle> places);

}  // namespace scrawl
