#include "training/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dataset/digest.hpp"
#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "training/evaluate.hpp"
#include "training/options.hpp"

namespace scrawl {

namespace {

/// As it stands in a checkpoint and in a model's metadata.
template <typename Value>
std::string setting(const Value& value) {
  return to_text(value);
}

/// That of the products, whoever chose it.
std::string setting(Precision precision) {
  return training_type(precision) == DataType::bf16 ? "bf16" : "f32";
}

std::string setting(const Augmentation& augmentation) {
  return to_string(augmentation);
}

/// SHA-256 of each, as it would be saved.
std::string setting(const std::vector<Model>& models) {
  std::string names;
  for (const Model& model : models) {
    Sha256 sum;
    sum.update(format_safetensors(to_safetensors(model)));
    if (!names.empty()) names += ' ';
    names += sum.hex();
  }
  return names.empty() ? "none" : names;
}

std::string setting(const std::optional<Model>& model) {
  return setting(model ? std::vector<Model>{*model} : std::vector<Model>());
}

bool must_match(MustMatch when, const TrainingOptions& options) {
  return when == MustMatch::yes ||
         (when == MustMatch::unless_constant && options.schedule != Schedule::constant);
}

}  // namespace

std::map<std::string, std::string> settings_of(const Architecture& architecture,
                                               const TrainingOptions& options) {
  std::map<std::string, std::string> settings{{"architecture", to_string(architecture)}};
  for_each_training_option([&](const auto& option) {
    if (must_match(option.must_match, options))
      settings[std::string(option.name)] = setting(options.*option.member);
  });
  return settings;
}

}  // namespace scrawl
