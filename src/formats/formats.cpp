// Models from and for PyTorch.
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
#include "formats/infer_architecture.hpp"
#include "formats/model_file.hpp"
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

}  // namespace

Model import_pytorch(std::span<const std::byte> bytes, const std::filesystem::path& name,
                     const ImportOptions& options) {
  if (is_pth(bytes)) return infer_model(parse_pth(bytes, options.key, name), options, name);
  Safetensors content = parse_safetensors(bytes, name);
  if (!options.key.empty()) {
    throw OptionError(fmt::format("{}: key '{}': a safetensors file is one state dict",
                                  name.string(), options.key));
  }
  if (is_model(content) && !options.architecture) return to_model(content, name);
  sort_by_name(content.tensors);
  return infer_model(std::move(content.tensors), options, name);
}

Model import_pytorch(const std::filesystem::path& file, const ImportOptions& options) {
  return import_pytorch(read_file(file, max_model_bytes), file, options);
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
