// What `scrawl train` is told, and the files that it writes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include <scrawl/training.hpp>
#include <scrawl/training_options.hpp>

#include "cli/cli.hpp"
#include "cli/training_team.hpp"
#include "training/page_source.hpp"

namespace scrawl::cli {

struct TrainArguments {
  TrainingOptions options;
  /// What the command line says about them, to be said again to a preset's.
  std::vector<std::function<void(TrainingOptions&)>> changes;
  std::string model = "mlp";
  bool model_is_given = false;
  std::string from;  // a model's file or builtin; empty: random weights
  std::vector<std::filesystem::path> teachers;
  std::filesystem::path out = "model.safetensors";
  std::filesystem::path log;
  bool resume = false;
  bool scale_rate = false;
  TrainingTeam team;
  bool verbose = false;
  bool test = true;                                       ///< in the end
  std::size_t epoch_pages = PageSource().pages_in_epoch;  ///< of a page reader
};

/// --model's value for a page reader, which has a way of its own to learn.
inline constexpr const char* reader_name = "reader";

/// Trains a page reader.
int run_train_reader(TrainArguments& arguments, const Common& common);

/// What --resume goes on from: model.safetensors -> model.checkpoint.safetensors.
std::filesystem::path checkpoint_path(const TrainArguments& arguments);

/// What it goes on from, or null. Of several processes, the first reads the file: the others'
/// machines may have none. Throws Error where not all of them are told --resume.
std::shared_ptr<const Checkpoint> checkpoint_of(const TrainArguments& arguments);

/// How many ranks there are, and what to do when one dies; nothing of one process.
void print_ranks(const TrainArguments& arguments);

/// Throws OptionError where --out and --log cannot be what they are: the same, or files of `data`.
void check_files(const TrainArguments& arguments, const std::filesystem::path& data);

/// What --log names: a line of JSON for each epoch.
class TrainingLog {
 public:
  /// Throws Error where it cannot be opened, which an hour of training later would be too late.
  TrainingLog(const std::filesystem::path& file, bool resume);

  /// A log that cannot be written any more, as on a full disk, is given up, and the training is
  /// not.
  void write(const nlohmann::json& line, int epoch);

  const std::string& problem() const { return problem_; }

 private:
  void empty();

  std::filesystem::path file_;
  bool emptied_;
  std::ofstream stream_;
  std::string problem_;
};

}  // namespace scrawl::cli
