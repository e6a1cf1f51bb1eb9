// scrawl export
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include <scrawl/error.hpp>
#include <scrawl/exchange.hpp>
#include <scrawl/recognizer.hpp>

#include "cli/cli.hpp"
#include "cli/terminal.hpp"

namespace scrawl::cli {

namespace {

struct ExportArguments {
  std::filesystem::path model;  // empty: the one in the box
  std::filesystem::path out;    // empty: the model's name with the format's extension
  bool pth = false;
};

std::filesystem::path out_of(const ExportArguments& arguments, const char* extension) {
  if (!arguments.out.empty()) return arguments.out;
  std::filesystem::path out = arguments.model.empty() ? "default" : arguments.model;
  return out.replace_extension(extension);
}

int run_export(const ExportArguments& arguments, const Common& common) {
  const Model model = arguments.model.empty() ? default_model() : load_model(arguments.model);
  std::filesystem::path out;
  if (arguments.pth) {
    out = out_of(arguments, ".pth");
    export_pytorch(model, out);
  }
  const std::string architecture = to_string(model.architecture);
  if (common.json) {
    fmt::print("{}\n", dump({{"out", out.string()}, {"architecture", architecture}}));
  } else if (!common.quiet) {
    say("{}: {}\n", printable(out.string()), architecture);
  }
  return exit_ok;
}

}  // namespace

void add_export(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command =
      add_command(app, "export", "Writes a model for other programs",
                  "  scrawl export model.safetensors --pth    (PyTorch: model.pth)", common,
                  exit_code, [arguments, &common] { return run_export(*arguments, common); });
  command->add_option("model", arguments->model, "The model [the one in the box]");
  CLI::Option_group* formats = command->add_option_group("Format", "One of these is needed");
  formats->add_flag("--pth", arguments->pth,
                    "A state dict for PyTorch's torch.load and load_state_dict");
  formats->require_option(1);
  command->add_option("-o,--out", arguments->out,
                      "The file [the model's name with the format's extension]");
}

}  // namespace scrawl::cli
