// The user's corrected glyphs: a folder of PNG files by digit.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/hand.hpp>

#include "dataset/digest.hpp"
#include "hand/pictures_by_digit.hpp"
#include "picture/write_png.hpp"

namespace scrawl {

namespace fs = std::filesystem;

std::string glyph_id(GlyphView glyph) {
  Sha256 sum;
  sum.update(std::as_bytes(glyph));
  return sum.hex().substr(0, 16);
}

fs::path add_correction(const fs::path& folder, GlyphView glyph, int digit) {
  if (digit < 0 || digit >= static_cast<int>(digit_count)) {
    throw std::invalid_argument(fmt::format("correction: digit {}, expected 0 to 9", digit));
  }
  if (!has_ink(glyph)) throw Error("correction: there is no ink in the glyph");
  const std::string id = glyph_id(glyph);
  fs::path file = folder / std::to_string(digit) / (id + ".png");
  write_png(glyph, glyph_side, file);
  for (const Correction& other : list_corrections(folder)) {
    if (other.id == id && other.digit != digit) fs::remove(other.file);
  }
  return file;
}

bool remove_correction(const fs::path& folder, const std::string& id) {
  bool removed = false;
  for (const Correction& correction : list_corrections(folder)) {
    if (correction.id == id) removed = fs::remove(correction.file) || removed;
  }
  return removed;
}

std::vector<Correction> list_corrections(const fs::path& folder) {
  std::vector<Correction> corrections;
  for (const FileOfDigit& file : files_by_digit(folder)) {
    corrections.push_back({file.path.stem().string(), file.digit, file.path});
  }
  return corrections;
}

Dataset load_collection(const fs::path& folder) {
  if (files_by_digit(folder).empty()) return {};
  PicturesByDigit pictures = load_pictures_by_digit(folder);
  if (!pictures.unread.empty()) throw Error(pictures.unread.front());
  return std::move(pictures.dataset);
}

}  // namespace scrawl
