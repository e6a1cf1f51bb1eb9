// A file as memory, of which no more is read than is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <sys/stat.h>

#include "files/descriptor.hpp"

namespace scrawl {

/// Read-only; several threads may look at it at once. What is cut off of the file afterward reads
/// as zeros instead of ending the process with SIGBUS, of which the first such file takes over the
/// handler: check_unchanged() then says so.
class MappedFile {
 public:
  /// Throws FileError when it cannot be opened or mapped, or is no regular file.
  explicit MappedFile(const std::filesystem::path& file);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }
  const std::filesystem::path& name() const { return name_; }

  /// Throws FileError when the file has been written to since it was mapped. Another one that has
  /// been put in its place by its name is no concern of this.
  void check_unchanged() const;

 private:
  std::filesystem::path name_;
  Descriptor descriptor_;
  struct stat opened_ {};
  std::span<const std::byte> bytes_;
};

}  // namespace scrawl
