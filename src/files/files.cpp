#include "files/files.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& file, int error) {
  throw Error(fmt::format("{}: cannot {}: {}", file.string(), what, std::strerror(error)));
}

/// The system says of an empty name that there is no such file, and we would name nothing.
void require_name(const std::filesystem::path& file) {
  if (file.empty()) throw Error("'': the file name is empty");
}

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& file, int flags)
      : descriptor_(::open(file.c_str(), flags | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) fail((flags & O_CREAT) != 0 ? "create" : "open", file, errno);
  }
  ~Descriptor() { ::close(descriptor_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

void sync(const std::filesystem::path& path, int flags) {
  const Descriptor descriptor(path, flags);
  if (::fsync(descriptor.get()) != 0) fail("sync", path, errno);
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
      throw Error(fmt::format("{}: too long: over {} bytes", name.string(), limit));
    }
  }
  bytes.resize(used);
  return bytes;
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
  const auto kind = std::filesystem::status(file, none).type();
  if (kind == std::filesystem::file_type::directory) fail("write", file, EISDIR);
  if (kind != std::filesystem::file_type::regular &&
      kind != std::filesystem::file_type::not_found) {
    throw Error(fmt::format("{}: cannot write: it is a device, a pipe or a socket, not a file",
                            file.string()));
  }
  if (!file.has_filename()) fail("write", file, EISDIR);
  return file;
}

/// The folder that `file` would stand in, or, as long as there is none, the one that it would be
/// made in.
std::filesystem::path nearest_folder(const std::filesystem::path& file) {
  std::error_code none;  // what cannot be looked at is not there
  std::filesystem::path folder = file.parent_path();
  while (folder.has_relative_path() && !std::filesystem::exists(folder, none)) {
    folder = folder.parent_path();
  }
  return folder.empty() ? "." : folder;
}

/// Makes a file in the folder of `file` and takes it away again: what permissions say does not tell
/// of file systems that cannot be written.
void try_folder_of(const std::filesystem::path& file) {
  const std::filesystem::path folder = nearest_folder(file);
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) fail("write", file, ENOTDIR);
  const std::filesystem::path trial = temporary_name(folder / file.filename());
  const int descriptor = ::open(trial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) fail("write", file, errno);
  ::close(descriptor);
  ::unlink(trial.c_str());
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& file, std::size_t limit) {
  if (file == "-") return read_all(STDIN_FILENO, "standard input", 1 << 16, limit);
  require_name(file);
  const Descriptor descriptor(file, O_RDONLY);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail("read", file, errno);
  if (S_ISDIR(status.st_mode)) fail("read", file, EISDIR);
  const auto size = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 1 << 16;
  if (size > limit) {
    throw Error(fmt::format("{}: too long: {} bytes, at most {}", file.string(), size, limit));
  }
  return read_all(descriptor.get(), file, size, limit);
}

std::filesystem::path temporary_name(const std::filesystem::path& file) {
  static std::atomic<unsigned> number{0};
  return file.string() + fmt::format(".{}.{}.part", ::getpid(), number++);
}

void publish_file(const std::filesystem::path& temporary, const std::filesystem::path& file) {
  sync(temporary, O_RDONLY);
  if (::rename(temporary.c_str(), file.c_str()) != 0) fail("put in place", file, errno);
  const std::filesystem::path folder = file.parent_path();
  sync(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
}

std::filesystem::path require_writable(const std::filesystem::path& name) {
  std::filesystem::path file = target_of(name);
  try_folder_of(file);
  return file;
}

void write_file(const std::filesystem::path& name, std::span<const std::byte> bytes) {
  const std::filesystem::path file = target_of(name);
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  if (error) fail("create the folder of", file, error.value());
  const std::filesystem::path temporary = temporary_name(file);
  try {
    const Descriptor descriptor(temporary, O_WRONLY | O_CREAT | O_EXCL);
    while (!bytes.empty()) {
      const ssize_t put = ::write(descriptor.get(), bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail("write", temporary, errno);
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    publish_file(temporary, file);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace scrawl
