// The pictures that a command line names, one after another.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "cli/shard.hpp"

namespace scrawl::cli {

/// A file to be read, or why it cannot be.
struct Input {
  std::string file;
  std::string error;   ///< empty: none
  bool found = false;  ///< in a folder or by a pattern: nobody has named it
};

/// Whether there is a folder of that name; whatever is wrong with it, there is none.
bool is_folder(const std::filesystem::path& path);

/// Whether an argument may stand for several pictures: a folder, or a pattern that no file is named
/// like.
bool may_be_several(const std::string& argument);

/// Goes through arguments as they come: files, folders (their pictures, sorted by name; with
/// `recursive` those of the folders in them too), patterns such as '*.png', and, last, the lines of
/// a list. What it keeps are the names in the folders it is in, however many files there are.
class Inputs {
 public:
  /// `list` is a file with one name on each line, "-" standard input, empty: there is none. Throws
  /// Error when it cannot be opened.
  /// Of all these, those that `shard` holds are given.
  Inputs(const std::vector<std::string>& arguments, bool recursive, const std::string& list,
         Shard shard = {});

  /// Nothing when there are no more.
  std::optional<Input> next();

 private:
  enum class From { user, pattern, folder };
  struct Pending {
    std::string name;
    From from;  ///< what a pattern gave is not a pattern again
  };

  std::optional<Input> next_of_all();
  void take(const Pending& pending);
  void take_folder(const std::filesystem::path& folder);
  std::optional<std::string> next_line();
  Input list_error(const std::string& what) const;
  std::string trim(std::string line);

  std::deque<Pending> pending_;
  bool recursive_;
  Shard shard_;
  std::string list_name_;
  std::ifstream list_file_;
  std::istream* list_ = nullptr;  ///< null: there is none, or no more of it
  std::size_t list_line_ = 0;     ///< from 1
  std::optional<Input> next_;
};

}  // namespace scrawl::cli
