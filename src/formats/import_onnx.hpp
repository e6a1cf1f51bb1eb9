// Networks from ONNX files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "formats/imported.hpp"

namespace scrawl {

/// The model of a file whose graph is a chain of layers that we have, as our own and PyTorch's
/// exporter write them. Throws Error, naming `name`, the node and why, for any other.
Imported import_onnx(std::span<const std::byte> bytes, const std::filesystem::path& name);

}  // namespace scrawl
