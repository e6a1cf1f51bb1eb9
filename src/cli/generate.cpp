// scrawl generate: the manual page and the shells' completions, made from the command line itself.
#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <map>
#include <memory>
#include <string>

#include "cli/cli.hpp"
#include "cli/syntax.hpp"

namespace scrawl::cli {

void add_generate(CLI::App& app, int& exit_code) {
  using Generator = std::string (*)(const CommandSyntax&);
  const std::map<std::string, Generator> generators{{"bash", bash_completion},
                                                    {"zsh", zsh_completion},
                                                    {"fish", fish_completion},
                                                    {"man", manual}};
  const auto what = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("generate", "Prints completions for a shell, or the manual page");
  command->footer(
      "\nExample:\n"
      "  source <(scrawl generate bash)        and the like in .bashrc\n"
      "  scrawl generate zsh > ~/.zfunc/_scrawl\n"
      "  scrawl generate fish > ~/.config/fish/completions/scrawl.fish\n"
      "  scrawl generate man | man -l -");
  command->add_option("what", *what, "bash, zsh, fish or man")
      ->required()
      ->check([generators](const std::string& word) {
        return generators.contains(word)
                   ? std::string()
                   : fmt::format("found '{}', expected bash, zsh, fish or man", word);
      })
      ->option_text("bash|zsh|fish|man");
  command->callback([&app, &exit_code, what, generators] {
    fmt::print("{}", generators.at(*what)(describe(app)));
    exit_code = exit_ok;
  });
}

}  // namespace scrawl::cli
