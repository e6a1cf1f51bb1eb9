// What a training can be asked for: presets, and what cannot be.
#include <cmath>
#include <fmt/format.h>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

namespace scrawl {

namespace {

template <typename Value>
void require(bool holds, const char* option, const Value& value, const char* expected) {
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
  require(options.temperature >= 0 && std::isfinite(options.temperature), "the temperature",
          options.temperature, "0 or more");
  if (options.resume && options.out.empty()) {
    throw OptionError("training: nothing to resume without an output file");
  }
}

std::vector<Preset> presets() {
  const TrainingOptions mlp;
  TrainingOptions lenet;
  lenet.epochs = 10;
  lenet.learning_rate = 0.1F;
  lenet.momentum = 0.9F;
  lenet.schedule = Schedule::one_cycle;
  return {{"mlp", "the classic tutorial's: three dense layers", mlp},
          {"lenet", "LeNet-5 (LeCun et al. 1998), with dense connections between its maps", lenet}};
}

}  // namespace scrawl
