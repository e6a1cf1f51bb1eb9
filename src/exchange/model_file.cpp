#include "exchange/model_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "files/files.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

constexpr const char* architecture_key = "scrawl.architecture";
constexpr const char* temperature_key = "scrawl.temperature";
constexpr const char* ranges_key = "scrawl.ranges";
constexpr const char* normalisation_key = "scrawl.normalisation";

Normalisation parse_normalisation(const std::string& text, const std::filesystem::path& name) {
  Normalisation normalisation;
  const char* end = text.data() + text.size();
  const auto mean = std::from_chars(text.data(), end, normalisation.mean);
  const bool space = mean.ec == std::errc() && mean.ptr != end && *mean.ptr == ' ';
  const auto deviation = space ? std::from_chars(mean.ptr + 1, end, normalisation.deviation) : mean;
  if (!space || deviation.ec != std::errc() || deviation.ptr != end ||
      !std::isfinite(normalisation.mean) || !std::isnormal(normalisation.deviation) ||
      normalisation.deviation < 0) {
    throw Error(fmt::format(
        "{}: metadata {}: found '{}', expected mean and deviation, as in '{} {}'", name.string(),
        normalisation_key, text, Normalisation().mean, Normalisation().deviation));
  }
  return normalisation;
}

float parse_temperature(const std::string& text, const std::filesystem::path& name) {
  float temperature = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), temperature);
  if (error != std::errc() || stop != text.data() + text.size() || !std::isnormal(temperature) ||
      temperature < 0) {
    throw Error(fmt::format("{}: metadata {}: found '{}', expected a number above 0", name.string(),
                            temperature_key, text));
  }
  return temperature;
}

std::vector<float> parse_ranges(std::string_view text, const std::filesystem::path& name) {
  std::vector<float> ranges;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    float range = 0;
    const auto [stop, error] = std::from_chars(at, end, range);
    if (error != std::errc() || !std::isfinite(range) || range < 0 ||
        (stop != end && *stop != ' ')) {
      throw Error(fmt::format("{}: metadata {}: found '{}', expected numbers of 0 or more",
                              name.string(), ranges_key, text));
    }
    ranges.push_back(range);
    if (stop == end) return ranges;
    at = stop + 1;
  }
}

/// Takes one entry out of the metadata.
std::string take(std::map<std::string, std::string>& metadata, const char* key,
                 const std::filesystem::path& name) {
  const auto entry = metadata.find(key);
  if (entry == metadata.end()) {
    throw Error(fmt::format("{}: metadata {} is missing: not a model that scrawl wrote",
                            name.string(), key));
  }
  std::string value = std::move(entry->second);
  metadata.erase(entry);
  return value;
}

/// The file's tensors in the architecture's order; what does not fit is left for check_weights.
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

Safetensors to_safetensors(const Model& model) {
  Safetensors content{model.weights, model.metadata};
  content.metadata[architecture_key] = to_string(model.architecture);
  content.metadata[normalisation_key] =
      fmt::format("{} {}", model.normalisation.mean, model.normalisation.deviation);
  content.metadata[temperature_key] = fmt::format("{}", model.temperature);
  if (!model.ranges.empty()) {
    content.metadata[ranges_key] = fmt::format("{}", fmt::join(model.ranges, " "));
  }
  return content;
}

Model to_model(const Safetensors& content, const std::filesystem::path& name) {
  Model model;
  model.metadata = content.metadata;
  const std::string architecture = take(model.metadata, architecture_key, name);
  model.normalisation = parse_normalisation(take(model.metadata, normalisation_key, name), name);
  // Models of before temperatures have none.
  if (model.metadata.contains(temperature_key)) {
    model.temperature = parse_temperature(take(model.metadata, temperature_key, name), name);
  }
  // Models that are not computed in bytes have none.
  if (model.metadata.contains(ranges_key)) {
    model.ranges = parse_ranges(take(model.metadata, ranges_key, name), name);
  }
  try {
    model.architecture = parse_architecture(architecture);
    model.weights = in_order(content.tensors, model.architecture);
    check_weights(model);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", name.string(), error.what()));
  }
  return model;
}

Model load_model(const std::filesystem::path& file) {
  return to_model(parse_safetensors(read_file(file, max_model_bytes), file), file);
}

void save_model(const Model& model, const std::filesystem::path& file) {
  check_weights(model);
  write_file(file, format_safetensors(to_safetensors(model)));
}

}  // namespace scrawl
