#include "fetch/verify.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <string>

#include <scrawl/error.hpp>

#include "dataset/digest.hpp"
#include "dataset/locate.hpp"
#include "dataset/stream.hpp"

namespace scrawl {

namespace {

/// What is wrong with content of this length and checksum; empty when nothing is.
std::string problem_of(const KnownFile& file, std::size_t bytes, std::string_view sha256) {
  if (bytes > file.bytes) return fmt::format("longer than the expected {} bytes", file.bytes);
  if (bytes < file.bytes) return fmt::format("{} bytes, expected {}", bytes, file.bytes);
  if (sha256 != file.sha256) return fmt::format("SHA-256 {}, expected {}", sha256, file.sha256);
  return {};
}

/// Reads up to the first byte that is too many: an endless file ends there.
void check_stream(const Stream& stream, const KnownFile& file, FileCheck& check) {
  std::vector<std::byte> piece(1 << 18);
  Sha256 sum;
  std::size_t used = 0;
  while (used <= file.bytes) {
    const std::size_t got = read_fully(stream, piece);
    if (got == 0) break;
    sum.update(std::span(piece).first(got));
    used += got;
  }
  if (used <= file.bytes) check.sha256 = sum.hex();
  check.problem = problem_of(file, used, check.sha256);
}

std::string without_prefix(std::string_view text, std::string_view prefix) {
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  return std::string(text);
}

FileCheck check_file(const std::filesystem::path& folder, const KnownFile& file) {
  FileCheck check;
  check.name = file.name;
  check.expected = file.sha256;
  check.path = locate(folder, file.name);
  if (check.path.empty()) {
    check.problem = "not there";
    return check;
  }
  try {
    check_stream(open_stream(check.path), file, check);
  } catch (const Error& error) {
    check.problem = without_prefix(error.what(), check.path.string() + ": ");
  }
  return check;
}

}  // namespace

std::vector<FileCheck> verify_files(const std::filesystem::path& folder,
                                    std::span<const KnownFile> files) {
  std::vector<FileCheck> checks;
  for (const KnownFile& file : files) checks.push_back(check_file(folder, file));
  return checks;
}

std::vector<FileCheck> verify_mnist(const std::filesystem::path& folder) {
  return verify_files(folder, mnist_files);
}

void require_content(const KnownFile& file, std::span<const std::byte> bytes,
                     std::string_view name) {
  Sha256 sum;
  sum.update(bytes);
  const std::string problem = problem_of(file, bytes.size(), sum.hex());
  if (!problem.empty()) throw Error(fmt::format("{}: {}", name, problem));
}

}  // namespace scrawl
