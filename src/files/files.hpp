// Reading files whole, and writing them so that nothing is ever half written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>

#include "files/descriptor.hpp"

namespace scrawl {

/// A file that cannot be read or written; what() is "file: problem".
class FileError : public Error {
 public:
  /// `number` is what errno was, 0 where the system has no part in it.
  FileError(std::filesystem::path file, std::string problem, int number = 0);

  const std::filesystem::path& file() const { return file_; }
  /// What is wrong with it, for those who may not see in which folder it stands: names no file.
  const std::string& problem() const { return problem_; }
  int number() const { return number_; }

 private:
  std::filesystem::path file_;
  std::string problem_;
  int number_;
};

/// The content of a file that the user has named, whatever kind of file that is. Waits for a pipe's
/// other end, as everybody does. Throws Error when it cannot be read or is longer than `limit`
/// bytes.
std::vector<std::byte> read_file(const std::filesystem::path& file, std::size_t limit);

/// What comes on standard input, up to its end. Throws as read_file does.
std::vector<std::byte> read_standard_input(std::size_t limit);

/// The content of a file that nobody has named: whose name was found in a folder, or is always the
/// same. There may be anything by that name, so only a regular file is read (or one that a symbolic
/// link leads to), and opening it never waits. Throws FileError when it cannot be read or is longer
/// than `limit` bytes.
std::vector<std::byte> read_found_file(const std::filesystem::path& file, std::size_t limit);

/// A file open for reading, with its size.
struct OpenFile {
  Descriptor descriptor;
  std::uint64_t size = 0;  ///< bytes
};

/// What read_found_file reads from.
OpenFile open_found_file(const std::filesystem::path& file);

/// Puts `bytes` under the name `file`: written beside it under a name of its own, synced, renamed.
/// Whenever the process or the machine dies, `file` is the old one or the new one, whole. Throws
/// FileError when its folder is missing or the disk will not take it; nothing is left then.
void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes);

/// The same by way of `folder`, which has to be on the same file system, so that what a killed
/// process leaves is found there. The folder of `file` has to exist. A symbolic link by that name
/// is replaced, not followed.
void put_file(const std::filesystem::path& file, std::span<const std::byte> bytes,
              const std::filesystem::path& folder);

/// Where write_file would put `name`: through a symbolic link, if it is one. Throws Error when
/// there is something else than a file by that name, or no file can be made in its folder or, as
/// long as that is missing, in the nearest one around it; a file is made there and taken away, so
/// that long work is not done in vain.
std::filesystem::path require_writable(const std::filesystem::path& name);

/// Makes `folder` and those around it where they are missing. Throws FileError when it cannot.
void make_folder(const std::filesystem::path& folder);

/// Makes the folder in which write_file would put `name`, where it is missing. The library leaves
/// that to its callers: who has mistyped a folder wants to hear of it.
void make_folder_of(const std::filesystem::path& name);

/// Throws FileError where that folder is missing, so that long work is not done in vain.
void require_folder_of(const std::filesystem::path& name);

/// Renames a file, over one that may be there; a name in a folder that is on the disk. Throws
/// FileError when it cannot.
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Sees to it that the names in `folder` are on the disk.
void sync_folder(const std::filesystem::path& folder);

/// A name beside `file` that no other process or thread uses: file.<process>.<number>.part
std::filesystem::path temporary_name(const std::filesystem::path& file);

/// Whether `file` has a temporary_name and nobody needs it any more: its process is gone; or it is
/// older than an hour, since another process may have the number by now, or it is one of another
/// machine.
bool is_leftover(const std::filesystem::path& file);

/// Removes what is_leftover in a folder, not in those in it; what cannot be removed stays.
void remove_leftovers(const std::filesystem::path& folder);

}  // namespace scrawl
