// Models of one architecture as one, whose weights are their averages.
#pragma once

#include <filesystem>

#include <scrawl/model.hpp>

namespace scrawl {

/// A model, or what a training's checkpoint has come to: its weights' moving average where there is
/// one, else the weights as they are. Throws Error as load_model does.
Model load_model_or_checkpoint(const std::filesystem::path& file);

}  // namespace scrawl
