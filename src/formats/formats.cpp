// Models of others: PyTorch's in and out, ONNX and Keras in.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/model.hpp>

#include "files/files.hpp"
#include "formats/import_onnx.hpp"
#include "formats/imported.hpp"
#include "formats/infer_architecture.hpp"
#include "formats/keras.hpp"
#include "formats/model_file.hpp"
#include "formats/onnx.hpp"
#include "formats/pth.hpp"
#include "formats/safetensors.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

/// A safetensors file holds its tensors in any order, mostly by name: fc2 goes before fc10 here.
void sort_by_name(std::vector<Tensor>& tensors) {
  std::ranges::stable_sort(tensors, [](const Tensor& left, const Tensor& right) {
    return strverscmp(left.name.c_str(), right.name.c_str()) < 0;
  });
}

/// A header in JSON comes behind its length.
bool begins_like_safetensors(std::span<const std::byte> bytes) {
  constexpr std::size_t length_size = 8;
  return bytes.size() > length_size && bytes[length_size] == std::byte{'{'};
}

}  // namespace

Imported read_foreign_model(std::span<const std::byte> bytes, const std::filesystem::path& name,
                            const ImportOptions& options) {
  if (is_keras(bytes)) return import_keras(bytes, name);
  if (is_pth(bytes)) return {.tensors = parse_pth(bytes, options.key, name)};
  const bool is_called_onnx = name.extension() == ".onnx";
  if ((onnx::is_onnx(bytes) && !begins_like_safetensors(bytes)) || is_called_onnx)
    return import_onnx(bytes, name);
  Safetensors content = parse_safetensors(bytes, name);
  if (!options.key.empty()) {
    throw OptionError(fmt::format("{}: key '{}': a safetensors file is one state dict",
                                  name.string(), options.key));
  }
  if (is_model(content) && !options.architecture)
    return {.model = to_model(content, name), .knows_normalization = true};
  sort_by_name(content.tensors);
  return {.tensors = std::move(content.tensors)};
}

Model settle(Imported imported, const ImportOptions& options, const std::filesystem::path& name) {
  if (!imported.tensors.empty()) return infer_model(std::move(imported.tensors), options, name);
  if (options.architecture) {
    throw OptionError(fmt::format("{}: an architecture is told, where the file has its own: {}",
                                  name.string(), to_string(imported.model.architecture)));
  }
  if (options.normalization) imported.model.normalization = *options.normalization;
  check_model(imported.model);
  return std::move(imported.model);
}

Model import_model(std::span<const std::byte> bytes, const std::filesystem::path& name,
                   const ImportOptions& options) {
  return settle(read_foreign_model(bytes, name, options), options, name);
}

Model import_model(const std::filesystem::path& file, const ImportOptions& options) {
  return import_model(read_file(file, max_model_bytes), file, options);
}

Model import_pytorch(std::span<const std::byte> bytes, const std::filesystem::path& name,
                     const ImportOptions& options) {
  return import_model(bytes, name, options);
}

Model import_pytorch(const std::filesystem::path& file, const ImportOptions& options) {
  return import_model(file, options);
}

void export_pytorch(const Model& model, const std::filesystem::path& file) {
  check_model(model);
  std::vector<Tensor> tensors = model.weights;
  // The last layer has a weight and a bias.
  for (std::size_t i = tensors.size() - 2; i < tensors.size(); ++i) {
    for (float& value : tensors[i].values) value /= model.temperature;
  }
  write_file(file, format_pth(tensors));
}

}  // namespace scrawl
