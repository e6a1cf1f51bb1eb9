// Zip archives: whose files are stored as they are, which is what PyTorch writes, or deflated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace scrawl {

struct ZipEntry {
  std::string name;
  std::span<const std::byte> content;  ///< as it lies in the archive
  bool deflated = false;
  std::uint32_t size = 0;  ///< bytes when unpacked
  std::uint32_t crc = 0;   ///< CRC-32 of those
};

bool is_zip(std::span<const std::byte> bytes);

/// The entries, whose contents point into `bytes`, so that no archive is larger unpacked than
/// packed. Throws Error, naming `name`, for what is compressed (but for code of TorchScript, which
/// is left out), encrypted, damaged (CRC-32), larger than 4 GiB, or has entries that overlap or
/// have the same name.
std::vector<ZipEntry> parse_zip(std::span<const std::byte> bytes,
                                const std::filesystem::path& name);

/// The same for archives whose entries may be compressed by DEFLATE; unpack() gives their contents.
std::vector<ZipEntry> parse_deflated_zip(std::span<const std::byte> bytes,
                                         const std::filesystem::path& name);

/// What is in an entry. Throws Error, beginning with `name`, for what is damaged or claims to be
/// more than DEFLATE makes of so many bytes.
std::vector<std::byte> unpack(const ZipEntry& entry, const std::string& name);

/// An archive of these entries; each content starts at a multiple of 64 bytes. The same entries
/// give the same bytes: there is no time in it.
std::vector<std::byte> format_zip(std::span<const ZipEntry> entries);

}  // namespace scrawl
