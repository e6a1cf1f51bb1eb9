// scrawl report
#include <CLI/CLI.hpp>
#include <ctime>
#include <filesystem>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <string>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/report.hpp>

#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/syntax.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"
#include "recognition/recognizer.hpp"
#include "training/options.hpp"

namespace scrawl::cli {

namespace {

struct ReportArguments {
  std::string model;
  std::filesystem::path out;  // empty: the model's name with .html
  std::filesystem::path log;
  Precision precision = Precision::automatic;
  int threads = 0;
};

std::filesystem::path out_of(const ReportArguments& arguments) {
  if (!arguments.out.empty()) return arguments.out;
  return std::filesystem::path(arguments.model).replace_extension(".html");
}

/// The command that measures the accuracy again.
std::string eval_command(const ReportArguments& arguments, const Common& common) {
  std::string command = "scrawl eval";
  if (!common.data.empty()) command += " --data " + shell_word(common.data.string());
  if (common.transpose) command += " --transpose";
  if (common.invert) command += " --invert";
  if (arguments.precision != Precision::automatic)
    command += " --precision " + to_text(arguments.precision);
  if (arguments.threads != 0) command += fmt::format(" --threads {}", arguments.threads);
  return is_builtin(arguments.model) ? command : command + " " + shell_word(arguments.model);
}

ReportOptions options_of(const ReportArguments& arguments, const Common& common) {
  ReportOptions options;
  options.name = is_builtin(arguments.model)
                     ? "The built-in model"
                     : std::filesystem::path(arguments.model).filename().string();
  options.command = eval_command(arguments, common);
  options.footer = fmt::format("Made by scrawl " SCRAWL_VERSION " on {:%Y-%m-%d}.",
                               fmt::localtime(std::time(nullptr)));
  if (!arguments.log.empty()) options.history = load_training_log(arguments.log);
  options.precision = arguments.precision;
  options.threads = arguments.threads;
  return options;
}

void put_page(const std::string& html, const std::filesystem::path& out, const Common& common) {
  if (out == "-") {
    fmt::print("{}", html);
    return;
  }
  make_folder_of(out);
  write_file(out, std::as_bytes(std::span(html)));
  if (!common.quiet) print_stderr("{}: open it in a browser\n", out);
}

int run_report(const ReportArguments& arguments, const Common& common) {
  const std::filesystem::path out = out_of(arguments);
  refuse_own_models(out, "--out", {arguments.model});
  refuse_own_input(out, "--out", arguments.log);
  refuse_own_data(out, "--out", common.data_folder());
  if (out == "-" && common.json)
    throw OptionError("--out: - and --json would both write to standard output; name a file");
  const Model model = model_named(arguments.model);
  const ReportOptions options = options_of(arguments, common);
  const bool page = !common.json || !arguments.out.empty();
  if (page && out != "-") require_writable(out);
  const Dataset test = load_named_data(common, Part::test, arguments.threads).dataset;
  if (common.json) fmt::print("{}\n", printable_json(report_json(model, test, options)));
  if (page) put_page(report_html(model, test, options), out, common);
  return exit_ok;
}

}  // namespace

void add_report(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ReportArguments>();
  CLI::App* command = add_command(
      app, "report", "Tests a model, and shows it in pictures: an HTML file to look at",
      "  scrawl report builtin -o model.html\n"
      "  scrawl report model.safetensors --log train.jsonl",
      common, exit_code, [arguments, &common] { return run_report(*arguments, common); });
  add_data_options(*command, common);
  command->add_option("model", arguments->model, "The model's file, or builtin: the built-in model")
      ->required();
  command->add_option(
      "-o,--out", arguments->out,
      "The HTML file, - for standard output [the model's name with .html]; beside --json "
      "only where it is named");
  command->add_option("--log", arguments->log,
                      "What `scrawl train --log` wrote, for the curves of a model that has no "
                      "history of its own");
  add_precision_option(*command, arguments->precision);
  add_threads_option(*command, arguments->threads);
}

}  // namespace scrawl::cli
