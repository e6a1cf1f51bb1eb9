// Networks that Keras saved: .h5, and .keras, a zip archive of config.json and model.weights.h5.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "formats/imported.hpp"

namespace scrawl {

/// Whether it is a .keras or an HDF5 file.
bool is_keras(std::span<const std::byte> bytes);

/// The model of a file whose layers stand one after another, and are such as we have. Throws Error,
/// naming `name`, the layer and why, for any other.
Imported import_keras(std::span<const std::byte> bytes, const std::filesystem::path& name);

}  // namespace scrawl
