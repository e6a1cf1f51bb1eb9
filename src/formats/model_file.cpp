#include "formats/model_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "files/files.hpp"
#include "files/number_of_text.hpp"
#include "files/old_names.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

constexpr const char* architecture_key = "scrawl.architecture";
constexpr const char* temperature_key = "scrawl.temperature";
constexpr const char* activation_ranges_key = "scrawl.activation_ranges";

/// Numbers separated by single spaces; nothing where the text is anything else, or more than
/// `most`.
std::vector<float> parse_numbers(std::string_view text, std::size_t most) {
  std::vector<float> numbers;
  while (true) {
    const std::size_t space = text.find(' ');
    const auto number = number_of_text<float>(text.substr(0, space));
    if (!number || numbers.size() == most) return {};
    numbers.push_back(*number);
    if (space == std::string_view::npos) return numbers;
    text.remove_prefix(space + 1);
  }
}

[[noreturn]] void refuse(const std::filesystem::path& name, const char* key, std::string_view found,
                         std::string_view expected) {
  throw Error(fmt::format("{}: metadata {}: found '{}', expected {}", name.string(), key,
                          excerpt(found), expected));
}

float parse_temperature(std::string_view text, const std::filesystem::path& name) {
  const auto number = number_of_text<float>(text);
  if (!number) refuse(name, temperature_key, text, "a number");
  return *number;
}

/// Which and how many may be, check_model knows.
std::vector<float> parse_activation_ranges(std::string_view text,
                                           const std::filesystem::path& name) {
  constexpr std::size_t most = 1000;  // an architecture has no more than 100 layers
  std::vector<float> numbers = parse_numbers(text, most);
  if (numbers.empty()) refuse(name, activation_ranges_key, text, "numbers");
  return numbers;
}

/// Takes one entry out of the metadata.
std::string take(std::map<std::string, std::string>& metadata, const char* key,
                 const std::filesystem::path& name) {
  const auto entry = metadata.find(key);
  if (entry == metadata.end()) {
    throw ForeignModelError(
        fmt::format("{}: metadata {} is missing: not a model that scrawl wrote; one that PyTorch "
                    "wrote has to be imported (import_pytorch)",
                    name.string(), key));
  }
  std::string value = std::move(entry->second);
  metadata.erase(entry);
  return value;
}

/// The file's tensors in the architecture's order; what does not fit is left for check_model.
std::vector<Tensor> in_order(std::vector<Tensor> tensors, const Architecture& architecture) {
  std::vector<Tensor> ordered;
  for (const Tensor& expected : weight_shapes(architecture)) {
    const auto found = std::ranges::find(tensors, expected.name, &Tensor::name);
    if (found == tensors.end()) continue;
    ordered.push_back(std::move(*found));
    tensors.erase(found);
  }
  std::ranges::move(tensors, std::back_inserter(ordered));
  return ordered;
}

}  // namespace

std::string format_normalization(const Normalization& normalization) {
  return fmt::format("{} {}", normalization.mean, normalization.std);
}

Normalization parse_normalization(std::string_view text, const std::filesystem::path& name) {
  const std::vector<float> numbers = parse_numbers(text, 2);
  if (numbers.size() != 2) {
    refuse(name, normalization_key, text,
           fmt::format("mean and std, as in '{} {}'", Normalization().mean, Normalization().std));
  }
  return {numbers[0], numbers[1]};
}

std::map<std::string, std::string> metadata_of(const Model& model) {
  std::map<std::string, std::string> metadata = model.metadata;
  metadata[architecture_key] = to_string(model.architecture);
  metadata[normalization_key] = format_normalization(model.normalization);
  metadata[temperature_key] = fmt::format("{}", model.temperature);
  if (!model.activation_ranges.empty())
    metadata[activation_ranges_key] = fmt::format("{}", fmt::join(model.activation_ranges, " "));
  return metadata;
}

std::map<std::string, std::string> own_metadata(std::map<std::string, std::string> metadata) {
  for (const char* key :
       {architecture_key, normalization_key, temperature_key, activation_ranges_key}) {
    metadata.erase(key);
  }
  return metadata;
}

Safetensors to_safetensors(const Model& model) {
  return {model.weights, metadata_of(model)};
}

bool is_model(const Safetensors& content) {
  return content.metadata.contains(architecture_key);
}

Model to_model(const Safetensors& content, const std::filesystem::path& name) {
  Model model;
  model.metadata = content.metadata;
  rename_keys(renamed_model_keys, model.metadata);
  const std::string architecture = take(model.metadata, architecture_key, name);
  model.normalization = parse_normalization(take(model.metadata, normalization_key, name), name);
  // Models of before temperatures have none.
  if (model.metadata.contains(temperature_key)) {
    model.temperature = parse_temperature(take(model.metadata, temperature_key, name), name);
  }
  // Models that are not computed in int8 have none.
  if (model.metadata.contains(activation_ranges_key)) {
    model.activation_ranges =
        parse_activation_ranges(take(model.metadata, activation_ranges_key, name), name);
  }
  try {
    model.architecture = parse_architecture(architecture);
    model.weights = in_order(content.tensors, model.architecture);
    check_model(model);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", name.string(), error.what()));
  }
  return model;
}

Model load_model(std::span<const std::byte> bytes, const std::filesystem::path& name) {
  return to_model(parse_safetensors(bytes, name), name);
}

Model load_model(const std::filesystem::path& file) {
  return load_model(read_file(file, max_model_bytes), file);
}

void save_model(const Model& model, const std::filesystem::path& file) {
  check_model(model);
  write_file(file, format_safetensors(to_safetensors(model)));
}

void export_f16(const Model& model, const std::filesystem::path& file) {
  check_model(model);
  write_file(file, format_safetensors(to_safetensors(model), NumberType::f16));
}

}  // namespace scrawl
