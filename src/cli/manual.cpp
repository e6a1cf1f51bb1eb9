// The manual page, in the macros of man(7).
#include <fmt/core.h>
#include <string>
#include <string_view>

#include "cli/syntax.hpp"

namespace scrawl::cli {

namespace {

/// Text as it is: no escapes, no minus that becomes a hyphen, no request at the start of a line.
std::string literal(std::string_view text) {
  std::string escaped;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
    line_start = c == '\n';
  }
  return escaped;
}

std::string to_man(const OptionSyntax& option) {
  std::string names;
  for (const std::string& name : option.names())
    names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", literal(name));
  if (names.empty()) {
    names = fmt::format("\\fI{}\\fR", literal(option.name));
  } else if (!option.value.empty()) {
    names += fmt::format(" \\fI{}\\fR", literal(option.value));
  }
  return fmt::format(".TP\n{}\n{}\n", names, literal(option.description));
}

/// Examples and tables, as they stand in --help.
std::string to_verbatim(std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return "";
  return fmt::format(".PP\n.nf\n{}\n.fi\n", literal(text));
}

void add_commands(const CommandSyntax& command, std::string& page) {
  const bool group = !command.commands.empty();
  if (!command.path.empty() && !group) {
    page += fmt::format(".SS scrawl {}", literal(command.path));
    page += command.options.empty() ? "" : " [OPTION]...";
    for (const OptionSyntax& positional : command.positionals)
      page += fmt::format(" {}", literal(positional.name));
    page += fmt::format("\n{}\n", literal(command.description));
    for (const OptionSyntax& positional : command.positionals) page += to_man(positional);
    for (const OptionSyntax& option : command.options)
      if (option.name != "help") page += to_man(option);
    page += to_verbatim(command.footer);
  }
  for (const CommandSyntax& sub : command.commands) add_commands(sub, page);
}

}  // namespace

std::string manual(const CommandSyntax& program) {
  std::string page = ".TH SCRAWL 1 \"\" \"scrawl " SCRAWL_VERSION
                     "\" \"User Commands\"\n"
                     ".SH NAME\nscrawl \\- read handwritten digits\n"
                     ".SH SYNOPSIS\n.B scrawl\n.I COMMAND\n[OPTION]... [FILE]...\n"
                     ".SH DESCRIPTION\n";
  page += literal(program.description) + '\n';
  page += to_verbatim(program.footer);
  page += ".SH COMMANDS\n";
  add_commands(program, page);
  page += ".SH OPTIONS\nEach command has \\fB\\-\\-help\\fR too.\n";
  for (const OptionSyntax& option : program.options) page += to_man(option);
  page +=
      ".SH ENVIRONMENT\n"
      ".TP\n\\fBSCRAWL_DATA\\fR\nFolder of the data set, where \\fB\\-\\-data\\fR is not given.\n"
      ".TP\n\\fBXDG_CACHE_HOME\\fR, \\fBHOME\\fR\nElse it is \\fIscrawl/mnist\\fR in the first of "
      "these, or \\fI.cache/scrawl/mnist\\fR in the second.\n"
      ".TP\n\\fBSCRAWL_CORRECTIONS\\fR\nFolder of the corrections.\n"
      ".TP\n\\fBXDG_DATA_HOME\\fR, \\fBSTATE_DIRECTORY\\fR, \\fBHOME\\fR\nElse they are, and "
      "the model that has learned from them is, in \\fIscrawl\\fR in the first of these, in the "
      "second, or in \\fI.local/share/scrawl\\fR in the third.\n"
      ".TP\n\\fBNO_COLOR\\fR\nNothing in bold.\n";
  return page;
}

}  // namespace scrawl::cli
