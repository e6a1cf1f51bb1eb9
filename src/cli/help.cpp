// scrawl help
#include "cli/help.hpp"

#include <fmt/format.h>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "cli/cli.hpp"
#include "cli/did_you_mean.hpp"
#include "cli/terminal.hpp"

namespace scrawl::cli {

namespace {

/// Where CLI11 has written a range, and behind it: " in [0 - 65535]".
constexpr std::string_view range_begin = " in [";

/// "INT=20" of "UINT:INT in [1 - 99]=20": what CLI11 writes of a type and its checks.
std::string without_range(std::string text) {
  const std::size_t begin = text.find(range_begin);
  if (begin == std::string::npos) return text;
  const std::size_t colon = text.rfind(':', begin);
  const std::size_t end = text.find(']', begin);
  if (colon == std::string::npos || end == std::string::npos) return text;
  return text.erase(colon, end + 1 - colon);
}

/// "1 to 99" of the same; nothing where there is no range.
std::string range_of(const std::string& type) {
  const std::size_t begin = type.find(range_begin);
  const std::size_t end = type.find(']', begin == std::string::npos ? 0 : begin);
  if (begin == std::string::npos || end == std::string::npos) return "";
  const std::size_t first = begin + range_begin.size();
  std::string range = type.substr(first, end - first);
  if (const std::size_t dash = range.find(" - "); dash != std::string::npos)
    range.replace(dash, 3, " to ");
  return range;
}

/// The command of that name in `command`.
const CLI::App* command_named(const CLI::App& command, const std::string& name,
                              const std::string& path) {
  std::vector<std::string> names;
  for (const CLI::App* one : command.get_subcommands(nullptr)) {
    if (one->get_name() == name) return one;
    names.push_back(one->get_name());
  }
  if (names.empty())
    throw OptionError(fmt::format("help: {} has no commands in it, found '{}'", path, name));
  throw OptionError(fmt::format("help: no command is called '{}'{}; there are {}", name,
                                suggestion(name, names), fmt::join(names, ", ")));
}

/// What --help prints of the command that `words` name one in the other.
std::string help_of(const CLI::App& program, const std::vector<std::string>& words) {
  const CLI::App* command = &program;
  std::string path = program.get_name();
  for (const std::string& word : words) {
    command = command_named(*command, word, path);
    path += ' ' + word;
  }
  // make_help wants the whole path, which App::help puts together of the commands that were given.
  return command->get_formatter()->make_help(command, path, CLI::AppFormatMode::Normal);
}

}  // namespace

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  std::string text = without_range(CLI::Formatter::make_option_opts(option));
  if (text.starts_with(" UINT")) text.erase(1, 1);  // what has no sign tells its range elsewhere
  return text;
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  const std::string range = range_of(option->get_type_name());
  std::string text = CLI::Formatter::make_option_desc(option);
  if (range.empty() || text.find(range) != std::string::npos) return text;
  return fmt::format("{}; {}", text, range);
}

void add_help(CLI::App& app, int& exit_code) {
  const auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("help", "Explains a command, as its --help does");
  command->footer("\nExample:\n  scrawl help train\n  scrawl help data fetch");
  command->add_option("command", *words, "The command; without one, all of them")
      ->option_text("COMMAND...");
  command->callback([&app, &exit_code, words] {
    print("{}", Own{help_of(app, *words)});
    exit_code = exit_ok;
  });
}

}  // namespace scrawl::cli
