#include "cli/usage.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// How many letters are to be put in, taken out, changed, or swapped with the next, to make one of
/// the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::vector<std::size_t> before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

/// "; did you mean read?", where one of the names is near.
std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
  constexpr std::size_t near = 2;
  const auto nearest = std::ranges::min_element(
      names, {}, [&](const std::string& name) { return distance(word, name); });
  const std::size_t off = distance(word, *nearest);
  return off <= near && off < nearest->size() ? fmt::format("; did you mean {}?", *nearest) : "";
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

std::string what_is_wrong(const Named& named, const CLI::ParseError& error) {
  if (!named.unknown.empty()) return about_commands(named);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return named.command->get_subcommands(nullptr).empty() ? about_missing(named, error)
                                                           : about_commands(named);
  }
  // A file's name behind a flag is most often the one to be written.
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  const bool writes = named.command->get_option_no_throw("--out") != nullptr;
  return as_given(error.what()) +
         (extra && writes ? "\nThe file to write is named with --out" : "");
}

}  // namespace

std::string usage_message(const CLI::App& app, const CLI::ParseError& error, int argc,
                          const char* const* argv) {
  const Named named = find_command(app, argc, argv);
  return fmt::format(
      "{}\nTry: scrawl {}{}--help; a file name that begins with - is written ./-name",
      what_is_wrong(named, error), named.path, named.path.empty() ? "" : " ");
}

}  // namespace scrawl::cli
