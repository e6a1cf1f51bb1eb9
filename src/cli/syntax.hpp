// What may stand on the command line, as data: manual and completions are made from it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace scrawl::cli {

struct OptionSyntax {
  std::string long_name;   ///< --quiet, or empty
  std::string short_name;  ///< -q, or empty
  std::string name;        ///< what errors and positionals call it
  std::string description;
  std::string value;  ///< what --help shows of its value, such as INT=20; empty: it takes none
  bool file = false;  ///< its value may be a file's name
  std::vector<std::string> choices;  ///< words that its value may be

  std::vector<std::string> names() const;  ///< those that there are: -q, --quiet
};

struct CommandSyntax {
  std::string path;  ///< "data fetch"; empty: the program itself
  std::string name;  ///< "fetch"
  std::string description;
  std::string footer;  ///< examples and what else --help ends with
  std::vector<OptionSyntax> options;
  std::vector<OptionSyntax> positionals;
  std::vector<CommandSyntax> commands;
};

/// Of `app`, which is found under `path`.
CommandSyntax describe(const CLI::App& app, const std::string& path = "");

/// Calls `visit` for the command and all that are in it.
void for_each_command(const CommandSyntax& command,
                      const std::function<void(const CommandSyntax&)>& visit);

/// In single quotes, as all shells understand them.
std::string in_single_quotes(std::string_view text);

/// As a shell takes it for one word: in quotes where that is needed.
std::string shell_word(const std::string& text);

// Scripts that complete scrawl's commands, options and choices, and file names.
std::string bash_completion(const CommandSyntax& program);
std::string zsh_completion(const CommandSyntax& program);
std::string fish_completion(const CommandSyntax& program);

/// The manual page scrawl(1), in man's macros.
std::string manual(const CommandSyntax& program);

}  // namespace scrawl::cli
