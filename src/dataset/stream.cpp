#include "dataset/stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/core.h>
#include <limits>
#include <memory>
#include <new>
#include <utility>
#include <zlib.h>

#include <scrawl/error.hpp>

#include "files/files.hpp"

namespace scrawl {

namespace {

// DEFLATE turns one byte into 1032 at most (zlib's technical notes), so a short file cannot claim
// much; and no gzip file of ours unpacks to more than a gibibyte, so a bomb ends there.
constexpr std::uint64_t max_expansion = 1032;
constexpr std::uint64_t max_unpacked = 1 << 30;

/// Unpacks a gzip file: one member or several in a row, checksums and all, to the last byte.
/// (zlib's own gzread takes garbage after the last member for the end of the file.)
class Gunzip {
 public:
  explicit Gunzip(Stream packed) : packed_(std::move(packed)) {
    if (inflateInit2(&zlib_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();  // 16: gzip only
  }
  ~Gunzip() { inflateEnd(&zlib_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  std::size_t next(std::span<std::byte> into) {
    const std::size_t room = std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max());
    zlib_.next_out = reinterpret_cast<Bytef*>(into.data());
    zlib_.avail_out = static_cast<uInt>(room);
    while (zlib_.avail_out == room && room > 0 && refill()) step();
    const std::size_t got = room - zlib_.avail_out;
    unpacked_ += got;
    return got;
  }

 private:
  /// Sees to it that there is input. False at the end of the file, if a member has just ended.
  bool refill() {
    if (zlib_.avail_in > 0) return true;
    zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
    zlib_.avail_in = static_cast<uInt>(packed_.next(input_));
    if (zlib_.avail_in > 0) return true;
    if (member_ended_) return false;
    throw Error(
        fmt::format("{}: the gzip file is cut off: it ends in the middle of its data, after {} "
                    "unpacked bytes; get it again",
                    packed_.name, unpacked_));
  }

  void step() {
    if (member_ended_) start_member();
    const int status = inflate(&zlib_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    member_ended_ = status == Z_STREAM_END;
    if (status == Z_OK || status == Z_STREAM_END) return;
    throw Error(fmt::format("{}: broken gzip data after {} unpacked bytes ({}); get the file again",
                            packed_.name, unpacked_,
                            zlib_.msg != nullptr ? zlib_.msg : "no reason given"));
  }

  /// There is more after the end of a member: another member, or something that should not be
  /// there.
  void start_member() {
    if (*zlib_.next_in != 0x1f) {
      throw Error(
          fmt::format("{}: something that is not gzip data follows the end of the gzip data, "
                      "after {} unpacked bytes; get the file again",
                      packed_.name, unpacked_));
    }
    inflateReset(&zlib_);
  }

  Stream packed_;
  z_stream zlib_{};
  std::array<std::byte, 1 << 16> input_;
  bool member_ended_ = false;
  std::uint64_t unpacked_ = 0;
};

Stream gunzip(Stream packed) {
  Stream stream;
  stream.name = packed.name;
  stream.at_most = std::min(max_unpacked, max_expansion * packed.at_most);
  stream.next = [unpacker = std::make_shared<Gunzip>(std::move(packed))](
                    std::span<std::byte> into) { return unpacker->next(into); };
  return stream;
}

bool is_gzip(std::span<const std::byte> start) {
  return start.size() >= 2 && start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b};
}

[[noreturn]] void fail(const std::string& name, const char* what, int error) {
  throw Error(fmt::format("{}: cannot {}: {}", name, what, std::strerror(error)));
}

/// The bytes of a file as they are.
Stream packed_stream(const std::filesystem::path& file) {
  OpenFile open = open_found_file(file);
  std::FILE* opened = ::fdopen(open.descriptor.get(), "rb");
  if (opened == nullptr) fail(file.string(), "open", errno);
  open.descriptor.release();  // it is the stream's
  std::shared_ptr<std::FILE> owner(opened, std::fclose);
  std::setvbuf(opened, nullptr, _IONBF, 0);  // large reads go straight to where they belong
  auto next = [owner, name = file.string()](std::span<std::byte> into) {
    const std::size_t got = std::fread(into.data(), 1, into.size(), owner.get());
    if (got < into.size() && std::ferror(owner.get()) != 0) fail(name, "read", errno);
    return got;
  };
  return {file.string(), open.size, std::move(next)};
}

Stream packed_stream(std::span<const std::byte> bytes, std::string name) {
  const std::size_t size = bytes.size();
  auto next = [bytes](std::span<std::byte> into) mutable {
    const std::size_t count = std::min(into.size(), bytes.size());
    std::copy_n(bytes.begin(), count, into.begin());
    bytes = bytes.subspan(count);
    return count;
  };
  return {std::move(name), size, std::move(next)};
}

}  // namespace

Stream open_stream(const std::filesystem::path& file) {
  std::array<std::byte, 2> start{};
  read_fully(packed_stream(file), start);
  Stream stream = packed_stream(file);
  return is_gzip(start) ? gunzip(std::move(stream)) : stream;
}

Stream open_stream(std::span<const std::byte> bytes, std::string name) {
  Stream stream = packed_stream(bytes, std::move(name));
  return is_gzip(bytes) ? gunzip(std::move(stream)) : stream;
}

std::size_t read_fully(const Stream& stream, std::span<std::byte> into) {
  std::size_t used = 0;
  while (used < into.size()) {
    const std::size_t got = stream.next(into.subspan(used));
    if (got == 0) break;
    used += got;
  }
  return used;
}

std::vector<std::byte> read_rest(const Stream& stream, std::size_t limit) {
  constexpr std::size_t chunk = 1 << 18;
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(limit, stream.at_most)) + 1);
  for (;;) {
    const std::size_t used = bytes.size();
    bytes.resize(std::min(used + chunk, limit + 1));
    const std::size_t got = read_fully(stream, std::span(bytes).subspan(used));
    if (used + got > limit) {
      throw Error(fmt::format("{}: too long: over {} bytes", stream.name, limit));
    }
    bytes.resize(used + got);
    if (got == 0) return bytes;
  }
}

}  // namespace scrawl
