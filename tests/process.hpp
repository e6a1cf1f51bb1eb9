// Runs the scrawl program as a person would, and gives back what it printed.
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "files/old_names.hpp"
#include "scratch.hpp"

namespace scrawl {

struct ProcessResult {
  int code = -1;  ///< exit code; 128 + signal where a signal ended it
  std::string out;
  std::string err;
};

inline std::string slurp(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Starts scrawl with its streams in files of `folder`, where it finds what is its user's too, so
/// that no test touches a real collection; returns the process. `streams` (of the program, open
/// here) are others than these files.
inline pid_t start_scrawl(std::vector<std::string> arguments, const ScratchFolder& folder,
                          const std::filesystem::path& input = "/dev/null",
                          const std::vector<std::pair<int, int>>& streams = {}) {
  const pid_t child = fork();
  if (child != 0) return child;
  const auto redirect = [](const std::filesystem::path& file, int flags, int to) {
    const int descriptor = open(file.c_str(), flags, 0600);
    if (descriptor < 0 || dup2(descriptor, to) < 0) _exit(126);
  };
  setenv("XDG_DATA_HOME", folder.path().c_str(), 1);
  unsetenv("SCRAWL_CORRECTIONS");
  unsetenv(renamed_corrections_variable.old_name.data());
  redirect(input, O_RDONLY, STDIN_FILENO);
  redirect(folder / "out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(folder / "err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  for (const auto& [stream, open_here] : streams)
    if (dup2(open_here, stream) < 0) _exit(126);
  arguments.insert(arguments.begin(), SCRAWL_PROGRAM);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  execv(SCRAWL_PROGRAM, pointers.data());
  _exit(127);
}

inline ProcessResult finish(pid_t child, const ScratchFolder& folder) {
  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid");
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), slurp(folder / "out"),
          slurp(folder / "err")};
}

/// The same in a folder that stays, as its user's would.
inline ProcessResult run_scrawl_in(const ScratchFolder& folder, std::vector<std::string> arguments,
                                   const std::filesystem::path& input = "/dev/null") {
  return finish(start_scrawl(std::move(arguments), folder, input), folder);
}

inline ProcessResult run_scrawl(std::vector<std::string> arguments,
                                const std::filesystem::path& input = "/dev/null") {
  const ScratchFolder folder;
  return finish(start_scrawl(std::move(arguments), folder, input), folder);
}

/// Whether a help names the option with its default; CLI11 writes "=" before it, or since 2.4 " [".
inline bool has_default(const std::string& help, const std::string& option,
                        const std::string& value) {
  return help.find(option + "=" + value) != std::string::npos ||
         help.find(option + " [" + value + "]") != std::string::npos;
}

}  // namespace scrawl
