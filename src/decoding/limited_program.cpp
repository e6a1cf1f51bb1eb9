#include "decoding/limited_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <poll.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <scrawl/error.hpp>

#include "files/descriptor.hpp"

namespace scrawl {

namespace {

using Clock = std::chrono::steady_clock;

std::string reason(int number) {
  return std::generic_category().message(number);
}

/// The same behind the numbers of standard input, output and errors, which are closed in some
/// programs.
Descriptor above_standard(Descriptor descriptor) {
  if (!descriptor || descriptor.get() > STDERR_FILENO) return descriptor;
  return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

/// A file without a name, in memory.
Descriptor make_memory_file(Bytes content) {
  Descriptor file = above_standard(Descriptor(::memfd_create("scrawl", MFD_CLOEXEC)));
  if (!file) throw Error("no memory for a file: " + reason(errno));
  for (Bytes rest = content; !rest.empty();) {
    const ssize_t written = ::write(file.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw Error("no memory for a file: " + reason(errno));
    rest = rest.subspan(static_cast<std::size_t>(written));
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

void limit(int what, std::size_t to) {
  const rlimit both{to, to};
  ::setrlimit(static_cast<__rlimit_resource>(what), &both);
}

/// In the child, where only what is safe in a signal handler may be called.
[[noreturn]] void become(char* const* arguments, std::array<int, 3> standard,
                         const ProgramLimits& limits) {
  for (int i = 0; i < 3; ++i)
    if (::dup2(standard[static_cast<std::size_t>(i)], i) < 0) ::_exit(127);
  ::close_range(3, ~0U, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  limit(RLIMIT_AS, limits.memory);
  limit(RLIMIT_CPU, static_cast<std::size_t>(limits.time.count()));
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  std::array<char*, 2> environment{const_cast<char*>("LC_ALL=C"), nullptr};
  ::execve(arguments[0], arguments, environment.data());
  ::_exit(127);
}

/// A child that does not outlive this.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Its status, as waitpid() has it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

/// What comes out of `from` up to its end.
std::vector<std::byte> read_output(const Descriptor& from, const ProgramLimits& limits) {
  const Clock::time_point end = Clock::now() + limits.time;
  std::vector<std::byte> output;
  std::vector<std::byte> some(std::size_t{1} << 16);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd ready{from.get(), POLLIN, 0};
    const int count = left.count() > 0 ? ::poll(&ready, 1, static_cast<int>(left.count())) : 0;
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw Error(fmt::format("took longer than {} s", limits.time.count()));
    const ssize_t size = ::read(from.get(), some.data(), some.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw Error("its output cannot be read: " + reason(errno));
    if (size == 0) return output;
    if (output.size() + static_cast<std::size_t>(size) > limits.output)
      throw Error(fmt::format("wrote more than {} bytes", limits.output));
    output.insert(output.end(), some.begin(), some.begin() + size);
  }
}

/// Of what a program has said, the first line that is not empty.
std::string first_line(const Descriptor& file) {
  std::array<char, 500> begin{};
  ::lseek(file.get(), 0, SEEK_SET);
  const ssize_t size = ::read(file.get(), begin.data(), begin.size());
  std::string_view text(begin.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
  return std::string(text.substr(0, text.find('\n')));
}

void check_status(int status, const Descriptor& said) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  const std::string line = first_line(said);
  if (!line.empty()) throw Error(line);
  if (WIFSIGNALED(status)) throw Error(fmt::format("ended by signal {}", WTERMSIG(status)));
  throw Error(fmt::format("failed with exit code {}", WEXITSTATUS(status)));
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path; !rest.empty();) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (!folder.starts_with('/')) continue;  // the working folder may be anybody's
    const std::string file = fmt::format("{}/{}", folder, name);
    std::error_code ignored;
    if (::access(file.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(file, ignored))
      return file;
  }
  return std::nullopt;
}

std::vector<std::byte> run_program(const std::vector<std::string>& arguments, Bytes input,
                                   const ProgramLimits& limits) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const Descriptor in = make_memory_file(input);
  const Descriptor said = make_memory_file({});
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw Error("no pipe: " + reason(errno));
  const Descriptor out = above_standard(Descriptor(pipe[0]));
  Descriptor into = above_standard(Descriptor(pipe[1]));
  const pid_t pid = ::fork();
  if (pid < 0) throw Error("cannot be started: " + reason(errno));
  if (pid == 0) become(argv.data(), {in.get(), into.get(), said.get()}, limits);
  Child child(pid);
  into = Descriptor(-1);
  std::vector<std::byte> output = read_output(out, limits);
  check_status(child.wait(), said);
  return output;
}

}  // namespace scrawl
