#include "training/average_models.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <scrawl/average.hpp>
#include <scrawl/error.hpp>

#include "files/files.hpp"
#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "network/weights.hpp"
#include "training/checkpoint.hpp"

namespace scrawl {

namespace {

constexpr const char* architecture_setting = "architecture";

void check_alike(const Model& first, const Model& other, std::size_t number) {
  if (other.architecture != first.architecture) {
    throw Error(fmt::format("model {} is '{}', the first '{}'", number,
                            to_string(other.architecture), to_string(first.architecture)));
  }
  const Normalization& left = first.normalization;
  const Normalization& right = other.normalization;
  if (left.mean != right.mean || left.std != right.std) {
    throw Error(fmt::format("model {} has a mean of {} and a deviation of {}, the first {} and {}",
                            number, right.mean, right.std, left.mean, left.std));
  }
}

}  // namespace

Model average_models(std::span<const Model> models) {
  if (models.empty()) throw Error("an average of no models");
  for (std::size_t i = 0; i < models.size(); ++i) {
    check_model(models[i]);
    check_alike(models[0], models[i], i + 1);
  }
  Model average = models[0];
  const auto count = static_cast<double>(models.size());
  for (std::size_t t = 0; t < average.weights.size(); ++t) {
    std::vector<float>& values = average.weights[t].values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      double sum = 0;
      for (const Model& model : models) sum += static_cast<double>(model.weights[t].values[i]);
      values[i] = static_cast<float>(sum / count);
    }
  }
  double temperature = 0;
  for (const Model& model : models) temperature += static_cast<double>(model.temperature);
  average.temperature = static_cast<float>(temperature / count);
  // What was measured of one model does not hold for the average.
  average.activation_ranges.clear();
  average.metadata = {{"average of", fmt::format("{} models", models.size())}};
  check_model(average);
  return average;
}

Model load_model_or_checkpoint(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_file(file, max_model_bytes);
  const Safetensors content = parse_safetensors(bytes, file);
  if (!content.metadata.contains(std::string("setting.") + architecture_setting))
    return to_model(content, file);
  const std::shared_ptr<const Checkpoint> checkpoint = load_checkpoint(file);
  if (!checkpoint->normalization) {
    throw Error(
        fmt::format("{}: does not say how the network's input is normalized, as older checkpoints "
                    "do not; go on with the training once, or average the models",
                    file.string()));
  }
  Model model;
  model.normalization = *checkpoint->normalization;
  model.architecture = parse_architecture(checkpoint->settings.at(architecture_setting));
  const TrainingState& state = checkpoint->state;
  model.weights = state.weight_ema.empty() ? state.weights : state.weight_ema;
  model.temperature = checkpoint->best_temperature;
  return model;
}

}  // namespace scrawl
