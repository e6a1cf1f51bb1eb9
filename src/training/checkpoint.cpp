#include "training/checkpoint.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "files/files.hpp"
#include "files/number_of_text.hpp"
#include "files/old_names.hpp"
#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "training/history.hpp"

namespace scrawl {

namespace {

constexpr std::string_view setting_prefix = "setting.";
constexpr std::string_view velocity_prefix = "velocity.";
constexpr std::string_view weight_ema_prefix = "weight_ema.";
constexpr std::string_view squares_prefix = "squares.";
constexpr std::string_view best_prefix = "best.";

/// A field of a checkpoint that is a number, so that one list serves both writing and reading.
template <typename Visit>
void for_each_number(Checkpoint& checkpoint, Visit visit) {
  Position& position = checkpoint.position;
  EpochReport& best = checkpoint.best_epoch;
  visit("position.epoch", position.epoch);
  visit("position.batch", position.batch);
  visit("position.loss_sum", position.sum.loss);
  visit("position.correct", position.sum.correct);
  visit("position.seconds", position.seconds);
  visit("best.epoch", best.epoch);
  visit("best.epochs", best.epochs);
  visit("best.train_loss", best.train.loss);
  visit("best.train_accuracy", best.train.accuracy);
  visit("best.validation_loss", best.validation.loss);
  visit("best.validation_accuracy", best.validation.accuracy);
  visit("best.seconds", best.seconds);
  visit("best.validation_seconds", best.validation_seconds);
  visit("best.images_per_second", best.images_per_second);
  visit("best.temperature", checkpoint.best_temperature);
}

void append(std::vector<Tensor>& to, std::string_view prefix, const std::vector<Tensor>& from) {
  for (const Tensor& tensor : from) {
    to.push_back({std::string(prefix) + tensor.name, tensor.shape, tensor.values});
  }
}

/// Takes the tensors that the architecture needs out of `content`, by prefix and name.
std::vector<Tensor> extract(Safetensors& content, std::string_view prefix,
                            const Architecture& architecture, const std::string& file) {
  std::vector<Tensor> tensors = weight_shapes(architecture);
  for (Tensor& tensor : tensors) {
    const std::string name = std::string(prefix) + tensor.name;
    const auto found = std::ranges::find(content.tensors, name, &Tensor::name);
    if (found == content.tensors.end() || found->shape != tensor.shape) {
      throw Error(fmt::format("{}: tensor {} is missing or has another shape", file, name));
    }
    tensor.values = std::move(found->values);
  }
  return tensors;
}

/// The same, or nothing where the first is not there.
std::vector<Tensor> extract_if_there(Safetensors& content, std::string_view prefix,
                                     const Architecture& architecture, const std::string& file) {
  const std::string first = std::string(prefix) + weight_shapes(architecture)[0].name;
  const bool there =
      std::ranges::find(content.tensors, first, &Tensor::name) != content.tensors.end();
  return there ? extract(content, prefix, architecture, file) : std::vector<Tensor>();
}

const std::string& text(const Safetensors& content, const std::string& key,
                        const std::string& file) {
  const auto entry = content.metadata.find(key);
  if (entry == content.metadata.end()) {
    throw Error(fmt::format("{}: {} is missing: not a checkpoint", file, key));
  }
  return entry->second;
}

/// Of the training, which is what its tensors are read by.
Architecture architecture_of(const Safetensors& content, const std::string& file) {
  const std::string key = std::string(setting_prefix) + "architecture";
  const std::string& setting = text(content, key, file);
  try {
    return parse_architecture(setting);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}: {}", file, key, error.what()));
  }
}

template <typename Number>
void parse(const std::string& value, const std::string& key, const std::string& file,
           Number& number) {
  const auto parsed = number_of_text<Number>(value);
  if (!parsed) {
    throw Error(fmt::format("{}: {}: found '{}', expected a number", file, key, excerpt(value)));
  }
  number = *parsed;
}

/// In messages.
std::string name_of(const Checkpoint& checkpoint) {
  return checkpoint.file.empty() ? "checkpoint" : checkpoint.file.string();
}

[[noreturn]] void fail_damaged(const std::string& file, std::string_view what) {
  throw Error(fmt::format("{}: damaged: {}; start a new training", file, what));
}

void check_finite(const std::vector<Tensor>& tensors, const std::string& file) {
  for (const Tensor& tensor : tensors) {
    if (std::ranges::all_of(tensor.values, [](float v) { return std::isfinite(v); })) continue;
    fail_damaged(file, fmt::format("{} is not finite", tensor.name));
  }
}

bool is_possible(const EpochReport& best, const Position& position) {
  return best.epoch >= 0 && best.epoch <= position.epoch &&
         std::isfinite(best.validation.accuracy) && std::isfinite(best.validation.loss);
}

bool is_possible(const Position& position, std::size_t images, std::size_t batches) {
  return position.epoch >= 0 && position.sum.correct <= images && position.batch <= batches &&
         std::isfinite(position.sum.loss);
}

void take_old_names(Safetensors& content) {
  rename_keys(renamed_checkpoint_keys, content.metadata);
  const auto [old_prefix, prefix] = renamed_checkpoint_prefix;
  for (Tensor& tensor : content.tensors) {
    if (tensor.name.starts_with(old_prefix)) tensor.name.replace(0, old_prefix.size(), prefix);
  }
}

}  // namespace

void save_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& file) {
  Safetensors content;
  for (const auto& [key, value] : checkpoint.settings) {
    content.metadata[std::string(setting_prefix) + key] = value;
  }
  Checkpoint numbers;
  numbers.position = checkpoint.position;
  numbers.best_epoch = checkpoint.best_epoch;
  numbers.best_temperature = checkpoint.best_temperature;
  for_each_number(numbers, [&](const char* key, auto& number) {
    content.metadata[key] = fmt::format("{}", number);  // the shortest text that gives it back
  });
  content.metadata[history_key] = format_history(checkpoint.history);
  if (checkpoint.normalization)
    content.metadata[normalization_key] = format_normalization(*checkpoint.normalization);
  content.tensors = checkpoint.state.weights;
  append(content.tensors, velocity_prefix, checkpoint.state.velocity);
  append(content.tensors, weight_ema_prefix, checkpoint.state.weight_ema);
  append(content.tensors, squares_prefix, checkpoint.state.squares);
  append(content.tensors, best_prefix, checkpoint.best_weights);
  write_file(file, format_safetensors(content));
}

std::shared_ptr<const Checkpoint> load_checkpoint(const std::filesystem::path& file) {
  return parse_checkpoint(read_file(file, max_model_bytes), file);
}

std::shared_ptr<const Checkpoint> parse_checkpoint(std::span<const std::byte> bytes,
                                                   const std::filesystem::path& file) {
  const std::string name = file.string();
  Safetensors content = parse_safetensors(bytes, file);
  take_old_names(content);
  Checkpoint checkpoint;
  checkpoint.file = file;
  for (const auto& [key, value] : content.metadata) {
    if (key.starts_with(setting_prefix))
      checkpoint.settings[key.substr(setting_prefix.size())] = value;
  }
  const Architecture architecture = architecture_of(content, name);
  for_each_number(checkpoint, [&](const char* key, auto& number) {
    parse(text(content, key, name), key, name, number);
  });
  // Checkpoints of before histories have none; nothing depends on it.
  checkpoint.history = parse_history(content.metadata[history_key]);
  if (const auto entry = content.metadata.find(normalization_key); entry != content.metadata.end())
    checkpoint.normalization = parse_normalization(entry->second, file);
  checkpoint.state.weights = extract(content, "", architecture, name);
  checkpoint.state.velocity = extract(content, velocity_prefix, architecture, name);
  checkpoint.state.weight_ema = extract_if_there(content, weight_ema_prefix, architecture, name);
  checkpoint.state.squares = extract_if_there(content, squares_prefix, architecture, name);
  if (checkpoint.best_epoch.epoch > 0) {
    checkpoint.best_weights = extract(content, best_prefix, architecture, name);
  }
  return std::make_shared<const Checkpoint>(std::move(checkpoint));
}

void check_settings(const Checkpoint& checkpoint,
                    const std::map<std::string, std::string>& expected) {
  for (const auto& [key, value] : expected) {
    const auto entry = checkpoint.settings.find(key);
    const std::string found = entry == checkpoint.settings.end() ? "none" : entry->second;
    if (found == value) continue;
    throw Error(
        fmt::format("{}: cannot resume: the checkpoint has {} '{}', this training '{}'; resume "
                    "with the former, or start a new training",
                    name_of(checkpoint), key, excerpt(found), value));
  }
}

void check_checkpoint(const Checkpoint& checkpoint, std::size_t images, std::size_t batches) {
  const std::string file = name_of(checkpoint);
  check_finite(checkpoint.state.weights, file);
  check_finite(checkpoint.state.velocity, file);
  check_finite(checkpoint.state.weight_ema, file);
  check_finite(checkpoint.state.squares, file);
  check_finite(checkpoint.best_weights, file);
  const Position& position = checkpoint.position;
  if (!is_possible(checkpoint.best_epoch, position)) {
    fail_damaged(file, fmt::format("its best epoch is {}", checkpoint.best_epoch.epoch));
  }
  if (!is_possible(position, images, batches)) {
    fail_damaged(file, fmt::format("it stands at epoch {}, batch {} of {}, with a loss of {}",
                                   position.epoch, position.batch, batches, position.sum.loss));
  }
}

}  // namespace scrawl
