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

namespace scrawl::cli {

/// A file to be read, or why it cannot be.
struct Input {
  std::string file;
  std::string error;  ///< empty: none
};

/// Goes through arguments as they come: files, folders (their pictures, sorted by name; with
/// `recursive` those of the folders in them too), patterns such as '*.png', and, last, the lines of
/// a list. What it keeps are the names in the folders it is in, however many files there are.
class Inputs {
 public:
  /// `list` is a file with one name on each line, "-" standard input, empty: there is none. Throws
  /// Error when it cannot be opened.
  Inputs(const std::vector<std::string>& arguments, bool recursive, const std::string& list);

  /// Nothing when there are no more.
  std::optional<Input> next();

 private:
  void take_argument(const std::string& argument);
  void take_folder(const std::filesystem::path& folder);

  struct Pending {
    std::string name;
    bool named;  ///< by the user, so that it is read whatever its name ends with
  };

  std::deque<Pending> pending_;
  bool recursive_;
  std::ifstream list_file_;
  std::istream* list_ = nullptr;
  std::optional<Input> failed_;
};

}  // namespace scrawl::cli
