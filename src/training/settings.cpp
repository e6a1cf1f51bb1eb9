#include "training/settings.hpp"

#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

#include "dataset/digest.hpp"
#include "exchange/model_file.hpp"
#include "exchange/safetensors.hpp"
#include "training/evaluate.hpp"

namespace scrawl {

namespace {

const char* name_of(Schedule schedule) {
  switch (schedule) {
    case Schedule::constant:
      return "constant";
    case Schedule::one_cycle:
      return "one-cycle";
    case Schedule::cosine:
      return "cosine";
  }
  return "";
}

/// SHA-256 of each, as it would be saved.
std::string name_of(const std::vector<Model>& models) {
  std::string names;
  for (const Model& model : models) {
    Sha256 sum;
    sum.update(format_safetensors(to_safetensors(model)));
    if (!names.empty()) names += ' ';
    names += sum.hex();
  }
  return names.empty() ? "none" : names;
}

}  // namespace

std::map<std::string, std::string> settings_of(const Architecture& architecture,
                                               const TrainingOptions& options) {
  std::map<std::string, std::string> settings{
      {"architecture", to_string(architecture)},
      {"batch", fmt::format("{}", options.batch)},
      {"validation", fmt::format("{}", options.validation)},
      {"learning rate", fmt::format("{}", options.learning_rate)},
      {"momentum", fmt::format("{}", options.momentum)},
      {"nesterov", options.nesterov ? "yes" : "no"},
      {"weight decay", fmt::format("{}", options.weight_decay)},
      {"schedule", name_of(options.schedule)},
      {"warmup", fmt::format("{}", options.warmup)},
      {"smoothing", fmt::format("{}", options.smoothing)},
      {"augmentation", to_string(options.augmentation)},
      {"temperature", fmt::format("{}", options.temperature)},
      {"teachers", name_of(options.teachers)},
      {"from", options.from ? name_of({*options.from}) : "none"},
      {"average", fmt::format("{}", options.average)},
      {"outliers", fmt::format("{}", options.outliers)},
      {"rare styles", fmt::format("{}", options.rare_styles)},
      {"seed", fmt::format("{}", options.seed)},
      {"precision", training_type(options.precision) == DataType::bf16 ? "bf16" : "f32"},
  };
  // With a constant rate, a training may be resumed for more epochs than were first asked for.
  if (options.schedule != Schedule::constant) {
    settings["epochs"] = fmt::format("{}", options.epochs);
  }
  return settings;
}

}  // namespace scrawl
