// scrawl generate: what is made from the command line itself: the manual page, the shells'
// completions, tables of the documentation.
#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <memory>
#include <string>
#include <string_view>

#include "cli/cli.hpp"
#include "cli/syntax.hpp"
#include "cli/training_tables.hpp"
#include "training/words.hpp"

namespace scrawl::cli {

namespace {

using Generator = std::string (*)(const CommandSyntax&);

constexpr Word<Generator> generators[] = {
    {"bash", bash_completion},
    {"zsh", zsh_completion},
    {"fish", fish_completion},
    {"man", manual},
    {"options", [](const CommandSyntax&) { return options_table(); }},
    {"presets", [](const CommandSyntax&) { return presets_table(); }},
};

Generator find_generator(std::string_view name) {
  for (const Word<Generator>& generator : generators)
    if (generator.text == name) return generator.value;
  return nullptr;
}

}  // namespace

void add_generate(CLI::App& app, int& exit_code) {
  const auto what = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "generate",
      "Prints shell completions, the manual page, or tables of training options and presets");
  command->footer(
      "\nExample:\n"
      "  source <(scrawl generate bash)        and the like in .bashrc\n"
      "  scrawl generate zsh > ~/.zfunc/_scrawl\n"
      "  scrawl generate fish > ~/.config/fish/completions/scrawl.fish\n"
      "  scrawl generate man | man -l -\n"
      "  scrawl generate options               the training options, as Markdown");
  const std::string names = list_words<Generator>(generators);
  command->add_option("what", *what, names)
      ->required()
      ->check([names](const std::string& word) {
        return find_generator(word) != nullptr
                   ? std::string()
                   : fmt::format("found '{}', expected {}", word, names);
      })
      ->option_text("bash|zsh|fish|man|options|presets");
  command->callback([&app, &exit_code, what] {
    fmt::print("{}", find_generator(*what)(describe(app)));
    exit_code = exit_ok;
  });
}

}  // namespace scrawl::cli
