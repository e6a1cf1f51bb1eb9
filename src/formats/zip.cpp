#include "formats/zip.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"

namespace scrawl {

static_assert(std::endian::native == std::endian::little, "zip is little-endian");

namespace {

// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3: offsets in each record.
constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::size_t local_size = 30;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::size_t central_size = 46;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::size_t end_size = 22;
constexpr std::size_t max_comment = 0xffff;
constexpr std::uint16_t deflate_method = 8;
constexpr std::size_t alignment = 64;

using Bytes = std::span<const std::byte>;

std::uint32_t crc_of(Bytes bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

class ZipParser {
 public:
  ZipParser(Bytes bytes, const std::filesystem::path& name, bool deflated)
      : bytes_(bytes), name_(name.string()), deflated_(deflated) {}

  std::vector<ZipEntry> parse() {
    const std::size_t end = find_end();
    const std::size_t count = u16(end + 10);
    std::size_t at = u32(end + 16);
    std::vector<ZipEntry> entries;
    for (std::size_t i = 0; i < count; ++i) at = parse_entry(at, entries);
    // Each byte of the file is read once below, however the entries lie.
    std::size_t total = 0;
    std::set<std::string_view> names;
    for (const ZipEntry& entry : entries) {
      total += entry.content.size();
      if (total > bytes_.size()) fail("its entries overlap");
      if (!names.insert(entry.name).second)
        fail(fmt::format("{} is there twice", excerpt(entry.name)));
    }
    for (const ZipEntry& entry : entries) {
      if (!entry.deflated && crc_of(entry.content) != entry.crc) {
        fail(fmt::format("{} is damaged: its CRC-32 differs", excerpt(entry.name)));
      }
    }
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: zip archive: {}", name_, what));
  }

  Bytes take(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) fail("truncated");
    return bytes_.subspan(at, size);
  }
  template <typename Number>
  Number number(std::size_t at) const {
    Number value = 0;
    std::memcpy(&value, take(at, sizeof value).data(), sizeof value);
    return value;
  }
  std::uint16_t u16(std::size_t at) const { return number<std::uint16_t>(at); }
  std::uint32_t u32(std::size_t at) const { return number<std::uint32_t>(at); }

  /// The last record, which has a comment of any length behind it.
  std::size_t find_end() const {
    if (bytes_.size() < end_size) fail("truncated");
    for (std::size_t back = end_size; back <= std::min(bytes_.size(), end_size + max_comment);
         ++back) {
      const std::size_t at = bytes_.size() - back;
      if (u32(at) == end_signature && end_size + u16(at + 20) == back) return at;
    }
    fail("its end is missing: truncated?");
  }

  /// Reads the record at `at` of the central directory; returns where the next one is.
  /// TorchScript's source code is compressed, and left out.
  std::size_t parse_entry(std::size_t at, std::vector<ZipEntry>& entries) {
    if (u32(at) != central_signature) fail("its directory is damaged, or larger than 4 GiB");
    const std::size_t name_size = u16(at + 28);
    const Bytes name = take(at + central_size, name_size);
    ZipEntry entry{.name = {reinterpret_cast<const char*>(name.data()), name.size()},
                   .content = {},
                   .deflated = deflated_ && u16(at + 10) == deflate_method,
                   .size = u32(at + 24),
                   .crc = u32(at + 16)};
    constexpr unsigned encrypted = 1;
    if ((u16(at + 8) & encrypted) != 0) fail(fmt::format("{} is encrypted", excerpt(entry.name)));
    const std::uint32_t size = u32(at + 20);
    const std::size_t next = at + central_size + name_size + u16(at + 30) + u16(at + 32);
    // The source of a module, which is not read.
    if (u16(at + 10) != 0 && entry.name.find("/code/") != std::string::npos) return next;
    if (!entry.deflated && (u16(at + 10) != 0 || size != entry.size)) {
      fail(fmt::format("{} is compressed, which {} does not do; pack it with zip -0",
                       excerpt(entry.name), deflated_ ? "NumPy in this way" : "PyTorch"));
    }
    const std::size_t local = u32(at + 42);
    if (u32(local) != local_signature)
      fail(fmt::format("{} is not where it should be", excerpt(entry.name)));
    entry.content = take(local + local_size + u16(local + 26) + u16(local + 28), size);
    entries.push_back(std::move(entry));
    return next;
  }

  Bytes bytes_;
  std::string name_;
  bool deflated_;  // entries may be
};

class ZipWriter {
 public:
  void add(const ZipEntry& entry) {
    const auto local = static_cast<std::uint32_t>(bytes_.size());
    // As PyTorch does: an extra field "FB" of so many bytes that the data are aligned.
    constexpr std::size_t extra_header = 4;
    const std::size_t before = bytes_.size() + local_size + entry.name.size() + extra_header;
    const auto padding = static_cast<std::uint16_t>((alignment - before % alignment) % alignment);
    u32(local_signature);
    put_common(entry);
    u16(static_cast<std::uint16_t>(extra_header + padding));
    put(std::as_bytes(std::span(entry.name)));
    u16(0x4246);
    u16(padding);
    bytes_.insert(bytes_.end(), padding, std::byte{'Z'});
    put(entry.content);
    locals_.push_back(local);
  }

  std::vector<std::byte> finish(std::span<const ZipEntry> entries) {
    const auto begin = static_cast<std::uint32_t>(bytes_.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      u32(central_signature);
      u16(0);  // made by
      put_common(entries[i]);
      for (int field = 0; field < 4; ++field) u16(0);  // extra, comment, disk, attributes
      u32(0);                                          // attributes
      u32(locals_[i]);
      put(std::as_bytes(std::span(entries[i].name)));
    }
    const auto size = static_cast<std::uint32_t>(bytes_.size() - begin);
    u32(end_signature);
    u32(0);  // disks
    u16(static_cast<std::uint16_t>(entries.size()));
    u16(static_cast<std::uint16_t>(entries.size()));
    u32(size);
    u32(begin);
    u16(0);  // comment
    return std::move(bytes_);
  }

 private:
  /// What both records of an entry have, from the version to the length of the name.
  void put_common(const ZipEntry& entry) {
    const auto size = static_cast<std::uint32_t>(entry.content.size());
    u16(20);           // version needed
    u16(1U << 11);     // names are UTF-8
    u16(0);            // stored
    u16(0);            // time: midnight
    u16(1U << 5 | 1);  // date: 1 January 1980
    u32(crc_of(entry.content));
    u32(size);
    u32(size);
    u16(static_cast<std::uint16_t>(entry.name.size()));
  }
  void put(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void u16(std::uint16_t value) { put(std::as_bytes(std::span(&value, 1))); }
  void u32(std::uint32_t value) { put(std::as_bytes(std::span(&value, 1))); }

  std::vector<std::byte> bytes_;
  std::vector<std::uint32_t> locals_;
};

}  // namespace

bool is_zip(Bytes bytes) {
  return bytes.size() >= 4 && std::memcmp(bytes.data(), &local_signature, 4) == 0;
}

std::vector<ZipEntry> parse_zip(Bytes bytes, const std::filesystem::path& name) {
  return ZipParser(bytes, name, false).parse();
}

std::vector<ZipEntry> parse_deflated_zip(Bytes bytes, const std::filesystem::path& name) {
  return ZipParser(bytes, name, true).parse();
}

std::vector<std::byte> unpack(const ZipEntry& entry, const std::string& name) {
  if (!entry.deflated) return {entry.content.begin(), entry.content.end()};
  constexpr std::uint64_t max_expansion = 1032;  // zlib's technical notes
  const auto fail = [&](const char* what) {
    throw Error(fmt::format("{}: zip archive: {} is damaged: {}", name, excerpt(entry.name), what));
  };
  if (entry.size > max_expansion * entry.content.size())
    fail("it claims to be more than it can hold");
  std::vector<std::byte> bytes(entry.size);
  z_stream zlib{};
  if (inflateInit2(&zlib, -MAX_WBITS) != Z_OK) throw std::bad_alloc();  // negative: no header
  // zlib's next_in is not const for historical reasons; it does not write there.
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry.content.data()));
  zlib.avail_in = static_cast<uInt>(entry.content.size());
  zlib.next_out = reinterpret_cast<Bytef*>(bytes.data());
  zlib.avail_out = static_cast<uInt>(bytes.size());
  const int status = inflate(&zlib, Z_FINISH);
  const std::size_t got = zlib.total_out;
  inflateEnd(&zlib);
  if (status != Z_STREAM_END || got != bytes.size()) fail("its data do not unpack");
  if (crc_of(bytes) != entry.crc) fail("its CRC-32 differs");
  return bytes;
}

std::vector<std::byte> format_zip(std::span<const ZipEntry> entries) {
  ZipWriter writer;
  for (const ZipEntry& entry : entries) writer.add(entry);
  return writer.finish(entries);
}

}  // namespace scrawl
