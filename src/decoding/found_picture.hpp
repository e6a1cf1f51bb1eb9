// Pictures whose names were found in a folder.
#pragma once

#include <filesystem>

#include <scrawl/picture.hpp>

namespace scrawl {

/// load_picture of a file that nobody has named: of a regular file alone, without ever waiting for
/// one (read_found_file). Throws FileError, whose problem names no file.
Picture load_found_picture(const std::filesystem::path& file);

}  // namespace scrawl
