#include "decoding/tiff_pages.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/core.h>
#include <numeric>
#include <set>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

/// Numbers in the file's own order of bytes.
class Reader {
 public:
  explicit Reader(Bytes bytes)
      : bytes_(bytes), is_big_endian_(take(bytes, 0, 1)[0] == std::byte{'M'}) {}

  std::uint32_t operator()(std::size_t at, std::size_t size) const {
    return is_big_endian_ ? read_big_endian(bytes_, at, size)
                          : read_little_endian(bytes_, at, size);
  }

 private:
  Bytes bytes_;
  bool is_big_endian_;
};

constexpr std::size_t entry_size = 12;  // tag (2), type (2), count (4), value (4)

/// Whether the directory is of a smaller version or a mask of another page.
bool is_of_another_page(const Reader& read, std::size_t directory) {
  constexpr std::uint32_t new_subfile_type = 254;
  constexpr std::uint32_t smaller_version = 1;
  constexpr std::uint32_t mask = 4;
  const std::size_t entries = read(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * entry_size;
    if (read(entry, 2) == new_subfile_type)
      return (read(entry + 8, 4) & (smaller_version | mask)) != 0;
  }
  return false;
}

}  // namespace

std::vector<std::size_t> find_tiff_pages(Bytes tiff) {
  const Reader read(tiff);
  std::vector<std::size_t> pages;
  std::size_t directories = 0;
  std::set<std::size_t> seen;
  try {
    // Each directory: the number of entries (2), the entries, where the next directory is (4).
    for (std::size_t at = read(4, 4); at != 0 && seen.insert(at).second;) {
      const std::size_t next = read(at + 2 + read(at, 2) * entry_size, 4);
      if (!is_of_another_page(read, at)) pages.push_back(directories);
      if (++directories > max_pages) break;
      at = next;
    }
  } catch (const Error&) {
    // The rest is cut short; what is before it may be whole.
  }
  if (directories > max_pages)
    throw Error(fmt::format("more than {} pages; split the file", max_pages));
  if (pages.empty()) {
    pages.resize(std::max<std::size_t>(directories, 1));  // what is wrong says who decodes it
    std::iota(pages.begin(), pages.end(), 0);
  }
  return pages;
}

void check_page(std::size_t page, std::size_t count) {
  if (page == 0 || page > count)
    throw Error(fmt::format("page {} was asked for, of {}; the first is 1", page, count),
                ErrorCode::invalid_argument);
}

std::size_t find_directory(Bytes bytes, Format format, std::size_t page) {
  if (format != Format::tiff) {
    check_page(page, 1);
    return 0;
  }
  const std::vector<std::size_t> pages = find_tiff_pages(bytes);
  check_page(page, pages.size());
  return pages[page - 1];
}

}  // namespace scrawl
