// Pictures whose names were found in a folder, and how long a picture's file may be.
#pragma once

#include <cstddef>
#include <filesystem>

#include "picture/picture.hpp"

namespace scrawl {

/// A file of more bytes than this is refused: 100 megapixels take less in any format.
inline constexpr std::size_t max_picture_bytes = std::size_t{512} << 20;

/// load_picture of a file that nobody has named: of a regular file alone, without ever waiting for
/// one (read_found_file). Throws FileError, whose problem names no file.
Picture load_found_picture(const std::filesystem::path& file);

}  // namespace scrawl
