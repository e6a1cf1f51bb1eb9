#include "cli/inputs.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <glob.h>
#include <iostream>
#include <string_view>
#include <system_error>
#include <utility>

#include <scrawl/error.hpp>

#include "decoding/pdf.hpp"

namespace scrawl::cli {

namespace {

constexpr std::size_t longest_line = 65'536;  // bytes; of a list. Linux takes paths of 4096

bool ends_like_a_picture(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 15> endings{".png", ".jpg", ".jpeg", ".tif",  ".tiff",
                                                     ".bmp", ".gif", ".webp", ".pnm",  ".pbm",
                                                     ".pgm", ".ppm", ".heic", ".heif", ".avif"};
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(endings, ending) != endings.end() ||
         (ending == ".pdf" && can_read_pdf());
}

bool is_pattern(const std::string& argument) {
  std::error_code ignored;
  return argument.find_first_of("*?[") != std::string::npos &&
         !std::filesystem::exists(argument, ignored);
}

std::vector<std::string> expand(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> names;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return names;
}

}  // namespace

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

bool may_be_several(const std::string& argument) {
  return is_pattern(argument) || is_folder(argument);
}

Inputs::Inputs(const std::vector<std::string>& arguments, bool recursive, const std::string& list,
               Shard shard)
    : recursive_(recursive), shard_(shard), list_name_(list == "-" ? "standard input" : list) {
  for (const std::string& argument : arguments) pending_.push_back({argument, From::user});
  if (list.empty()) return;
  list_ = &std::cin;
  if (list == "-") return;
  if (is_folder(list)) throw Error(fmt::format("{}: a folder, expected a list of pictures", list));
  list_file_.open(list);
  if (!list_file_) throw Error(fmt::format("{}: cannot be opened as a list of pictures", list));
  list_ = &list_file_;
}

/// The next line of the list, as it is: all of it, or what is one byte too long. Nothing at its
/// end.
std::optional<std::string> Inputs::next_line() {
  if (list_ == nullptr) return std::nullopt;
  std::string line;
  char character = 0;
  // std::getline has no limit, and a file such as /dev/zero no lines.
  while (line.size() <= longest_line && list_->get(character)) {
    if (character != '\n') {
      line += character;
      continue;
    }
    ++list_line_;
    return line;
  }
  if (line.empty()) return std::nullopt;
  ++list_line_;
  return line;
}

Input Inputs::list_error(const std::string& what) const {
  return {list_name_, fmt::format("line {}: {}", list_line_, what)};
}

/// A line of the list without what editors put around it: Windows' line end, and the mark before
/// UTF-8 text.
std::string Inputs::trim(std::string line) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (list_line_ == 1 && line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

/// Sets what is next, or puts what it stands for before all that is still to come.
void Inputs::take(const Pending& pending) {
  if (pending.from == From::user && is_pattern(pending.name)) {
    const std::vector<std::string> names = expand(pending.name);
    if (names.empty()) next_ = Input{pending.name, "no file matches"};
    for (auto name = names.rbegin(); name != names.rend(); ++name)
      pending_.push_front({*name, From::pattern});
  } else if (is_folder(pending.name)) {
    take_folder(pending.name);
  } else {
    next_ = Input{pending.name, "", pending.from != From::user};
  }
}

/// Puts a folder's pictures, and its folders, before all that is still to come.
void Inputs::take_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const bool is_inner = entry->is_directory(ignored) && !entry->is_symlink(ignored);
    if (is_inner ? recursive_ : ends_like_a_picture(entry->path()))
      names.push_back(entry->path().string());
  }
  if (error) next_ = Input{folder.string(), error.message()};
  std::ranges::sort(names, std::greater());
  for (std::string& name : names) pending_.push_front({std::move(name), From::folder});
}

std::optional<Input> Inputs::next() {
  std::optional<Input> input = next_of_all();
  while (input && !shard_.holds(input->file)) input = next_of_all();
  return input;
}

std::optional<Input> Inputs::next_of_all() {
  while (!next_ && !pending_.empty()) {
    const Pending first = std::move(pending_.front());
    pending_.pop_front();
    take(first);
  }
  if (next_) return std::exchange(next_, std::nullopt);
  while (std::optional<std::string> line = next_line()) {
    if (line->size() > longest_line) {
      list_ = nullptr;  // what comes may have no end
      return list_error(fmt::format(
          "found more than {} bytes, expected the name of a picture; nothing behind it is read",
          longest_line));
    }
    const std::string name = trim(std::move(*line));
    if (name.find('\0') != std::string::npos)
      return list_error("a name with a NUL in it; expected a name on each line of the list");
    if (!name.empty()) return Input{name, ""};
  }
  return std::nullopt;
}

}  // namespace scrawl::cli
