// Folders named 0 to 9 with pictures in them, as a data set.
#include "personalization/pictures_by_digit.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <dirent.h>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "decoding/found_picture.hpp"
#include "files/files.hpp"
#include "network_training/workers.hpp"
#include "picture/picture.hpp"

namespace scrawl {

namespace fs = std::filesystem;

namespace {

constexpr auto no_ink = "no ink stands out from the paper";

bool is_folder(const fs::path& path) {
  std::error_code ignored;  // no folder, whatever is wrong with it
  return fs::is_directory(path, ignored);
}

/// A folder being listed. A directory_iterator makes a path of each name, and takes three times as
/// long: 100,000 names are worth that.
class Listing {
 public:
  explicit Listing(const fs::path& folder) : stream_(::opendir(folder.c_str())) {
    if (stream_ == nullptr && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
      throw FileError(folder, fmt::format("cannot open: {}", std::strerror(errno)), errno);
  }
  ~Listing() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;

  /// Null at the end.
  const dirent* next() { return stream_ == nullptr ? nullptr : ::readdir(stream_); }

 private:
  DIR* stream_;
};

bool is_folder(const dirent& entry, const fs::path& in) {
  if (entry.d_type == DT_DIR) return true;
  const bool has_to_look = entry.d_type == DT_LNK || entry.d_type == DT_UNKNOWN;
  return has_to_look && is_folder(in / entry.d_name);
}

/// A gray picture of 28x28 is one already when its frame is black but for some ink, or when it has
/// its glyph's id for a name, as those of a collection have.
std::optional<Glyph> as_glyph(const Picture& picture, const std::string& name) {
  constexpr int side = glyph_side;
  if (picture.width != side || picture.height != side || picture.channels != 1) return std::nullopt;
  Glyph glyph;
  std::ranges::copy(picture.pixels, glyph.begin());
  int black = 0;  // of the frame's pixels, the corners twice
  for (std::size_t i = 0; i < glyph_side; ++i) {
    for (const std::size_t at : {i, glyph_pixels - 1 - i, i * side, i * side + side - 1}) {
      black += glyph[at] == 0 ? 1 : 0;
    }
  }
  return black >= 3 * side || name == glyph_id(glyph) ? std::optional(glyph) : std::nullopt;
}

struct NoInk {};
using Outcome = std::variant<NoInk, Glyph, FileError>;

/// What becomes of one file.
Outcome read(const fs::path& file) {
  try {
    const Picture picture = load_found_picture(file);
    if (auto glyph = as_glyph(picture, file.stem().string())) {
      return has_ink(*glyph) ? Outcome(*glyph) : NoInk();
    }
    const auto found = find_glyph(picture);
    return found ? Outcome(found->glyph) : NoInk();
  } catch (const FileError& error) {
    return error;
  } catch (const std::exception& error) {
    return FileError(file, error.what());
  }
}

std::vector<Outcome> read_all(const std::vector<FileOfDigit>& files, int threads) {
  std::vector<Outcome> outcomes(files.size());
  Workers workers(threads);
  workers.run(files.size(), [&](std::size_t i, std::size_t) { outcomes[i] = read(files[i].path); });
  return outcomes;
}

/// Whether it is gone since it was listed; a link that leads nowhere is not.
bool has_vanished(const FileError& error) {
  std::error_code unknown;
  return error.number() == ENOENT &&
         fs::symlink_status(error.file(), unknown).type() == fs::file_type::not_found;
}

PicturesByDigit collect(const std::vector<FileOfDigit>& files,
                        const std::vector<Outcome>& outcomes) {
  PicturesByDigit pictures;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (const Glyph* glyph = std::get_if<Glyph>(&outcomes[i])) {
      Dataset& dataset = pictures.dataset;
      dataset.images.insert(dataset.images.end(), glyph->begin(), glyph->end());
      dataset.labels.push_back(static_cast<std::uint8_t>(files[i].digit));
      pictures.files.push_back(files[i].path);
    } else if (const FileError* error = std::get_if<FileError>(&outcomes[i])) {
      if (!has_vanished(*error)) pictures.unread.push_back({files[i].path, error->problem()});
    } else {
      pictures.unread.push_back({files[i].path, no_ink});
    }
  }
  return pictures;
}

/// By digit and name.
std::vector<FileOfDigit> files_by_digit(const fs::path& folder) {
  std::vector<FileOfDigit> files;
  for (int digit = 0; digit < static_cast<int>(digit_count); ++digit) {
    const fs::path of_digit = folder / std::to_string(digit);
    std::vector<std::string> names = picture_names(of_digit);
    std::ranges::sort(names);
    for (const std::string& name : names) files.push_back({of_digit / name, digit});
  }
  return files;
}

}  // namespace

std::vector<std::string> picture_names(const fs::path& folder,
                                       std::vector<std::string>* unfinished) {
  std::vector<std::string> names;
  Listing listing(folder);
  while (const dirent* entry = listing.next()) {
    const std::string_view name = entry->d_name;
    if (name.starts_with('.') || is_folder(*entry, folder)) continue;
    if (!name.ends_with(".part")) {
      names.emplace_back(name);
    } else if (unfinished != nullptr) {
      unfinished->emplace_back(name);
    }
  }
  return names;
}

std::optional<Glyph> load_glyph(const fs::path& file) {
  const Outcome outcome = read(file);
  if (const Glyph* glyph = std::get_if<Glyph>(&outcome)) return *glyph;
  const FileError* error = std::get_if<FileError>(&outcome);
  if (error == nullptr) throw FileError(file, no_ink);
  if (error->number() == ENOENT) return std::nullopt;
  throw *error;
}

PicturesByDigit load_glyphs(const std::vector<FileOfDigit>& files, int threads) {
  return collect(files, read_all(files, threads));
}

bool has_ink(GlyphView glyph) {
  return *std::ranges::max_element(glyph) >= 128;
}

bool has_pictures_by_digit(const fs::path& folder) {
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    if (is_folder(folder / std::to_string(digit))) return true;
  }
  return false;
}

PicturesByDigit load_pictures_by_digit(const fs::path& folder, int threads) {
  const std::vector<FileOfDigit> files = files_by_digit(folder);
  const std::vector<Outcome> outcomes = read_all(files, threads);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (std::holds_alternative<NoInk>(outcomes[i]))
      throw FileError(files[i].path, fmt::format("{}; take it out of the folder", no_ink));
  }
  PicturesByDigit pictures = collect(files, outcomes);
  if (!pictures.files.empty()) return pictures;
  std::string first;
  if (!pictures.unread.empty())
    first = fmt::format("; the first file: {}: {}", pictures.unread[0].file.string(),
                        pictures.unread[0].problem);
  throw Error(fmt::format("{}: no picture in its folders 0 to 9{}", folder.string(), first));
}

PicturesByDigit load_data(const fs::path& folder, Part part, int threads) {
  const fs::path of_part = folder / (part == Part::train ? "train" : "test");
  if (has_pictures_by_digit(of_part)) return load_pictures_by_digit(of_part, threads);
  if (has_pictures_by_digit(folder)) return load_pictures_by_digit(folder, threads);
  return {load_dataset(folder, part), {}, {}};
}

}  // namespace scrawl
