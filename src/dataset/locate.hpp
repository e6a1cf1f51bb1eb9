// Where a data set's files are.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <scrawl/dataset.hpp>

namespace scrawl {

/// The two files of a part.
enum class Content { images, labels };

/// MNIST's name for a file, e.g. train-images-idx3-ubyte.
std::string idx_name(Part part, Content content);

/// The file `name` (as idx_name makes it) in `folder`: see load_dataset for the places and
/// spellings. What is there but may not be looked at counts as found, so that opening it tells why.
/// Empty when there is none.
std::filesystem::path locate(const std::filesystem::path& folder, std::string_view name);

}  // namespace scrawl
