// Folders named 0 to 9 with pictures in them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <scrawl/glyph.hpp>
#include <scrawl/personalization.hpp>

namespace scrawl {

/// The names in one folder that may be pictures': not of folders, not hidden, not half written, in
/// the order of the disk; `unfinished` gets those that are half written. None where there is no
/// such folder. Throws FileError when it cannot be read.
std::vector<std::string> picture_names(const std::filesystem::path& folder,
                                       std::vector<std::string>* unfinished = nullptr);

struct FileOfDigit {
  std::filesystem::path path;
  int digit;
};

/// The glyph of a file that was found in a folder; nothing when it has vanished. Throws FileError
/// when it is no regular file, no picture, or has no ink.
std::optional<Glyph> load_glyph(const std::filesystem::path& file);

/// Reads files on `threads` threads. Those that vanish are left out; what else load_glyph throws of
/// is named in `unread`.
PicturesByDigit load_glyphs(const std::vector<FileOfDigit>& files, int threads);

/// Whether anything in a glyph is at least half as dark as full ink.
bool has_ink(GlyphView glyph);

}  // namespace scrawl
