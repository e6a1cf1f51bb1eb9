#include "cli/usage.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/did_you_mean.hpp"
#include "files/printable.hpp"

namespace scrawl::cli {

namespace {

/// The command that the arguments name, and the first word that names none in it, where one is
/// needed; empty: there is no such word.
struct Named {
  const CLI::App* command;
  std::string path;  ///< "data fetch"; empty: the program itself
  std::string unknown;
  std::string option;  ///< what stands where a command is needed, but begins with -
};

/// What the user wrote, or what was said of it, within a message that has lines of its own.
std::string as_given(std::string_view text) {
  return printable(text, longest_message);
}

const CLI::App* command_called(const std::string& name, const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

Named find_command(const CLI::App& app, int argc, const char* const* argv) {
  Named named{&app, "", "", ""};
  for (int i = 1; i < argc && !named.command->get_subcommands(nullptr).empty(); ++i) {
    const std::string word = argv[i];
    if (word.starts_with('-')) {
      named.option = word;
      break;
    }
    const CLI::App* next = command_called(word, *named.command);
    if (next == nullptr) {
      named.unknown = word;
      break;
    }
    named.command = next;
    named.path += (named.path.empty() ? "" : " ") + word;
  }
  return named;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

std::string about_commands(const Named& named) {
  const std::vector<std::string> names = commands_of(*named.command);
  const std::string there_are = fmt::format("there are {}", fmt::join(names, ", "));
  const std::string where = named.path.empty() ? "" : named.path + ": ";
  if (named.unknown.empty()) {
    // --help and --version, which are options here, never come here.
    const std::string option =
        named.option.size() > 1 && named.option != "--"
            ? fmt::format("no option is called '{}' here; ", as_given(named.option))
            : "";
    return fmt::format("{}{}which command? {}", where, option, there_are);
  }
  return fmt::format("{}no command is called '{}'{}\n{}", where, as_given(named.unknown),
                     suggestion(named.unknown, names), there_are);
}

/// What the command needs and did not get.
std::string about_missing(const Named& named, const CLI::ParseError& error) {
  for (const CLI::Option* option : named.command->get_options()) {
    if (!option->get_required() || option->count() > 0) continue;
    return fmt::format("{}: {} is missing: {}", named.path, option->get_single_name(),
                       option->get_description());
  }
  return as_given(error.what());
}

/// The first argument that nothing takes: an option, if there is one among them.
std::string first_extra(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining(true);
  const auto option = std::ranges::find_if(
      extras, [](const std::string& extra) { return extra.size() > 1 && extra.starts_with('-'); });
  if (option != extras.end()) return *option;
  return extras.empty() ? "" : extras.front();
}

std::vector<std::string> long_options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string about_extra(const Named& named, const std::string& extra) {
  if (extra.starts_with('-')) {
    const std::string name = extra.substr(0, extra.find('='));
    return fmt::format("{}: no option is called '{}'{}", named.path, as_given(name),
                       suggestion(name, long_options_of(*named.command)));
  }
  // A file's name behind a flag is most often the one to be written.
  const bool writes = named.command->get_option_no_throw("--out") != nullptr;
  return fmt::format("{}: '{}' is not expected{}", named.path, as_given(extra),
                     writes ? "\nThe file to write is named with --out" : "");
}

std::string what_is_wrong(const CLI::App& app, const Named& named, const CLI::ParseError& error) {
  if (!named.unknown.empty()) return about_commands(named);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return named.command->get_subcommands(nullptr).empty() ? about_missing(named, error)
                                                           : about_commands(named);
  }
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  return extra ? about_extra(named, first_extra(app)) : as_given(error.what());
}

/// Whether a file's name may have been taken for an option.
bool may_be_a_file(const std::string& argument) {
  std::error_code ignored;
  return argument.starts_with('-') &&
         (argument.find('.') != std::string::npos || std::filesystem::exists(argument, ignored));
}

}  // namespace

std::string usage_message(const CLI::App& app, const CLI::ParseError& error, int argc,
                          const char* const* argv) {
  const Named named = find_command(app, argc, argv);
  return fmt::format(
      "{}\nTry: scrawl {}{}--help{}", what_is_wrong(app, named, error), named.path,
      named.path.empty() ? "" : " ",
      may_be_a_file(first_extra(app)) ? "; a file name that begins with - is written ./-name" : "");
}

}  // namespace scrawl::cli
