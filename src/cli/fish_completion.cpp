#include <fmt/format.h>
#include <string>
#include <vector>

#include "cli/syntax.hpp"

namespace scrawl::cli {

namespace {

/// True where the words before the cursor have chosen this command, and none of those in it.
std::string condition_of(const CommandSyntax& command) {
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string condition;
  for (std::size_t begin = 0; begin < command.path.size();) {
    const std::string word = command.path.substr(begin, command.path.find(' ', begin) - begin);
    condition += fmt::format("{}__fish_seen_subcommand_from {}", begin == 0 ? "" : "; and ", word);
    begin += word.size() + 1;
  }
  if (command.commands.empty()) return condition;
  std::vector<std::string> names;
  for (const CommandSyntax& sub : command.commands) names.push_back(sub.name);
  return fmt::format("{}; and not __fish_seen_subcommand_from {}", condition,
                     fmt::join(names, " "));
}

/// What completes a value: -x is words alone, -r with -F files too.
std::string value_of(const OptionSyntax& option) {
  std::string flags = option.file ? " -r -F" : " -x";
  if (!option.choices.empty()) flags += fmt::format(" -a '{}'", fmt::join(option.choices, " "));
  return flags;
}

std::string complete(const CommandSyntax& command) {
  const std::string start =
      fmt::format("complete -c scrawl -n {}", in_single_quotes(condition_of(command)));
  std::string lines;
  for (const CommandSyntax& sub : command.commands)
    lines += fmt::format("{} -a {} -d {}\n", start, sub.name, in_single_quotes(sub.description));
  for (const OptionSyntax& positional : command.positionals) {
    lines += start + (positional.file ? " -F" : "");
    if (!positional.choices.empty())
      lines += fmt::format(" -a '{}'", fmt::join(positional.choices, " "));
    lines += '\n';
  }
  for (const OptionSyntax& option : command.options) {
    lines += start;
    if (!option.long_name.empty()) lines += " -l " + option.long_name.substr(2);
    if (!option.short_name.empty()) lines += " -s " + option.short_name.substr(1);
    if (!option.value.empty()) lines += value_of(option);
    lines += fmt::format(" -d {}\n", in_single_quotes(option.description));
  }
  return lines;
}

}  // namespace

std::string fish_completion(const CommandSyntax& program) {
  std::string script =
      "# Completes scrawl in fish; made by `scrawl generate fish`.\ncomplete -c scrawl -f\n";
  for_each_command(program, [&](const CommandSyntax& command) { script += complete(command); });
  return script;
}

}  // namespace scrawl::cli
