#include "cli/renamed_options.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace scrawl::cli {

namespace {

/// --average=0.9 -> --weight-ema=0.9
std::string with_new_name(std::string_view argument) {
  const std::string_view name = argument.substr(0, argument.find('='));
  const auto* const renamed = std::ranges::find(renamed_options, name, &Renamed::old_name);
  if (renamed == renamed_options.end()) return std::string(argument);
  return std::string(renamed->name) + std::string(argument.substr(name.size()));
}

}  // namespace

std::vector<std::string> with_new_names(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool options_end = false;  // behind --, all are files
  for (const std::string_view argument : std::span(argv, static_cast<std::size_t>(argc))) {
    options_end = options_end || argument == "--";
    arguments.push_back(options_end ? std::string(argument) : with_new_name(argument));
  }
  return arguments;
}

}  // namespace scrawl::cli
