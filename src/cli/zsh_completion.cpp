#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "cli/syntax.hpp"

namespace scrawl::cli {

namespace {

/// Text between the brackets or colons of _arguments.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("[]:\\").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

/// The name of the function that completes a command.
std::string function_of(const CommandSyntax& command) {
  std::string name = command.path.empty() ? "_scrawl" : "_scrawl_" + command.path;
  std::ranges::replace(name, ' ', '_');
  return name;
}

/// What completes a value.
std::string action_of(const OptionSyntax& option) {
  const std::string words = fmt::format("{}", fmt::join(option.choices, " "));
  if (option.choices.empty()) return option.file ? "_files" : " ";
  if (!option.file) return fmt::format("({})", words);
  return fmt::format("{{_scrawl_words_and_files {}}}", words);
}

std::string argument_line(const std::string& spec) {
  return "    " + in_single_quotes(spec) + " \\\n";
}

std::string option_lines(const OptionSyntax& option) {
  std::string lines;
  for (const std::string& name : option.names()) {
    std::string spec = name;
    if (!option.value.empty() && name.starts_with("--")) spec += '=';
    spec += fmt::format("[{}]", escaped(option.description));
    if (!option.value.empty())
      spec += fmt::format(":{}:{}", escaped(option.value), action_of(option));
    lines += argument_line(spec);
  }
  return lines;
}

/// The end of a command that has others in it: their names, then what each takes.
std::string dispatch(const CommandSyntax& command) {
  std::string script = argument_line("1:command:->command") +
                       argument_line("*::argument:->argument") +
                       "    && return\n  case $state in\n    command)\n      commands=(\n";
  for (const CommandSyntax& sub : command.commands)
    script +=
        fmt::format("        {}\n", in_single_quotes(sub.name + ':' + escaped(sub.description)));
  script +=
      "      )\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n";
  for (const CommandSyntax& sub : command.commands)
    script += fmt::format("        {}) {} ;;\n", sub.name, function_of(sub));
  return script + "      esac ;;\n  esac\n";
}

std::string function(const CommandSyntax& command) {
  std::string script = fmt::format(
      "{}() {{\n  local state line\n  local -a commands\n  typeset -A opt_args\n"
      "  _arguments -C \\\n",
      function_of(command));
  for (const OptionSyntax& option : command.options) script += option_lines(option);
  for (const OptionSyntax& positional : command.positionals)
    script +=
        argument_line(fmt::format("*:{}:{}", escaped(positional.name), action_of(positional)));
  script += command.commands.empty() ? "    && return\n" : dispatch(command);
  return script + "}\n";
}

}  // namespace

std::string zsh_completion(const CommandSyntax& program) {
  std::string script =
      "#compdef scrawl\n# Completes scrawl in zsh; made by `scrawl generate zsh`.\n"
      "_scrawl_words_and_files() { compadd -- \"$@\"; _files }\n";
  for_each_command(program, [&](const CommandSyntax& command) { script += function(command); });
  return script +
         "if [ \"$funcstack[1]\" = _scrawl ]; then _scrawl \"$@\"; else compdef _scrawl scrawl; "
         "fi\n";
}

}  // namespace scrawl::cli
