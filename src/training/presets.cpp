// Presets, and what was measured of each. Their networks have the same names in
// network/architecture.cpp; their options were chosen by validation, never by a test score.
#include <optional>
#include <string>
#include <vector>

#include <scrawl/augmentation.hpp>
#include <scrawl/training_options.hpp>

namespace scrawl {

namespace {

constexpr auto machine = "2 cores of an AMD EPYC (Zen 4)";

/// What `fast`, `good` and `best` have in common: all images are trained on, and the last model is
/// the model. (Their settings were chosen with 10,000 images set aside.)
TrainingOptions convnet_options(int epochs, float rate, float warmup) {
  TrainingOptions options;
  options.epochs = epochs;
  options.validation = 0;
  options.learning_rate = rate;
  options.momentum = 0.9F;
  options.nesterov = true;
  options.schedule = Schedule::cosine;
  options.warmup = warmup;
  return options;
}

TrainingOptions lenet_options() {
  TrainingOptions options;
  options.epochs = 10;
  options.learning_rate = 0.1F;
  options.momentum = 0.9F;
  options.schedule = Schedule::one_cycle;
  return options;
}

TrainingOptions fast_options() {
  TrainingOptions options = convnet_options(1, 0.15F, 0.2F);
  options.smoothing = 0.05F;
  options.temperature = 0.52F;  // as fitted with 10,000 images set aside; so are the others
  return options;
}

TrainingOptions good_options() {
  TrainingOptions options = convnet_options(3, 0.15F, 0.5F);
  options.smoothing = 0.05F;
  options.weight_decay = 0.001F;
  options.weight_ema = 0.98F;
  options.augmentation.rotation = 6;
  options.augmentation.scale = 0.06F;
  options.augmentation.shear = 0.08F;
  options.augmentation.shift = 1;
  options.temperature = 0.5F;
  return options;
}

TrainingOptions best_options() {
  TrainingOptions options = convnet_options(40, 0.1F, 1);
  options.weight_decay = 0.001F;
  options.weight_ema = 0.998F;
  options.augmentation = parse_augmentation("strong");
  options.outliers = 0.15F;
  options.rare_styles = 0.03F;
  options.temperature = 1.01F;
  return options;
}

}  // namespace

TrainingOptions fine_tuning_options() {
  TrainingOptions options;
  options.learning_rate = 0.01F;
  options.momentum = 0.9F;
  options.schedule = Schedule::cosine;
  return options;
}

std::vector<Preset> presets() {
  // mlp's seconds are of an earlier run, of three seeds.
  return {
      {"mlp",
       "the classic tutorial's network",
       {},
       {98.16, 0.07, 5, 2.57, machine, "bench/presets --presets mlp --seeds 5"}},
      {"lenet",
       "LeNet-5 of 1998, its maps fully connected",
       lenet_options(),
       {99.12, 0.02, 5, 9.0, machine, "bench/presets --presets lenet --seeds 5"}},
      {"fast",
       "99 % in the least time",
       fast_options(),
       {99.15, 0.05, 10, 0.39, machine, "bench/presets --presets fast --seeds 10"}},
      {"good",
       "99.5 % in the least time",
       good_options(),
       {99.56, 0.03, 10, 2.45, machine, "bench/presets --presets good --seeds 10"}},
      {"best",
       "the built-in model",
       best_options(),
       {99.67, 0.01, 5, 880, machine, "bench/presets --presets best --seeds 5"}},
  };
}

std::optional<Preset> find_preset(const std::string& name) {
  for (const Preset& preset : presets())
    if (preset.name == name) return preset;
  return std::nullopt;
}

}  // namespace scrawl
