#include "cli/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <unistd.h>

#include "cli/cli.hpp"
#include "files/files.hpp"

namespace scrawl::cli {

namespace {

std::filesystem::path writable(const std::filesystem::path& file) {
  make_folder_of(file);
  return require_writable(file);
}

[[noreturn]] void fail(const std::filesystem::path& file) {
  const int number = errno;
  throw FileError(file, std::generic_category().message(number), number);
}

}  // namespace

OutputFile::OutputFile(const std::filesystem::path& file)
    : file_(writable(file)), beside_(temporary_name(file_)) {
  if (std::freopen(beside_.c_str(), "w", stdout) == nullptr) fail(beside_);
}

OutputFile::~OutputFile() {
  std::error_code ignored;
  if (!beside_.empty()) std::filesystem::remove(beside_, ignored);
}

void OutputFile::finish() {
  flush_output();
  if (::fsync(fileno(stdout)) != 0) fail(beside_);
  move_file(beside_, file_);
  sync_folder(file_.parent_path());
  beside_.clear();
}

}  // namespace scrawl::cli
