// Folders named 0 to 9 with pictures in them.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <scrawl/glyph.hpp>

namespace scrawl {

struct FileOfDigit {
  std::filesystem::path path;
  int digit;
};

/// The files in the folders 0 to 9 of `folder`, by digit and name, without hidden ones and those
/// that are half written. None when there are no such folders.
std::vector<FileOfDigit> files_by_digit(const std::filesystem::path& folder);

/// The glyph of a file; nothing when it has vanished. Throws Error when it cannot be read.
std::optional<Glyph> load_glyph(const std::filesystem::path& file);

/// Whether anything in a glyph is at least half as dark as full ink.
bool has_ink(GlyphView glyph);

}  // namespace scrawl
