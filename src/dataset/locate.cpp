#include "dataset/locate.hpp"

#include <cstddef>
#include <cstdlib>
#include <fmt/core.h>
#include <span>
#include <system_error>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

/// An environment variable; empty when unset.
std::filesystem::path environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool is_there(const std::filesystem::path& file) {
  std::error_code error;  // "permission denied" gives file_type::none, which is not not_found
  return std::filesystem::status(file, error).type() != std::filesystem::file_type::not_found;
}

std::filesystem::path default_data_folder() {
  if (auto data = environment("SCRAWL_DATA"); !data.empty()) return data;
  if (const auto cache = environment("XDG_CACHE_HOME"); !cache.empty()) {
    return cache / "scrawl" / "mnist";
  }
  if (const auto home = environment("HOME"); !home.empty()) {
    return home / ".cache" / "scrawl" / "mnist";
  }
  throw Error(
      "no folder for data: none of $SCRAWL_DATA, $XDG_CACHE_HOME and $HOME is set; set one of them "
      "or name a folder");
}

std::string idx_name(Part part, Content content) {
  return fmt::format("{}-{}", part == Part::train ? "train" : "t10k",
                     content == Content::images ? "images-idx3-ubyte" : "labels-idx1-ubyte");
}

std::filesystem::path locate(const std::filesystem::path& folder, std::string_view name,
                             std::span<const std::string_view> places) {
  const std::string dashes(name);
  std::string dots = dashes;  // train-images.idx3-ubyte: as some unpackers name it
  if (const std::size_t at = dots.find("-idx"); at != std::string::npos) dots[at] = '.';
  for (const std::string_view place : places) {
    for (const auto& spelling : {dashes, dots, dashes + ".gz", dots + ".gz"}) {
      if (auto file = folder / place / spelling; is_there(file)) return file;
    }
  }
  return {};
}

}  // namespace scrawl
