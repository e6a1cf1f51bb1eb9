// Images as files have them: perhaps without labels, as those are that somebody else will grade.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

namespace scrawl {

struct Images {
  std::vector<std::uint8_t> pixels;  ///< (size, 28, 28), 0 paper to 255 ink
  std::vector<std::uint8_t> labels;  ///< (size), 0 to 9; empty: there are none
  std::string id_name;               ///< what the file calls its images' names; empty: it has none
  std::vector<std::string> ids;      ///< (size), or empty

  std::size_t size() const { return pixels.size() / glyph_pixels; }
};

/// What load_dataset loads, and the same without labels. Throws as it does.
Images load_images(const std::filesystem::path& path, Part part);

/// Whether the two parts of what `path` names are different images. Where only one part is there,
/// or one file holds all, they are not.
bool is_split(const std::filesystem::path& path);

}  // namespace scrawl
