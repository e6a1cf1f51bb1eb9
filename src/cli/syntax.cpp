#include "cli/syntax.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/training.hpp>

namespace scrawl::cli {

namespace {

/// "a|b|c [a]" are three words.
std::vector<std::string> split_choices(std::string_view text) {
  text = text.substr(0, text.find(' '));
  std::vector<std::string> words;
  if (text.find('|') == std::string_view::npos) return words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find('|'));
    words.emplace_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

/// What CLI11 knows, and two options that take names of ours as well as other text.
std::vector<std::string> choices_of(const CLI::Option& option, const std::string& path) {
  if (option.check_lname("augment")) return {"none", "light", "strong"};
  if (path == "train" && option.check_lname("model")) {
    std::vector<std::string> names;
    for (const Preset& preset : presets()) names.push_back(preset.name);
    return names;
  }
  return split_choices(option.get_option_text());
}

/// As in --help, without the ranges.
std::string value_of(const CLI::Option& option) {
  if (!option.get_option_text().empty()) return option.get_option_text();
  if (option.get_items_expected_max() == 0) return "";
  const std::string type = option.get_type_name();
  const std::string fallback = option.get_default_str();
  return type.substr(0, type.find(':')) +
         (fallback.empty() || fallback == "[]" ? "" : "=" + fallback);
}

OptionSyntax describe(const CLI::Option& option, const std::string& path) {
  OptionSyntax syntax;
  if (!option.get_lnames().empty()) syntax.long_name = "--" + option.get_lnames().front();
  if (!option.get_snames().empty()) syntax.short_name = "-" + option.get_snames().front();
  syntax.name = option.get_single_name();
  syntax.description = option.get_description();
  if (option.get_items_expected_max() == 0) return syntax;
  syntax.value = value_of(option);
  syntax.choices = choices_of(option, path);
  const bool text = syntax.value.starts_with("TEXT") || syntax.value.starts_with("FILE");
  syntax.file = text && !option.check_lname("augment");
  return syntax;
}

}  // namespace

std::vector<std::string> OptionSyntax::names() const {
  std::vector<std::string> given;
  for (const std::string& one : {short_name, long_name})
    if (!one.empty()) given.push_back(one);
  return given;
}

void for_each_command(const CommandSyntax& command,
                      const std::function<void(const CommandSyntax&)>& visit) {
  visit(command);
  for (const CommandSyntax& sub : command.commands) for_each_command(sub, visit);
}

std::string in_single_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + '\'';
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+=:,";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  return in_single_quotes(text);
}

CommandSyntax describe(const CLI::App& app, const std::string& path) {
  CommandSyntax syntax{path, app.get_name(), app.get_description(), app.get_footer(), {}, {}, {}};
  for (const CLI::Option* option : app.get_options())
    (option->get_positional() ? syntax.positionals : syntax.options)
        .push_back(describe(*option, path));
  for (const CLI::App* command : app.get_subcommands(nullptr))
    syntax.commands.push_back(
        describe(*command, path.empty() ? command->get_name() : path + ' ' + command->get_name()));
  return syntax;
}

}  // namespace scrawl::cli
