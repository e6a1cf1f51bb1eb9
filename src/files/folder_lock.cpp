#include "files/folder_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <thread>

#include "files/files.hpp"

namespace scrawl {

FolderLock::FolderLock(const std::filesystem::path& folder, std::chrono::milliseconds patience)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!folder_)
    throw FileError(folder, fmt::format("cannot open: {}", std::strerror(errno)), errno);
  // Asked again and again, since a flock that waits has no end but a signal. Each holds it for a
  // few milliseconds.
  constexpr std::chrono::milliseconds pause(1);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return;  // a file system without locks
    if (std::chrono::steady_clock::now() >= end)
      throw FileError(folder,
                      fmt::format("another program has held this folder for {} s; is one stopped?",
                                  std::chrono::duration<double>(patience).count()),
                      EWOULDBLOCK);
    std::this_thread::sleep_for(pause);
  }
}

FolderLock::~FolderLock() {
  ::flock(folder_.get(), LOCK_UN);  // closing leaves it to a child that was forked meanwhile
}

}  // namespace scrawl
