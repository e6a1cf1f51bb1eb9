// Bytes to be read from front to back: a file's, a buffer's, or what gzip packed into either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace scrawl {

/// Where bytes come from. Read it from one place: how far a copy gets is not defined.
struct Stream {
  std::string name;  ///< for messages: the file or the URL
  /// No more bytes than this can come. What a header claims is checked against it before memory is
  /// set aside.
  std::uint64_t at_most = 0;
  /// Puts bytes at the start of `into` and returns how many: 0 only at the end (or for an empty
  /// `into`). Throws Error.
  std::function<std::size_t(std::span<std::byte> into)> next;
};

/// The content of a regular file, uncompressed: gzip is told by its first two bytes, whatever the
/// file is called. Throws Error when it cannot be opened or read.
Stream open_stream(const std::filesystem::path& file);

/// The same for bytes in memory, which have to outlive the stream.
Stream open_stream(std::span<const std::byte> bytes, std::string name);

/// Fills `into` as far as the stream goes; returns how many bytes that was.
std::size_t read_fully(const Stream& stream, std::span<std::byte> into);

/// All that is left, if it is no more than `limit` bytes. Throws Error when it is more.
std::vector<std::byte> read_rest(const Stream& stream, std::size_t limit);

}  // namespace scrawl
