#include "cli/train_arguments.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include <scrawl/error.hpp>

#include "cli/cli.hpp"
#include "cli/terminal.hpp"

namespace scrawl::cli {

std::filesystem::path checkpoint_path(const TrainArguments& arguments) {
  std::filesystem::path path = arguments.out;
  return path.replace_extension(".checkpoint" + arguments.out.extension().string());
}

void check_files(const TrainArguments& arguments) {
  if (arguments.out.empty()) throw OptionError("--out: a file name is needed");
  refuse_standard_output(arguments.out, "--out");
  refuse_standard_output(arguments.log, "--log");
  if (arguments.log == arguments.out) {
    throw OptionError("--log and --out are the same file");
  }
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
