#include "fetch/npm.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <scrawl/error.hpp>

#include "fetch/tar.hpp"
#include "files/files.hpp"

namespace scrawl {

namespace {

/// A folder that lives as long as this object.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent)
      : path_(temporary_name(parent / npm_temporary)) {
    std::error_code error;
    std::filesystem::create_directory(path_, error);
    if (error) throw Error(fmt::format("{}: cannot create: {}", path_.string(), error.message()));
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// What a program started by us gets: a working folder, no input, and a file for all that it says.
class SpawnActions {
 public:
  SpawnActions(const std::filesystem::path& folder, const std::filesystem::path& log) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT,
                                     0666);
    posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// The first line of a file that is not empty.
std::string first_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line) && line.empty()) {
  }
  return line;
}

/// Runs `arguments` (the first is the program, looked for in $PATH) in `folder`, without a shell.
void run(std::vector<std::string> arguments, const std::filesystem::path& folder) {
  const std::filesystem::path log = folder / "output";
  const SpawnActions actions(folder, log);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], actions.get(), nullptr, argv.data(), environ);
  if (error != 0) {
    throw Error(fmt::format("cannot run {}: {}", arguments[0], std::strerror(error)));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw Error(
      fmt::format("{} failed ({} {}): {}", arguments[0], WIFEXITED(status) ? "exit code" : "signal",
                  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), first_line(log)));
}

std::filesystem::path find_archive(const std::filesystem::path& folder,
                                   const std::string& program) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".tgz") return entry.path();
  }
  throw Error(fmt::format("{} left no .tgz file", program));
}

}  // namespace

std::map<std::string, std::vector<std::byte>> npm_package(const std::string& program,
                                                          const std::string& package,
                                                          const std::filesystem::path& folder,
                                                          std::size_t limit) {
  const TemporaryFolder temporary(folder);
  // Of an unreachable registry npm should tell within seconds, not minutes.
  run({program, "pack", "--loglevel=error", "--ignore-scripts", "--fetch-retries=1",
       "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000", package},
      temporary.path());
  return read_tar(open_stream(find_archive(temporary.path(), program)), limit);
}

}  // namespace scrawl
