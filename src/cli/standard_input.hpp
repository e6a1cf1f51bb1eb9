// What - means where the command line expects a file: standard input.
#pragma once

#include <filesystem>

#include <scrawl/formats.hpp>
#include <scrawl/model.hpp>

#include "picture/picture.hpp"

namespace scrawl::cli {

/// What messages call a file that is named so on the command line.
inline std::filesystem::path shown_name(const std::filesystem::path& file) {
  return file == "-" ? "standard input" : file;
}

// As load_picture, load_model and import_pytorch, but for -.
Picture picture_named(const std::filesystem::path& file);
Model model_in(const std::filesystem::path& file);
Model pytorch_model_in(const std::filesystem::path& file, const ImportOptions& options);

}  // namespace scrawl::cli
