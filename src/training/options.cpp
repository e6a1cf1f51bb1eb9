// What a training can be asked for: presets, and what cannot be.
#include <cmath>
#include <fmt/format.h>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "network/workers.hpp"
#include "training/augmentation.hpp"

namespace scrawl {

namespace {

template <typename Value>
void require(bool holds, const char* option, const Value& value, const std::string& expected) {
  if (!holds) {
    throw OptionError(fmt::format("training: {} is {}, expected {}", option, value, expected));
  }
}

}  // namespace

void check_options(const TrainingOptions& options) {
  const auto below_one = [](float value) { return value >= 0 && value < 1; };
  require(options.epochs >= 1, "epochs", options.epochs, "1 or more");
  require(options.batch >= 1, "batch", options.batch, "1 or more");
  require(options.learning_rate > 0 && std::isfinite(options.learning_rate), "the learning rate",
          options.learning_rate, "more than 0");
  require(below_one(options.momentum), "the momentum", options.momentum, "0 to below 1");
  require(options.weight_decay >= 0 && std::isfinite(options.weight_decay), "the weight decay",
          options.weight_decay, "0 or more");
  require(options.warmup >= 0 && options.warmup <= static_cast<float>(options.epochs),
          "the warm-up", options.warmup, "0 to the number of epochs");
  require(below_one(options.smoothing), "the smoothing", options.smoothing, "0 to below 1");
  require(below_one(options.average), "the average", options.average, "0 to below 1");
  check_augmentation(options.augmentation);
  require(options.outliers >= 0 && options.outliers <= 1, "the share of outliers", options.outliers,
          "0 to 1");
  require(options.rare_styles >= 0 && options.rare_styles <= 1, "the share of rare styles",
          options.rare_styles, "0 to 1");
  require(options.temperature >= 0 && std::isfinite(options.temperature), "the temperature",
          options.temperature, "0 or more");
  require(options.threads >= 0 && options.threads <= most_threads, "the number of threads",
          options.threads, fmt::format("0 to {}", most_threads));
  if (options.precision == Precision::int8) {
    throw OptionError("training: the precision is int8, expected f32 or bf16");
  }
  if (options.resume && options.out.empty()) {
    throw OptionError("training: nothing to resume without an output file");
  }
}

namespace {

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
  options.average = 0.98F;
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
  options.average = 0.998F;
  options.augmentation = parse_augmentation("strong");
  options.outliers = 0.15F;
  options.rare_styles = 0.03F;
  options.temperature = 1.01F;
  return options;
}

}  // namespace

std::vector<Preset> presets() {
  return {{"mlp", "the classic tutorial's network", 98.16, 2.6, TrainingOptions()},
          {"lenet", "LeNet-5 of 1998, its maps fully connected", 99.12, 9, lenet_options()},
          {"fast", "99 % in the least time", 99.15, 0.4, fast_options()},
          {"good", "99.5 % in the least time", 99.56, 2.5, good_options()},
          {"best", "the model in the box", 99.67, 880, best_options()}};
}

}  // namespace scrawl
