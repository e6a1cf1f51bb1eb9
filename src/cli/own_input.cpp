#include "cli/own_input.hpp"

#include <fmt/format.h>
#include <string>
#include <system_error>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "cli/cli.hpp"
#include "dataset/source.hpp"

namespace scrawl::cli {

namespace {

namespace fs = std::filesystem;

bool are_the_same(const fs::path& one, const fs::path& other) {
  std::error_code ignored;  // of what is not there
  return fs::equivalent(one, other, ignored);
}

/// Whether there is a regular file that would be written over.
bool replaces_a_file(const fs::path& out) {
  std::error_code ignored;
  return !out.empty() && out != "-" && fs::is_regular_file(out, ignored);
}

[[noreturn]] void refuse(const fs::path& out, const char* option, const fs::path& input) {
  const std::string also = out == input ? "" : fmt::format(" as {}", input.string());
  throw OptionError(fmt::format("{}: {} is read{}, and would be written over; name another file",
                                option, out.string(), also));
}

}  // namespace

void refuse_own_input(const fs::path& out, const char* option, const fs::path& input) {
  if (input.empty() || input == "-" || !replaces_a_file(out)) return;
  if (are_the_same(out, input)) refuse(out, option, input);
}

void refuse_own_models(const fs::path& out, const char* option,
                       const std::vector<fs::path>& models) {
  for (const fs::path& model : models)
    if (!is_builtin(model)) refuse_own_input(out, option, model);
}

void refuse_own_data(const fs::path& out, const char* option, const fs::path& data) {
  if (data.empty() || !replaces_a_file(out)) return;
  for (const Part part : {Part::train, Part::test}) {
    const Source source = look_for_source(data, part);
    refuse_own_input(out, option, source.images);
    refuse_own_input(out, option, source.labels);
  }
  std::error_code ignored;
  const fs::path file = fs::canonical(out, ignored);
  for (const char* part : {"", "train", "test"}) {
    for (std::size_t digit = 0; digit < digit_count; ++digit) {
      const fs::path folder = data / part / std::to_string(digit);
      if (are_the_same(file.parent_path(), folder)) refuse(out, option, folder / file.filename());
    }
  }
}

}  // namespace scrawl::cli
