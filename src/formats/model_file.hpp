// A model as the content of a safetensors file, and back.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "formats/safetensors.hpp"

namespace scrawl {

/// No model file is larger than this.
inline constexpr std::size_t max_model_bytes = std::size_t{1} << 30;

/// A safetensors file that scrawl did not write.
class ForeignModelError : public Error {
 public:
  using Error::Error;
};

/// What a model's file says beside its weights: the model's own metadata, with scrawl.architecture,
/// scrawl.normalization and so on.
std::map<std::string, std::string> metadata_of(const Model& model);

/// Of such metadata, the model's own.
std::map<std::string, std::string> own_metadata(std::map<std::string, std::string> metadata);

/// The tensors, and metadata_of(model).
Safetensors to_safetensors(const Model& model);

/// Under which metadata have it, and its text: mean and deviation.
inline constexpr const char* normalization_key = "scrawl.normalization";
std::string format_normalization(const Normalization& normalization);
/// Throws Error, naming `name` and the field.
Normalization parse_normalization(std::string_view text, const std::filesystem::path& name);

/// Whether scrawl wrote it, which is to say that it names its architecture.
bool is_model(const Safetensors& content);

/// Throws Error, naming `name` and the field, when something is missing or does not fit.
Model to_model(const Safetensors& content, const std::filesystem::path& name);

}  // namespace scrawl
