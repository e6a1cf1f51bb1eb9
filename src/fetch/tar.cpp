#include "fetch/tar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/core.h>
#include <string_view>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

using Block = std::array<char, 512>;  // all of an archive comes in these

[[noreturn]] void fail(const Stream& archive, std::string_view what) {
  throw Error(fmt::format("{}: broken tar archive: {}", archive.name, what));
}

/// A header's field: text that ends at the first NUL, if there is one.
std::string_view field(const Block& header, std::size_t offset, std::size_t size) {
  const std::string_view text(header.data() + offset, size);
  return text.substr(0, text.find('\0'));
}

std::size_t content_size(const Block& header, const Stream& archive) {
  std::string_view digits = field(header, 124, 12);  // octal
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 8);
  if (error != std::errc{}) fail(archive, "a file's size is not an octal number");
  return size;
}

std::string path_of(const Block& header) {
  const std::string_view name = field(header, 0, 100);
  const std::string_view prefix = field(header, 345, 155);
  return prefix.empty() ? std::string(name) : fmt::format("{}/{}", prefix, name);
}

bool is_regular(const Block& header) {
  return header[156] == '0' || header[156] == '\0';
}

/// The next header; false at the end: a block of zeros, or no block at all.
bool read_header(const Stream& archive, Block& header) {
  const std::size_t got = read_fully(archive, std::as_writable_bytes(std::span(header)));
  if (got != 0 && got != header.size()) fail(archive, "it ends within a header");
  return got != 0 && std::ranges::any_of(header, [](char c) { return c != '\0'; });
}

/// Content and the padding to whole blocks.
std::vector<std::byte> read_content(const Stream& archive, std::size_t size) {
  constexpr std::size_t block = sizeof(Block);
  std::vector<std::byte> content((size + block - 1) / block * block);
  if (read_fully(archive, content) != content.size()) fail(archive, "it ends within a file");
  content.resize(size);
  return content;
}

}  // namespace

std::map<std::string, std::vector<std::byte>> read_tar(const Stream& archive, std::size_t limit) {
  std::map<std::string, std::vector<std::byte>> files;
  Block header{};
  while (read_header(archive, header)) {
    const std::size_t size = content_size(header, archive);
    if (size > limit) fail(archive, "its files are larger than expected");
    limit -= size;
    std::vector<std::byte> content = read_content(archive, size);
    if (is_regular(header)) files[path_of(header)] = std::move(content);
  }
  return files;
}

}  // namespace scrawl
