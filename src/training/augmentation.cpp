// The text form of an augmentation, and what its numbers may be.
#include "training/augmentation.hpp"

#include <charconv>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include <scrawl/augmentation.hpp>
#include <scrawl/error.hpp>

#include "network/trim.hpp"

namespace scrawl {

namespace {

struct Field {
  std::string_view name;
  float Augmentation::*value;
  float most;

  bool holds(float number) const { return number >= 0 && number <= most; }  // NaN is not held
};

constexpr Field fields[] = {
    {"rotation", &Augmentation::rotation, 180}, {"scale", &Augmentation::scale, 0.9F},
    {"shear", &Augmentation::shear, 2},         {"shift", &Augmentation::shift, 14},
    {"elastic", &Augmentation::elastic, 10},    {"thickness", &Augmentation::thickness, 2},
    {"contrast", &Augmentation::contrast, 1},   {"noise", &Augmentation::noise, 1},
    {"erase", &Augmentation::erase, 1},
};

struct Mixture {
  std::string_view name;
  std::string_view text;
};

constexpr Mixture mixtures[] = {
    {"none", ""},
    {"light", "rotation 10, scale 0.1, shear 0.15, shift 1.5, elastic 1.2"},
    {"strong",
     "rotation 12, scale 0.15, shear 0.25, shift 2, elastic 1.5, thickness 0.8, contrast 0.5"},
};

void parse_field(std::string_view text, Augmentation& augmentation) {
  const std::string_view name = text.substr(0, text.find_first_of(" \t"));
  const std::string_view number = trim(text.substr(name.size()));
  for (const Field& field : fields) {
    if (field.name != name) continue;
    float& value = augmentation.*field.value;
    const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || stop != number.data() + number.size() || !field.holds(value)) {
      throw OptionError(fmt::format("augmentation: {}: found '{}', expected a number from 0 to {}",
                                    name, number, field.most));
    }
    return;
  }
  std::string names;
  for (const Field& field : fields) names += fmt::format(" {}", field.name);
  throw OptionError(fmt::format(
      "augmentation: unknown field '{}'; the fields are{}; or write none, light or strong", name,
      names));
}

}  // namespace

Augmentation parse_augmentation(std::string_view text) {
  std::string_view rest = trim(text);
  for (const Mixture& mixture : mixtures) {
    if (rest == mixture.name) rest = mixture.text;
  }
  Augmentation augmentation;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    parse_field(trim(rest.substr(0, comma)), augmentation);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return augmentation;
}

void check_augmentation(const Augmentation& augmentation) {
  for (const Field& field : fields) {
    const float value = augmentation.*field.value;
    if (field.holds(value)) continue;
    throw OptionError(
        fmt::format("augmentation: {} is {}, expected 0 to {}", field.name, value, field.most));
  }
}

std::string to_string(const Augmentation& augmentation) {
  std::string text;
  for (const Field& field : fields) {
    const float value = augmentation.*field.value;
    if (value == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", field.name, value);
  }
  return text.empty() ? "none" : text;
}

}  // namespace scrawl
