// What the file of another program holds, before it is settled which model that is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include <scrawl/formats.hpp>
#include <scrawl/model.hpp>

#include "formats/infer_architecture.hpp"

namespace scrawl {

struct Imported {
  /// Bare weights, in the order of the file; none where the file describes its layers.
  std::vector<Tensor> tensors{};
  /// The model of a file that describes its layers.
  Model model{};
  /// Whether the file says how pixels are normalized, which `model` has then.
  bool knows_normalization = false;
};

/// Reads such a file; see import_model. The options say which state dict of several it is.
Imported read_foreign_model(std::span<const std::byte> bytes, const std::filesystem::path& name,
                            const ImportOptions& options);

/// The model by what the options say, and else by what is most usual. Throws Error where several
/// networks are as likely.
Model settle(Imported imported, const ImportOptions& options, const std::filesystem::path& name);

}  // namespace scrawl
