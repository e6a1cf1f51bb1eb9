// Tables of Markdown for the documentation: what a training can be asked for, and the presets.
#include "cli/training_tables.hpp"

#include <fmt/format.h>
#include <string>
#include <type_traits>

#include <scrawl/model.hpp>

#include "training/options.hpp"

namespace scrawl::cli {

namespace {

/// Without the option.
template <typename Value>
std::string default_of(const TrainingOption<Value>& option) {
  const Value value = TrainingOptions().*option.member;
  if constexpr (requires { to_text(value); }) {
    return fmt::format("{}{}{}", to_text(value), option.unit.empty() ? "" : " ", option.unit);
  } else {
    return "none";
  }
}

template <typename Value>
std::string expected_of(const TrainingOption<Value>& option) {
  if constexpr (std::is_same_v<Value, bool>) {
    return "yes or no";
  } else if constexpr (std::is_enum_v<Value>) {
    return list_words(option.words);
  } else if constexpr (std::is_arithmetic_v<Value>) {
    return option.range.text();
  } else if constexpr (std::is_same_v<Value, Augmentation>) {
    return "none, light, strong, or a list";
  } else {
    return "a model's file, or builtin";
  }
}

std::string to_text(MustMatch must_match) {
  switch (must_match) {
    case MustMatch::yes:
      return "the same";
    case MustMatch::unless_constant:
      return "the same, unless the schedule is constant";
    case MustMatch::no:
      return "any";
  }
  return "";
}

}  // namespace

std::string options_table() {
  std::string table =
      "| option | what it is | values | default | to resume |\n"
      "|---|---|---|---|---|\n";
  for_each_training_option([&table](const auto& option) {
    table += fmt::format("| `--{}` | {} | {} | {} | {} |\n", option.flag, option.description,
                         expected_of(option), default_of(option), to_text(option.must_match));
  });
  return table;
}

std::string presets_table() {
  std::string table =
      "| preset | what it is | test accuracy | seeds | seconds | weights | MFLOP to read a glyph | "
      "command |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const Preset& preset : presets()) {
    const Measurement& measured = preset.measured;
    const Architecture architecture = parse_architecture(preset.name);
    table +=
        fmt::format("| `{}` | {} | {:.2f} ± {:.2f} % | {} | {} | {} | {:.2f} | `{}` |\n",
                    preset.name, preset.summary, measured.accuracy, measured.std, measured.seeds,
                    measured.seconds, parameter_count(architecture),
                    static_cast<double>(operation_count(architecture)) / 1e6, measured.command);
  }
  return table;
}

}  // namespace scrawl::cli
