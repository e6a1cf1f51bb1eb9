// One at a time: among the threads and processes that change what is in a folder.
#pragma once

#include <chrono>
#include <filesystem>

#include "files/descriptor.hpp"

namespace scrawl {

/// Holds a folder for as long as it lives. Nothing is written for it (the lock is flock's, on the
/// folder itself), so it works where nothing can be written, and ends with its process. It keeps
/// out others that take it, of this machine: over a network's file system those of other machines,
/// and everybody on one that has no locks, so what is done under it must leave no half of it even
/// then.
class FolderLock {
 public:
  /// Throws FileError when there is no such folder, or others have held it for `patience`, as a
  /// program that is stopped may.
  explicit FolderLock(const std::filesystem::path& folder,
                      std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  Descriptor folder_;
};

}  // namespace scrawl
