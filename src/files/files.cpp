#include "files/files.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace scrawl {

namespace {

constexpr mode_t new_file_mode = 0666;       // but for what the user's umask takes
constexpr std::size_t first_read = 1 << 16;  // bytes, of what has no size

[[noreturn]] void fail(const char* what, const std::filesystem::path& file, int error) {
  throw FileError(file, fmt::format("cannot {}: {}", what, std::strerror(error)), error);
}

/// The system says of an empty name that there is no such file, and we would name nothing.
void require_name(const std::filesystem::path& file) {
  if (file.empty()) throw Error("'': the file name is empty");
}

struct stat status_of(const Descriptor& descriptor, const std::filesystem::path& file) {
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail("read", file, errno);
  return status;
}

std::vector<std::byte> read_all(int descriptor, const std::filesystem::path& name,
                                std::size_t expected, std::size_t limit) {
  std::vector<std::byte> bytes;
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) bytes.resize(used == 0 ? expected + 1 : used * 2);
    const ssize_t got = ::read(descriptor, bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", name, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > limit) {
      throw FileError(name, fmt::format("too long: over {} bytes", limit));
    }
  }
  bytes.resize(used);
  return bytes;
}

void require_size(std::uint64_t size, std::size_t limit, const std::filesystem::path& file) {
  if (size <= limit) return;
  throw FileError(file, fmt::format("too long: {} bytes, at most {}", size, limit));
}

/// What is not a regular file, a folder or a link that leads to one of these.
std::string_view name_of_kind(mode_t mode) {
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

/// Where what is written under `name` goes: through a symbolic link, if it is one. Throws Error
/// when there is something else than a file by that name.
std::filesystem::path target_of(const std::filesystem::path& name) {
  require_name(name);
  std::error_code none;  // that there is no such file is no error here
  std::filesystem::path file = name;
  // Through symbolic links, so that they stay; so many, since they may lead in a circle.
  for (int links = 0; links < 40 && std::filesystem::is_symlink(file, none); ++links) {
    file = file.parent_path() / std::filesystem::read_symlink(file, none);
  }
  if (!file.has_filename()) fail("write", file, EISDIR);
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    // What else is wrong with the folders around it is said where they are made.
    if (errno == ELOOP) fail("write", name, ELOOP);
    return file;
  }
  if (S_ISDIR(status.st_mode)) fail("write", file, EISDIR);
  if (S_ISREG(status.st_mode)) return file;
  throw FileError(file,
                  fmt::format("cannot write: it is {}, not a file", name_of_kind(status.st_mode)));
}

[[noreturn]] void fail_to_make(const std::filesystem::path& folder,
                               const std::filesystem::path& file, int error) {
  if (error != ENOENT) fail("write", file, error);
  throw FileError(
      file, fmt::format("cannot write: the folder {} is missing; make it first", folder.string()),
      error);
}

/// A new file in `folder` that is to become `file`; gone with this, unless it has been moved away.
class Temporary {
 public:
  Temporary(const std::filesystem::path& folder, const std::filesystem::path& file) {
    do {  // a process that was killed may have had our number, and have left its own
      name_ = temporary_name(folder / file.filename());
      descriptor_ =
          Descriptor(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, new_file_mode));
    } while (!descriptor_ && errno == EEXIST);
    if (!descriptor_) fail_to_make(folder, file, errno);
  }
  ~Temporary() { ::unlink(name_.c_str()); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const std::filesystem::path& name() const { return name_; }
  int descriptor() const { return descriptor_.get(); }

 private:
  std::filesystem::path name_;
  Descriptor descriptor_{-1};
};

/// The folder that `file` would stand in, or, as long as there is none, the one that it would be
/// made in.
std::filesystem::path nearest_folder(const std::filesystem::path& file) {
  using std::filesystem::file_type;
  std::error_code error;  // what cannot be looked at is there
  std::filesystem::path folder = file.parent_path();
  while (folder.has_relative_path() &&
         std::filesystem::symlink_status(folder, error).type() == file_type::not_found) {
    folder = folder.parent_path();
  }
  return folder.empty() ? "." : folder;
}

/// Makes a file in the folder of `file` and takes it away again: what permissions say does not tell
/// of file systems that cannot be written.
void try_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = nearest_folder(file);
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error))
    fail("write", file, error ? error.value() : ENOTDIR);
  const Temporary trial(folder, file);
}

/// The process that made this name by way of temporary_name: file.<process>.<number>.part; nothing
/// when it is no such name.
std::optional<pid_t> maker_of(std::string_view name) {
  constexpr std::string_view ending = ".part";
  if (!name.ends_with(ending)) return std::nullopt;
  name.remove_suffix(ending.size());
  const auto take_number = [&name]() -> std::optional<pid_t> {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view digits = name.substr(dot + 1);
    pid_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || number < 0)
      return std::nullopt;
    name.remove_suffix(digits.size() + 1);
    return number;
  };
  if (!take_number()) return std::nullopt;
  const std::optional<pid_t> process = take_number();
  return process && *process > 0 && !name.empty() ? process : std::nullopt;
}

}  // namespace

FileError::FileError(std::filesystem::path file, std::string problem, int number)
    : Error(fmt::format("{}: {}", file.string(), problem),
            number == ENOENT ? ErrorCode::not_found : ErrorCode::invalid_input),
      file_(std::move(file)),
      problem_(std::move(problem)),
      number_(number) {}

std::vector<std::byte> read_standard_input(std::size_t limit) {
  return read_all(STDIN_FILENO, "standard input", first_read, limit);
}

std::vector<std::byte> read_file(const std::filesystem::path& file, std::size_t limit) {
  require_name(file);
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) fail("open", file, errno);
  const struct stat status = status_of(descriptor, file);
  if (S_ISDIR(status.st_mode)) fail("read", file, EISDIR);
  if (!S_ISREG(status.st_mode)) return read_all(descriptor.get(), file, first_read, limit);
  const auto size = static_cast<std::size_t>(status.st_size);
  require_size(size, limit, file);
  return read_all(descriptor.get(), file, size, limit);
}

OpenFile open_found_file(const std::filesystem::path& file) {
  require_name(file);
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!descriptor) fail("open", file, errno);
  const struct stat status = status_of(descriptor, file);
  if (S_ISDIR(status.st_mode)) fail("read", file, EISDIR);
  if (!S_ISREG(status.st_mode))
    throw FileError(file,
                    fmt::format("cannot read: it is {}, not a file", name_of_kind(status.st_mode)));
  return {std::move(descriptor), static_cast<std::uint64_t>(status.st_size)};
}

std::vector<std::byte> read_found_file(const std::filesystem::path& file, std::size_t limit) {
  const OpenFile open = open_found_file(file);
  require_size(open.size, limit, file);
  return read_all(open.descriptor.get(), file, open.size, limit);
}

std::filesystem::path temporary_name(const std::filesystem::path& file) {
  static std::atomic<unsigned> number{0};
  return file.string() + fmt::format(".{}.{}.part", ::getpid(), number++);
}

bool is_leftover(const std::filesystem::path& file) {
  const std::optional<pid_t> maker = maker_of(file.filename().string());
  if (!maker) return false;
  if (::kill(*maker, 0) != 0 && errno == ESRCH) return true;
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::error_code gone;  // removed by someone else just now
  return std::filesystem::last_write_time(file, gone) < long_ago && !gone;
}

void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (is_leftover(entry->path())) ::unlink(entry->path().c_str());
  }
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail("create the folder", folder, error.value());
}

void make_folder_of(const std::filesystem::path& name) {
  const std::filesystem::path folder = target_of(name).parent_path();
  if (!folder.empty()) make_folder(folder);
}

void require_folder_of(const std::filesystem::path& name) {
  const std::filesystem::path folder = target_of(name).parent_path();
  std::error_code error;
  if (!folder.empty() && !std::filesystem::is_directory(folder, error))
    fail_to_make(folder, name, ENOENT);
}

void sync_folder(const std::filesystem::path& folder) {
  const std::filesystem::path name = folder.empty() ? "." : folder;
  const Descriptor descriptor(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor) fail("sync", name, errno);
  if (::fsync(descriptor.get()) == 0) return;
  // Some file systems cannot, and keep names safe in their own way, or not at all.
  if (errno != EINVAL && errno != ENOTSUP && errno != ENOSYS) fail("sync", name, errno);
}

void move_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("put in place", to, errno);
  sync_folder(to.parent_path());
  if (from.parent_path() != to.parent_path()) sync_folder(from.parent_path());
}

std::filesystem::path require_writable(const std::filesystem::path& name) {
  std::filesystem::path file = target_of(name);
  try_folder_of(file);
  return file;
}

void put_file(const std::filesystem::path& file, std::span<const std::byte> bytes,
              const std::filesystem::path& folder) {
  const Temporary temporary(folder, file);
  while (!bytes.empty()) {
    const ssize_t put = ::write(temporary.descriptor(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("write", file, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  if (::fsync(temporary.descriptor()) != 0) fail("sync", file, errno);
  move_file(temporary.name(), file);
}

void write_file(const std::filesystem::path& name, std::span<const std::byte> bytes) {
  const std::filesystem::path file = target_of(name);
  put_file(file, bytes, file.parent_path());
}

}  // namespace scrawl
