// Reading files whole, and writing them so that nothing is ever half written.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace scrawl {

/// The content of `file`; "-" reads standard input. Throws Error when it cannot be read or is
/// longer than `limit` bytes.
std::vector<std::byte> read_file(const std::filesystem::path& file, std::size_t limit);

/// Puts `bytes` under the name `file`: written beside it under a name of its own, synced, renamed.
/// Whenever the process or the machine dies, `file` is the old one or the new one, whole.
/// Creates missing folders. Throws Error when the disk will not take it.
void write_file(const std::filesystem::path& file, std::span<const std::byte> bytes);

/// Where write_file would put `name`: through a symbolic link, if it is one. Throws Error when
/// there is something else than a file by that name, or no file can be made in its folder or, as
/// long as that is missing, in the nearest one around it; a file is made there and taken away, so
/// that long work is not done in vain.
std::filesystem::path require_writable(const std::filesystem::path& name);

/// The second half of write_file: syncs `temporary`, renames it to `file`, syncs the folder.
void publish_file(const std::filesystem::path& temporary, const std::filesystem::path& file);

/// A name beside `file` that no other process or thread uses: file.<process>.<number>.part
std::filesystem::path temporary_name(const std::filesystem::path& file);

}  // namespace scrawl
