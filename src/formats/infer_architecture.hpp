// Which network bare tensors are the weights of.
#pragma once

#include <filesystem>
#include <vector>

#include <scrawl/formats.hpp>
#include <scrawl/model.hpp>

namespace scrawl {

/// A model of tensors that only have names and shapes, as import_pytorch has it. Throws Error with
/// `name`, the reason, the tensors and what to do when they are not recognized or do not fit.
Model infer_model(std::vector<Tensor> tensors, const ImportOptions& options,
                  const std::filesystem::path& name);

}  // namespace scrawl
