// The commands of `scrawl`.
#include "cli/program.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/help.hpp"

namespace scrawl::cli {

namespace {

void add_commands(CLI::App& app, Common& common, int& exit_code) {
  app.name("scrawl");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "scrawl " SCRAWL_VERSION);
  app.require_subcommand(1);
  app.footer(
      "\nExample:\n"
      "  scrawl data fetch        get MNIST\n"
      "  scrawl train             train the classic network in seconds\n"
      "  scrawl read 7.png        7\n\n"
      "Exit codes: 0 all was done, 1 something could not be done or read, 2 wrong usage.");
  add_data(app, common, exit_code);
  add_train(app, common, exit_code);
  add_eval(app, common, exit_code);
  add_predict(app, common, exit_code);
  add_read(app, common, exit_code);
  add_serve(app, common, exit_code);
  add_teach(app, common, exit_code);
  add_import(app, common, exit_code);
  add_average(app, common, exit_code);
  add_export(app, common, exit_code);
  add_generate(app, exit_code);
  add_report(app, common, exit_code);
  add_help(app, exit_code);
}

}  // namespace

int run(int argc, char** argv) {
  return run(argc, argv, {.build = add_commands});
}

}  // namespace scrawl::cli
