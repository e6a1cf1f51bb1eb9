// Zip archives whose files are stored as they are, not compressed: what PyTorch writes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace scrawl {

struct ZipEntry {
  std::string name;
  std::span<const std::byte> content;
};

bool is_zip(std::span<const std::byte> bytes);

/// The entries, whose contents point into `bytes`, so that no archive is larger unpacked than
/// packed. Throws Error, naming `name`, for what is compressed (but for code of TorchScript, which
/// is left out), encrypted, damaged (CRC-32), larger than 4 GiB, or has entries that overlap or
/// have the same name.
std::vector<ZipEntry> parse_zip(std::span<const std::byte> bytes,
                                const std::filesystem::path& name);

/// An archive of these entries; each content starts at a multiple of 64 bytes. The same entries
/// give the same bytes: there is no time in it.
std::vector<std::byte> format_zip(std::span<const ZipEntry> entries);

}  // namespace scrawl
