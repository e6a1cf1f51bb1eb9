// The epochs of a training as text: in models and checkpoints, and in logs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/training.hpp>

namespace scrawl {

/// Where a model's metadata hold it.
inline constexpr const char* history_key = "scrawl.history";

/// No history is longer: 10 to 20 kB in a model.
inline constexpr int max_history = 256;

/// Appends an epoch. When there are too many, every second goes, then every second of these; what
/// stays depends on the epochs alone, and so is the same in a training that was resumed.
void add_epoch(std::vector<EpochScores>& history, const EpochScores& scores);

/// [[epoch, train loss, train accuracy, validation loss, validation accuracy], ...] with six
/// digits; without the last two where no images were set aside. No times are in it: the same
/// training makes the same file.
std::string format_history(const std::vector<EpochScores>& history);

/// Empty where the text is anything else.
std::vector<EpochScores> parse_history(std::string_view text);

/// What load_training_log reads; `name` is what messages call it.
std::vector<EpochScores> parse_training_log(std::string_view text,
                                            const std::filesystem::path& name);

}  // namespace scrawl
