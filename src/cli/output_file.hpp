// Standard output as a file that is there when all is in it, and not before.
#pragma once

#include <filesystem>

namespace scrawl::cli {

/// From now on what is printed goes into a file beside `file`, which gets that name by finish().
/// One at a time, since there is one standard output.
class OutputFile {
 public:
  /// Throws Error when there can be no such file.
  explicit OutputFile(const std::filesystem::path& file);
  /// Without finish(), nothing is left.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Nothing can be printed any more. Throws Error when the disk will not take it.
  void finish();

 private:
  std::filesystem::path file_;
  std::filesystem::path beside_;
};

}  // namespace scrawl::cli
