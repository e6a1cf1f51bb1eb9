// The user's corrected glyphs: a folder of PNG files by digit.
//
// Every change holds the folder's lock, and is in itself such that it may end anywhere: a glyph
// that is there is moved by one rename, a new one is written in the collection's own folder and
// then renamed. So a glyph is never under no digit, and what a killed process leaves is found by
// the next change without a look at the glyphs.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "dataset/digest.hpp"
#include "decoding/write_png.hpp"
#include "files/files.hpp"
#include "files/folder_lock.hpp"
#include "personalization/pictures_by_digit.hpp"

namespace scrawl {

namespace fs = std::filesystem;

namespace {

constexpr int digits = static_cast<int>(digit_count);
constexpr std::size_t id_letters = 16;
constexpr std::string_view ending = ".png";

/// A file of a collection: 100,000 paths would take long to make.
struct Entry {
  std::string name;
  int digit = 0;
};

fs::path path_of(const fs::path& folder, int digit, const std::string& name) {
  return folder / std::to_string(digit) / name;
}

std::string_view stem_of(const Entry& entry) {
  const std::size_t dot = entry.name.rfind('.');
  return std::string_view(entry.name).substr(0, dot == 0 ? std::string::npos : dot);
}

/// The number that an id is; nothing when it is none, as the name of what others have put there.
std::optional<std::uint64_t> number_of(std::string_view id) {
  std::uint64_t number = 0;
  const auto* end = id.data() + id.size();
  if (id.size() != id_letters) return std::nullopt;
  const auto [last, error] = std::from_chars(id.data(), end, number, 16);
  if (error != std::errc() || last != end) return std::nullopt;
  return number;
}

/// Something other than a folder.
bool is_there(const fs::path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

/// Whether a file is what we have written for the glyph of its name.
bool holds_its_glyph(const fs::path& file) {
  try {
    const std::optional<Glyph> glyph = load_glyph(file);
    return glyph && glyph_id(*glyph) == file.stem().string();
  } catch (const Error&) {
    return false;
  }
}

std::vector<std::byte> png_of(GlyphView glyph) {
  constexpr int side = glyph_side;
  return format_png(Picture{side, side, 1, {glyph.begin(), glyph.end()}});
}

/// When a file was last written or moved, in nanoseconds.
std::int64_t time_of(const fs::path& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return 0;
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

/// Removes a file's name from the disk; false when there was none.
bool remove_file(const fs::path& file) {
  if (!is_there(file)) return false;
  if (::unlink(file.c_str()) != 0)
    throw FileError(file, fmt::format("cannot remove: {}", std::strerror(errno)), errno);
  sync_folder(file.parent_path());
  return true;
}

/// All files, in no order.
std::vector<Entry> read_entries(const fs::path& folder, std::vector<fs::path>& unfinished) {
  std::vector<Entry> entries;
  for (int digit = 0; digit < digits; ++digit) {
    const fs::path of_digit = folder / std::to_string(digit);
    std::vector<std::string> parts;
    for (std::string& name : picture_names(of_digit, &parts))
      entries.push_back({std::move(name), digit});
    for (const std::string& part : parts) unfinished.push_back(of_digit / part);
  }
  return entries;
}

/// An entry by the number that its name's id is.
struct Numbered {
  std::uint64_t number;
  std::size_t entry;
};

std::vector<Numbered> in_order_of_ids(const std::vector<Entry>& entries) {
  std::vector<Numbered> all;
  all.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].name.ends_with(ending)) continue;
    if (const auto number = number_of(stem_of(entries[i]))) all.push_back({*number, i});
  }
  std::ranges::stable_sort(all, {}, &Numbered::number);
  return all;
}

/// Of files with one glyph's name under several digits: those that hold it, but for the newest.
std::vector<std::size_t> older_of(std::span<const Numbered> files, const fs::path& folder,
                                  const std::vector<Entry>& entries) {
  std::vector<std::tuple<std::int64_t, int, std::size_t>> by_age;  // the higher digit where equal
  for (const Numbered& file : files) {
    const auto& [name, digit] = entries[file.entry];
    const fs::path path = path_of(folder, digit, name);
    if (holds_its_glyph(path)) by_age.emplace_back(time_of(path), digit, file.entry);
  }
  std::ranges::sort(by_age);
  std::vector<std::size_t> older;
  for (std::size_t i = 0; i + 1 < by_age.size(); ++i) older.push_back(std::get<2>(by_age[i]));
  return older;
}

/// The entries that are not to be: a glyph stands under one digit.
std::vector<std::size_t> doubles_in(const std::vector<Entry>& entries, const fs::path& folder) {
  const std::vector<Numbered> all = in_order_of_ids(entries);
  std::vector<std::size_t> doubles;
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::find_if(
        first, all.end(), [&](const Numbered& other) { return other.number != first->number; });
    if (last - first > 1) {
      for (const std::size_t entry : older_of({first, last}, folder, entries))
        doubles.push_back(entry);
    }
    first = last;
  }
  return doubles;
}

/// The collection's lock for those who only read, who can do without: a folder that they may not
/// open, or one that a stopped program holds, is read all the same.
std::unique_ptr<FolderLock> lock_if_possible(const fs::path& folder) {
  try {
    return std::make_unique<FolderLock>(folder);
  } catch (const FileError&) {
    return nullptr;
  }
}

void remove_if_possible(const fs::path& file) {
  try {
    remove_file(file);
  } catch (const FileError&) {  // it is in nobody's way
  }
}

/// The collection's files, in no order, each glyph once. What should not be there is removed.
std::vector<Entry> take_stock(const fs::path& folder) {
  const std::unique_ptr<FolderLock> lock = lock_if_possible(folder);
  std::vector<fs::path> unfinished;
  std::vector<Entry> entries = read_entries(folder, unfinished);
  std::vector<std::size_t> doubles = doubles_in(entries, folder);
  std::ranges::sort(doubles, std::greater());
  for (const std::size_t i : doubles) {
    if (lock) remove_if_possible(path_of(folder, entries[i].digit, entries[i].name));
    entries[i] = std::move(entries.back());
    entries.pop_back();
  }
  if (lock) {
    remove_leftovers(folder);
    for (const fs::path& file : unfinished)
      if (is_leftover(file)) remove_if_possible(file);
  }
  return entries;
}

std::vector<Correction> to_corrections(const fs::path& folder, const std::vector<Entry>& entries) {
  std::vector<Correction> corrections;
  corrections.reserve(entries.size());
  for (const Entry& entry : entries) {
    corrections.push_back(
        {std::string(stem_of(entry)), entry.digit, path_of(folder, entry.digit, entry.name)});
  }
  return corrections;
}

/// Puts what stands under other digits under this one, whatever it is.
void move_from_other_digits(const fs::path& folder, const std::string& name, int digit) {
  const fs::path file = path_of(folder, digit, name);
  for (int other = 0; other < digits; ++other) {
    const fs::path there = path_of(folder, other, name);
    if (other == digit || !is_there(there)) continue;
    move_file(there, file);
    ::utimensat(AT_FDCWD, file.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);  // it is the newest now
    std::error_code gone;
    if (fs::equivalent(there, file, gone))
      remove_file(there);  // hard links, which stay as they are
  }
}

}  // namespace

std::string glyph_id(GlyphView glyph) {
  Sha256 sum;
  sum.update(std::as_bytes(glyph));
  return sum.hex().substr(0, id_letters);
}

fs::path add_correction(const fs::path& folder, GlyphView glyph, int digit) {
  if (digit < 0 || digit >= digits) {
    throw std::invalid_argument(fmt::format("correction: digit {}, expected 0 to 9", digit));
  }
  if (!has_ink(glyph)) throw Error("correction: there is no ink in the glyph");
  const std::string name = fmt::format("{}{}", glyph_id(glyph), ending);
  fs::path file = path_of(folder, digit, name);
  make_folder(file.parent_path());
  const FolderLock lock(folder);
  remove_leftovers(folder);
  move_from_other_digits(folder, name, digit);
  if (!holds_its_glyph(file)) put_file(file, png_of(glyph), folder);
  return file;
}

bool remove_correction(const fs::path& folder, const std::string& id) {
  std::error_code unknown;
  if (!fs::is_directory(folder, unknown)) return false;
  const FolderLock lock(folder);
  bool removed = false;
  if (number_of(id)) {
    for (int digit = 0; digit < digits; ++digit)
      removed = remove_file(path_of(folder, digit, fmt::format("{}{}", id, ending))) || removed;
  }
  if (removed) return true;
  std::vector<fs::path> unfinished;
  for (const Entry& entry : read_entries(folder, unfinished)) {  // what others have put there
    if (stem_of(entry) == id)
      removed = remove_file(path_of(folder, entry.digit, entry.name)) || removed;
  }
  return removed;
}

std::vector<Correction> list_corrections(const fs::path& folder) {
  std::vector<Entry> entries = take_stock(folder);
  std::ranges::sort(entries, {},
                    [](const Entry& entry) { return std::tie(entry.digit, entry.name); });
  return to_corrections(folder, entries);
}

std::vector<Correction> list_corrections(const fs::path& folder, std::string_view after,
                                         std::size_t limit) {
  std::vector<Entry> entries = take_stock(folder);
  std::erase_if(entries, [&](const Entry& entry) { return stem_of(entry) <= after; });
  const auto by_id = [](const Entry& entry) {
    return std::tuple(stem_of(entry), entry.digit, std::string_view(entry.name));
  };
  if (limit == 0) return {};
  if (limit < entries.size()) {
    const auto last = entries.begin() + static_cast<std::ptrdiff_t>(limit - 1);
    std::ranges::nth_element(entries, last, {}, by_id);
    const std::string last_id(stem_of(*last));
    std::erase_if(entries, [&](const Entry& entry) { return stem_of(entry) > last_id; });
  }
  std::ranges::sort(entries, {}, by_id);
  return to_corrections(folder, entries);
}

CollectionCounts count_corrections(const fs::path& folder) {
  CollectionCounts counts;
  for (const Entry& entry : take_stock(folder)) {
    ++counts.digits[static_cast<std::size_t>(entry.digit)];
    ++counts.size;
  }
  return counts;
}

PicturesByDigit load_collection(const fs::path& folder) {
  std::vector<FileOfDigit> files;
  for (Correction& correction : list_corrections(folder))
    files.push_back({std::move(correction.file), correction.digit});
  if (files.empty()) return {};
  return load_glyphs(files, 0);
}

}  // namespace scrawl
