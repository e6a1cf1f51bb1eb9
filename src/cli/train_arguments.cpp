#include "cli/train_arguments.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"
#include "formats/model_file.hpp"
#include "network_training/team.hpp"
#include "training/check_team.hpp"
#include "training/checkpoint.hpp"

namespace scrawl::cli {

std::filesystem::path checkpoint_path(const TrainArguments& arguments) {
  std::filesystem::path path = arguments.out;
  return path.replace_extension(".checkpoint" + arguments.out.extension().string());
}

std::shared_ptr<const Checkpoint> checkpoint_of(const TrainArguments& arguments) {
  const std::filesystem::path file = checkpoint_path(arguments);
  Team* team = arguments.team.team;
  if (team != nullptr) check_team(*team, {{"--resume", arguments.resume ? "given" : "not given"}});
  if (!arguments.resume) return nullptr;
  if (team == nullptr) return load_checkpoint(file);
  std::vector<std::byte> bytes;
  if (team->rank() == 0) bytes = read_file(file, max_model_bytes);
  team->send_to_all(bytes);
  return parse_checkpoint(bytes, file);
}

/// Said at the beginning: when mpirun ends a job, what its processes print may be lost.
void print_ranks(const TrainArguments& arguments) {
  const Team* team = arguments.team.team;
  if (team == nullptr) return;
  print_stderr(
      "{} ranks; if one dies, mpirun says which and ends all: the same command with --resume "
      "goes on from {}, with any number of ranks\n",
      team->size(), checkpoint_path(arguments).string());
}

void check_files(const TrainArguments& arguments, const std::filesystem::path& data) {
  if (arguments.out.empty()) throw OptionError("--out: a file name is needed");
  refuse_standard_output(arguments.out, "--out");
  refuse_standard_output(arguments.log, "--log");
  if (arguments.log == arguments.out) {
    throw OptionError("--log and --out are the same file");
  }
  refuse_own_data(arguments.out, "--out", data);
  refuse_own_data(arguments.log, "--log", data);
}

TrainingLog::TrainingLog(const std::filesystem::path& file, bool resume)
    : file_(file), emptied_(resume) {
  if (file.empty()) return;
  errno = 0;
  stream_.open(file, std::ios::app);
  if (!stream_)
    throw Error(fmt::format("{}: cannot write the log: {}", file.string(), std::strerror(errno)));
}

void TrainingLog::write(const nlohmann::json& line, int epoch) {
  if (file_.empty() || !problem_.empty()) return;
  empty();
  errno = 0;
  stream_ << dump(line) << std::endl;
  if (stream_) return;
  problem_ = fmt::format("{}: cannot write the log from epoch {} on: {}", file_.string(), epoch,
                         std::strerror(errno));
  print_error("{}; the training goes on without it", problem_);
}

/// At the first epoch, so that a training that cannot begin costs nobody the log of the last.
void TrainingLog::empty() {
  if (std::exchange(emptied_, true)) return;
  std::error_code ignored;  // a pipe has nothing to be emptied of
  if (std::filesystem::is_regular_file(file_, ignored))
    std::filesystem::resize_file(file_, 0, ignored);
}

}  // namespace scrawl::cli
