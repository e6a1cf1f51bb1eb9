// Which files hold a part of a data set, by the names that public data sets have.
#pragma once

#include <filesystem>

#include <scrawl/dataset.hpp>

namespace scrawl {

struct Source {
  std::filesystem::path images;
  std::filesystem::path labels;  ///< empty: in the same file, or there are none
};

/// The files of a part in a folder, or the file that `path` itself is, whatever the part, with the
/// labels that stand beside it. Throws MissingDatasetError where there are none.
Source find_source(const std::filesystem::path& path, Part part);

/// The same; `images` is empty where there are none.
Source look_for_source(const std::filesystem::path& path, Part part);

}  // namespace scrawl
