// What - means where the command line expects a file: standard input.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include <scrawl/model.hpp>

#include "picture/picture.hpp"

namespace scrawl::cli {

/// What messages call a file that is named so on the command line.
inline std::filesystem::path shown_name(const std::filesystem::path& file) {
  return file == "-" ? "standard input" : file;
}

// As load_picture and load_model, but for -.
Picture picture_named(const std::filesystem::path& file);
Model model_in(const std::filesystem::path& file);

/// The bytes of a file that may be a model.
std::vector<std::byte> model_bytes_in(const std::filesystem::path& file);

}  // namespace scrawl::cli
