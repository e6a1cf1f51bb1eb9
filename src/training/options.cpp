#include "training/options.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string>
#include <type_traits>

#include <scrawl/error.hpp>

#include "training/augmentation.hpp"

namespace scrawl {

namespace {

template <typename Value>
[[noreturn]] void refuse(const TrainingOption<Value>& option, Value found,
                         const std::string& expected) {
  throw OptionError(
      fmt::format("training: {} is {}, expected {}", option.name, to_text(found), expected));
}

template <typename Value>
void check(const TrainingOption<Value>& option, const TrainingOptions& options) {
  const Value& value = options.*option.member;
  if constexpr (std::is_same_v<Value, Augmentation>) {
    check_augmentation(value);
  } else if constexpr (std::is_enum_v<Value>) {
    if (std::ranges::find(option.words, value, &Word<Value>::value) == option.words.end())
      refuse(option, value, list_words(option.words));
  } else if constexpr (std::is_arithmetic_v<Value>) {
    if (!option.range.holds(static_cast<double>(value), options))
      refuse(option, value, option.range.text());
  }
}

}  // namespace

bool Range::holds(double value, const TrainingOptions& options) const {
  if (!std::isfinite(value)) return false;
  const double most = to_epochs ? options.epochs : high;
  return (above_low ? value > low : value >= low) && (below_high ? value < most : value <= most);
}

bool Range::is_limited() const {
  return low > 0 || std::isfinite(high) || above_low || to_epochs;
}

std::string Range::text() const {
  if (to_epochs) return fmt::format("{} to the number of epochs", low);
  if (std::isfinite(high)) return fmt::format("{} to {}{}", low, below_high ? "below " : "", high);
  return above_low ? fmt::format("more than {}", low) : fmt::format("{} or more", low);
}

void check_options(const TrainingOptions& options) {
  for_each_training_option([&](const auto& option) { check(option, options); });
  if (options.patience > 0 && options.validation == 0) {
    throw OptionError(fmt::format(
        "training: patience is {}, but validation is 0: without validation images no epoch is "
        "better than another; set some aside, or leave patience at 0",
        options.patience));
  }
}

}  // namespace scrawl
