// PNG files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "picture/picture.hpp"

namespace scrawl {

/// The bytes of a PNG file. Throws Error where there is no memory for it.
std::vector<std::byte> format_png(const Picture& picture);

/// Writes gray levels (height, width), row by row from the top left, 0 black to 255 white. The file
/// appears whole or not at all. Throws Error when the disk will not take it.
void write_png(std::span<const std::uint8_t> levels, std::size_t width,
               const std::filesystem::path& file);

/// The same of a picture.
void write_png(const Picture& picture, const std::filesystem::path& file);

}  // namespace scrawl
