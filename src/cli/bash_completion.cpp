#include <fmt/format.h>
#include <string>
#include <vector>

#include "cli/syntax.hpp"

namespace scrawl::cli {

namespace {

constexpr const char* complete_files = "compopt -o default 2>/dev/null";

/// A case for the value of one option; empty when it takes none.
std::string value_case(const OptionSyntax& option, const std::string& path) {
  if (option.value.empty()) return "";
  std::vector<std::string> patterns;
  for (const std::string& name : option.names())
    patterns.push_back(in_single_quotes(fmt::format("{} {}", path, name)));
  std::string action = fmt::format("words='{}'", fmt::join(option.choices, " "));
  if (option.file) action += fmt::format("; {}", complete_files);
  return fmt::format("    {}) {} ;;\n", fmt::join(patterns, "|"), action);
}

/// A case for all else that may begin at this place. Where files may, options are offered from
/// their first dash on.
std::string word_case(const CommandSyntax& command) {
  std::vector<std::string> words;
  for (const CommandSyntax& sub : command.commands) words.push_back(sub.name);
  bool files = false;
  for (const OptionSyntax& positional : command.positionals) {
    words.insert(words.end(), positional.choices.begin(), positional.choices.end());
    files = files || positional.file;
  }
  for (const OptionSyntax& option : command.options)
    for (const std::string& name : option.names()) words.push_back(name);
  std::string action = fmt::format("words='{}'", fmt::join(words, " "));
  if (files)
    action = fmt::format("case $current in -*) {} ;; *) {} ;; esac", action, complete_files);
  return fmt::format("        '{}') {} ;;\n", command.path, action);
}

}  // namespace

std::string bash_completion(const CommandSyntax& program) {
  std::vector<std::string> paths;  // ' data', 'data fetch': what takes us from command to command
  std::string values;
  std::string words;
  for_each_command(program, [&](const CommandSyntax& command) {
    for (const CommandSyntax& sub : command.commands)
      paths.push_back(in_single_quotes(fmt::format("{} {}", command.path, sub.name)));
    for (const OptionSyntax& option : command.options) values += value_case(option, command.path);
    words += word_case(command);
  });
  return fmt::format(
      R"(# Completes scrawl in bash; made by `scrawl generate bash`.
_scrawl() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  local command= words= i
  [[ $current != = ]] || current=  # --option=value comes as three words
  [[ $previous != = ]] || previous=${{COMP_WORDS[COMP_CWORD - 2]}}
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$command ${{COMP_WORDS[i]}}" in
      {}) command="${{command:+$command }}${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$command $previous" in
{}    *)
      case $command in
{}      esac ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -F _scrawl scrawl
)",
      fmt::join(paths, "|"), values, words);
}

}  // namespace scrawl::cli
