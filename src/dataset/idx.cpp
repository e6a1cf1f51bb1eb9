#include "dataset/idx.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <span>
#include <string_view>
#include <sys/mman.h>
#include <vector>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

/// What tells one kind of IDX file from another.
struct Kind {
  std::string_view what;
  std::uint32_t magic;
  std::size_t fields;  ///< 32-bit words in the header
  std::size_t item_bytes;
};

constexpr Kind images_kind{"images", 0x803, 4, glyph_pixels};
constexpr Kind labels_kind{"labels", 0x801, 2, 1};
// Eight 32-bit numbers for each image, of which the first is the digit.
constexpr std::size_t qmnist_label_bytes = 32;
constexpr Kind qmnist_labels_kind{"labels", 0xc02, 3, qmnist_label_bytes};

using Header = std::array<std::uint32_t, 4>;  // magic, count, and for images rows and columns

Header read_header(const Stream& stream, const Kind& kind) {
  std::array<std::byte, 16> bytes{};
  const auto used = std::span(bytes).first(4 * kind.fields);
  const std::size_t got = read_fully(stream, used);
  if (got < used.size()) {
    throw Error(fmt::format(
        "{}: {}: an IDX file of {} starts with {} bytes of header; get it again", stream.name,
        got == 0 ? "empty" : fmt::format("only {} bytes", got), kind.what, used.size()));
  }
  Header header{};
  for (std::size_t i = 0; i < used.size(); ++i) {
    header[i / 4] = header[i / 4] << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  }
  return header;
}

std::uint64_t file_bytes(std::uint64_t count, const Kind& kind) {
  return 4 * kind.fields + count * kind.item_bytes;
}

/// Reads and checks the header; returns how many items follow.
std::size_t read_count(const Stream& stream, const Kind& kind) {
  const auto [magic, count, rows, columns] = read_header(stream, kind);
  if (magic != kind.magic) {
    throw Error(fmt::format("{}: magic number 0x{:08x}, expected 0x{:08x}: not an IDX file of {}",
                            stream.name, magic, kind.magic, kind.what));
  }
  if (kind.magic == images_kind.magic && (rows != glyph_side || columns != glyph_side)) {
    throw Error(fmt::format("{}: images of {}x{} (rows x columns), expected {}x{}", stream.name,
                            rows, columns, glyph_side, glyph_side));
  }
  if (kind.magic == qmnist_labels_kind.magic && rows != qmnist_label_bytes / 4) {
    throw Error(fmt::format("{}: {} numbers for each label, expected {}, as in QMNIST", stream.name,
                            rows, qmnist_label_bytes / 4));
  }
  if (count == 0) throw Error(fmt::format("{}: no {}: count 0", stream.name, kind.what));
  if (file_bytes(count, kind) > stream.at_most) {
    throw Error(
        fmt::format("{}: the header announces {} {}, {} bytes in all, but the file cannot "
                    "hold more than {}; get it again",
                    stream.name, count, kind.what, file_bytes(count, kind), stream.at_most));
  }
  return count;
}

void check_end(bool ends, const std::string& name, std::size_t count, const Kind& kind) {
  if (ends) return;
  throw Error(
      fmt::format("{}: goes on after {} bytes, where the {} {} that its header announces "
                  "end; get it again",
                  name, file_bytes(count, kind), count, kind.what));
}

/// Room for `size` bytes, in large pages where the system has them: with 4 kB pages two thirds of
/// the time to load MNIST go into page faults (27 ms against 10 ms).
std::vector<std::uint8_t> reserve_large(std::size_t size) {
  constexpr std::size_t page = 2 << 20;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(size);
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::size_t skip = (page - address % page) % page;
  if (skip + page <= size) {
    madvise(bytes.data() + skip, (size - skip) / page * page, MADV_HUGEPAGE);  // only a wish
  }
  return bytes;
}

std::vector<std::uint8_t> read_items(const Stream& stream, std::size_t count, const Kind& kind) {
  const std::size_t size = count * kind.item_bytes;
  std::vector<std::uint8_t> items = reserve_large(size);
  while (items.size() < size) {
    // resize() zeroes: a piece at a time, it does so in the cache, and a file that ends early costs
    // no memory.
    const std::size_t used = items.size();
    items.resize(std::min(size, used + (1 << 18)));
    const auto room = std::as_writable_bytes(std::span(items).subspan(used));
    const std::size_t got = read_fully(stream, room);
    if (got == room.size()) continue;
    throw Error(fmt::format(
        "{}: ends after {} bytes, expected {} for the {} {} that its header "
        "announces; get it again",
        stream.name, 4 * kind.fields + used + got, file_bytes(count, kind), count, kind.what));
  }
  std::byte more{};
  check_end(stream.next({&more, 1}) == 0, stream.name, count, kind);
  return items;
}

void check_labels(const std::vector<std::uint8_t>& labels, const std::string& name) {
  const auto bad =
      std::ranges::find_if(labels, [](unsigned label) { return label >= digit_count; });
  if (bad == labels.end()) return;
  throw Error(
      fmt::format("{}: label {} at index {}, expected 0 to 9", name, *bad, bad - labels.begin()));
}

/// Of each item the digit, which a 32-bit number of QMNIST's begins with; above 255: 255.
std::vector<std::uint8_t> first_numbers(const std::vector<std::uint8_t>& items) {
  std::vector<std::uint8_t> labels;
  labels.reserve(items.size() / qmnist_label_bytes);
  for (std::size_t i = 0; i < items.size(); i += qmnist_label_bytes) {
    const bool small = items[i] == 0 && items[i + 1] == 0 && items[i + 2] == 0;
    labels.push_back(small ? items[i + 3] : 255);
  }
  return labels;
}

}  // namespace

Dataset read_idx(const Stream& images, const Stream& labels, IdxLabels format) {
  const std::size_t count = read_count(images, images_kind);
  Dataset dataset;
  dataset.labels = read_idx_labels(labels, format, count, images.name);
  dataset.images = read_items(images, count, images_kind);
  return dataset;
}

std::vector<std::uint8_t> read_idx_images(const Stream& images) {
  return read_items(images, read_count(images, images_kind), images_kind);
}

bool is_idx_images(std::span<const std::byte> file) {
  constexpr std::array<std::byte, 4> magic{std::byte{0}, std::byte{0}, std::byte{8}, std::byte{3}};
  return file.size() >= magic.size() && std::ranges::equal(file.first(magic.size()), magic);
}

std::span<const std::uint8_t> find_idx_images(std::span<const std::byte> file,
                                              const std::string& name) {
  const std::size_t count = read_count(open_stream(file, name), images_kind);
  check_end(file.size() == file_bytes(count, images_kind), name, count, images_kind);
  const auto images = file.subspan(4 * images_kind.fields);
  return {reinterpret_cast<const std::uint8_t*>(images.data()), images.size()};
}

std::vector<std::uint8_t> read_idx_labels(const Stream& labels, IdxLabels format,
                                          std::size_t images, const std::string& images_name) {
  const Kind& kind = format == IdxLabels::qmnist ? qmnist_labels_kind : labels_kind;
  const std::size_t count = read_count(labels, kind);
  if (count != images) {
    throw Error(
        fmt::format("{} has {} images, but {} has {} labels: the two are not of one data set",
                    images_name, images, labels.name, count));
  }
  std::vector<std::uint8_t> digits = read_items(labels, count, kind);
  if (format == IdxLabels::qmnist) digits = first_numbers(digits);
  check_labels(digits, labels.name);
  return digits;
}

}  // namespace scrawl
