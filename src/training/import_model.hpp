// What training images show of a file that leaves something open.
#pragma once

#include <filesystem>

#include <scrawl/dataset.hpp>
#include <scrawl/formats.hpp>

#include "formats/imported.hpp"

namespace scrawl {

/// import_model of what was read already.
MeasuredImport measure(const Imported& imported, const ImportOptions& options,
                       const std::filesystem::path& name, const Dataset& images, int threads);

}  // namespace scrawl
