#include "hand/pictures_by_digit.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/hand.hpp>
#include <scrawl/picture.hpp>

#include "network/workers.hpp"

namespace scrawl {

namespace fs = std::filesystem;

namespace {

bool is_folder(const fs::path& path) {
  std::error_code ignored;  // no folder, whatever is wrong with it
  return fs::is_directory(path, ignored);
}

/// A grey picture of 28x28 is one already when its frame is black but for some ink, or when it has
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

/// What became of one file.
struct Outcome {
  std::optional<Glyph> glyph;
  std::string unread;  // why it could not be read; empty: it was, so there is no ink
};

Outcome read(const fs::path& file) {
  try {
    const Picture picture = load_picture(file);
    if (auto glyph = as_glyph(picture, file.stem().string())) {
      return has_ink(*glyph) ? Outcome{glyph, {}} : Outcome{};
    }
    const auto found = find_glyph(picture);
    return found ? Outcome{found->glyph, {}} : Outcome{};
  } catch (const std::exception& error) {
    return {std::nullopt, error.what()};
  }
}

[[noreturn]] void fail_without_pictures(const fs::path& folder,
                                        const std::vector<std::string>& unread) {
  throw Error(fmt::format("{}: no picture in its folders 0 to 9{}", folder.string(),
                          unread.empty() ? "" : "; the first file: " + unread.front()));
}

}  // namespace

std::optional<Glyph> load_glyph(const fs::path& file) {
  const Outcome outcome = read(file);
  if (outcome.glyph) return outcome.glyph;
  std::error_code unknown;
  if (!fs::exists(file, unknown)) return std::nullopt;
  throw Error(outcome.unread.empty() ? file.string() + ": no ink stands out from the paper"
                                     : outcome.unread);
}

bool has_ink(GlyphView glyph) {
  return *std::ranges::max_element(glyph) >= 128;
}

std::vector<FileOfDigit> files_by_digit(const fs::path& folder) {
  std::vector<FileOfDigit> files;
  for (int digit = 0; digit < static_cast<int>(digit_count); ++digit) {
    const fs::path of_digit = folder / std::to_string(digit);
    if (!is_folder(of_digit)) continue;
    const auto first = static_cast<std::ptrdiff_t>(files.size());
    for (const fs::directory_entry& entry : fs::directory_iterator(of_digit)) {
      const fs::path& path = entry.path();
      if (path.filename().string().starts_with('.') || path.extension() == ".part") continue;
      if (!entry.is_directory()) files.push_back({path, digit});
    }
    std::sort(files.begin() + first, files.end(),
              [](const FileOfDigit& a, const FileOfDigit& b) { return a.path < b.path; });
  }
  return files;
}

bool has_pictures_by_digit(const fs::path& folder) {
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    if (is_folder(folder / std::to_string(digit))) return true;
  }
  return false;
}

PicturesByDigit load_pictures_by_digit(const fs::path& folder, int threads) {
  const std::vector<FileOfDigit> files = files_by_digit(folder);
  std::vector<Outcome> outcomes(files.size());
  Workers workers(threads);
  workers.run(files.size(), [&](std::size_t i, std::size_t) { outcomes[i] = read(files[i].path); });
  PicturesByDigit pictures;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    if (outcome.glyph) {
      Dataset& dataset = pictures.dataset;
      dataset.images.insert(dataset.images.end(), outcome.glyph->begin(), outcome.glyph->end());
      dataset.labels.push_back(static_cast<std::uint8_t>(files[i].digit));
      pictures.files.push_back(files[i].path);
    } else if (outcome.unread.empty()) {
      throw Error(fmt::format("{}: no ink stands out from the paper; take it out of the folder",
                              files[i].path.string()));
    } else {
      pictures.unread.push_back(outcome.unread);
    }
  }
  if (pictures.files.empty()) fail_without_pictures(folder, pictures.unread);
  return pictures;
}

PicturesByDigit load_data(const fs::path& folder, Part part, int threads) {
  const fs::path of_part = folder / (part == Part::train ? "train" : "test");
  if (has_pictures_by_digit(of_part)) return load_pictures_by_digit(of_part, threads);
  if (has_pictures_by_digit(folder)) return load_pictures_by_digit(folder, threads);
  return {load_dataset(folder, part), {}, {}};
}

}  // namespace scrawl
