// Every option of a training, in one table: what it is called, what it may be and what it is for.
// The checks, what a checkpoint is compared by, the command line and the documentation come from
// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <scrawl/training_options.hpp>

#include "network_training/workers.hpp"
#include "training/words.hpp"

namespace scrawl {

inline constexpr std::array schedule_words{Word{"constant", Schedule::constant},
                                           Word{"one-cycle", Schedule::one_cycle},
                                           Word{"cosine", Schedule::cosine}};

/// int8 is the last, since a training takes only those before it.
inline constexpr std::array precision_words{
    Word{"auto", Precision::automatic}, Word{"f32", Precision::f32}, Word{"bf16", Precision::bf16},
    Word{"int8", Precision::int8}};

constexpr std::span<const Word<Schedule>> words_of(Schedule) {
  return schedule_words;
}
constexpr std::span<const Word<Precision>> words_of(Precision) {
  return precision_words;
}

/// The numbers that an option takes; of whole numbers too.
struct Range {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();  ///< which is never taken
  bool above_low = false;                                 ///< `low` is not taken
  bool below_high = false;                                ///< `high` is not taken
  bool to_epochs = false;                                 ///< `high` is the number of epochs

  bool holds(double value, const TrainingOptions& options) const;
  bool is_limited() const;   ///< it is not all that is 0 or more
  std::string text() const;  ///< "0 to below 1"
};

/// Whether a training goes on from a checkpoint only with the value that it has there.
enum class MustMatch {
  yes,
  unless_constant,  ///< not under a constant learning rate, where more can always follow
  no,
};

/// Value is bool, a number, an enum, Augmentation or models.
template <typename Value>
struct TrainingOption {
  Value TrainingOptions::*member;
  /// In messages, checkpoints and the metadata of models: it stays, or old checkpoints are refused.
  std::string_view name;
  std::string_view flag;         ///< on the command line, without its dashes
  std::string_view description;  ///< without a full stop
  std::string_view unit{};
  MustMatch must_match = MustMatch::yes;
  Range range = {};                      ///< of numbers
  std::span<const Word<Value>> words{};  ///< of enums: those that can be trained with
};

/// In the order of --help and of the documentation.
inline constexpr std::tuple training_options{
    TrainingOption<std::optional<Model>>{.member = &TrainingOptions::from,
                                         .name = "from",
                                         .flag = "from",
                                         .description = "Start from this model and its network"},
    TrainingOption<int>{.member = &TrainingOptions::epochs,
                        .name = "epochs",
                        .flag = "epochs",
                        .description = "Passes over the training images",
                        .must_match = MustMatch::unless_constant,
                        .range = {.low = 1}},
    TrainingOption<std::size_t>{.member = &TrainingOptions::batch,
                                .name = "batch",
                                .flag = "batch",
                                .description = "Batch size",
                                .unit = "images",
                                .range = {.low = 1}},
    TrainingOption<float>{.member = &TrainingOptions::learning_rate,
                          .name = "learning rate",
                          .flag = "lr",
                          .description = "Learning rate (one-cycle, cosine: its peak)",
                          .range = {.above_low = true}},
    TrainingOption<float>{.member = &TrainingOptions::momentum,
                          .name = "momentum",
                          .flag = "momentum",
                          .description = "Momentum of SGD",
                          .range = {.high = 1, .below_high = true}},
    TrainingOption<bool>{.member = &TrainingOptions::nesterov,
                         .name = "nesterov",
                         .flag = "nesterov",
                         .description = "Nesterov's momentum"},
    TrainingOption<float>{.member = &TrainingOptions::weight_decay,
                          .name = "weight decay",
                          .flag = "weight-decay",
                          .description = "Weight decay, not of biases"},
    TrainingOption<Schedule>{.member = &TrainingOptions::schedule,
                             .name = "schedule",
                             .flag = "schedule",
                             .description = "Learning rate schedule",
                             .words = schedule_words},
    TrainingOption<float>{.member = &TrainingOptions::warmup,
                          .name = "warmup",
                          .flag = "warmup",
                          .description = "Epochs of linear warmup (cosine)",
                          .unit = "epochs",
                          .range = {.to_epochs = true}},
    TrainingOption<float>{.member = &TrainingOptions::smoothing,
                          .name = "smoothing",
                          .flag = "smoothing",
                          .description = "Label smoothing",
                          .range = {.high = 1, .below_high = true}},
    TrainingOption<float>{.member = &TrainingOptions::weight_ema,
                          .name = "weight ema",
                          .flag = "weight-ema",
                          .description = "The model is an exponential moving average of the "
                                         "weights, with this decay, as 0.99",
                          .range = {.high = 1, .below_high = true}},
    TrainingOption<Augmentation>{.member = &TrainingOptions::augmentation,
                                 .name = "augmentation",
                                 .flag = "augment",
                                 .description = "Random augmentation of the images"},
    TrainingOption<float>{.member = &TrainingOptions::outliers,
                          .name = "outliers",
                          .flag = "outliers",
                          .description = "Non-digits per image, which the model learns "
                                         "to reject, as 0.1",
                          .range = {.high = 1}},
    TrainingOption<float>{.member = &TrainingOptions::rare_styles,
                          .name = "rare styles",
                          .flag = "rare-styles",
                          .description =
                              "Drawn digits per image in styles that are rare in MNIST: 1 "
                              "with a flag, 7 with a bar",
                          .range = {.high = 1}},
    TrainingOption<std::vector<Model>>{.member = &TrainingOptions::teachers,
                                       .name = "teachers",
                                       .flag = "teacher",
                                       .description = "Models whose probabilities are learned in "
                                                      "place of labels; several: their average"},
    TrainingOption<float>{.member = &TrainingOptions::temperature,
                          .name = "temperature",
                          .flag = "temperature",
                          .description = "Of the softmax; 0: fitted on the validation images"},
    TrainingOption<std::size_t>{.member = &TrainingOptions::validation,
                                .name = "validation",
                                .flag = "val",
                                .description = "Validation images, to choose the best model by",
                                .unit = "images"},
    TrainingOption<int>{.member = &TrainingOptions::patience,
                        .name = "patience",
                        .flag = "patience",
                        .description = "End after so many epochs without a better model; 0: do not",
                        .unit = "epochs",
                        .must_match = MustMatch::no},
    TrainingOption<std::uint64_t>{.member = &TrainingOptions::seed,
                                  .name = "seed",
                                  .flag = "seed",
                                  .description = "Of the split, the initial weights and the order"},
    TrainingOption<Precision>{.member = &TrainingOptions::precision,
                              .name = "precision",
                              .flag = "precision",
                              .description = "Of matrix products; auto: bf16 where the CPU has it, "
                                             "else f32",
                              .words = std::span(precision_words).first(3)},
    TrainingOption<int>{.member = &TrainingOptions::threads,
                        .name = "threads",
                        .flag = "threads",
                        .description = "Threads; 0: one for each core",
                        .must_match = MustMatch::no,
                        .range = {.high = max_threads}},
};

/// Calls `visit` with each TrainingOption.
template <typename Visit>
void for_each_training_option(const Visit& visit) {
  std::apply([&visit](const auto&... option) { (visit(option), ...); }, training_options);
}

/// A value as it stands in messages, checkpoints and models.
inline std::string to_text(bool value) {
  return value ? "yes" : "no";
}
template <typename Number>
requires std::is_arithmetic_v<Number> std::string to_text(Number value) {
  return fmt::format("{}", value);
}
template <typename Enum>
requires std::is_enum_v<Enum> std::string to_text(Enum value) {
  for (const auto& word : words_of(value))
    if (word.value == value) return std::string(word.text);
  return fmt::format("{}", static_cast<int>(value));
}

}  // namespace scrawl
