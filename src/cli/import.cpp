// scrawl import
#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>

#include "cli/cli.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"

namespace scrawl::cli {

namespace {

struct ImportArguments {
  std::filesystem::path file;
  std::filesystem::path out;  // empty: out_of()
  std::string architecture;   // empty: recognized
  ImportOptions options;
};

std::filesystem::path out_of(const ImportArguments& arguments) {
  refuse_standard_output(arguments.out, "--out");
  if (!arguments.out.empty()) return arguments.out;
  if (arguments.file == "-") return "model.safetensors";
  std::filesystem::path out = arguments.file;
  out.replace_extension(".safetensors");
  if (out == arguments.file) throw OptionError("--out: a name other than the file's is needed");
  return out;
}

int run_import(const ImportArguments& arguments, const Common& common) {
  const std::filesystem::path out = out_of(arguments);
  ImportOptions options = arguments.options;
  const Normalization& normalization = options.normalization;
  if (!std::isfinite(normalization.mean)) throw OptionError("--mean: expected a finite number");
  if (!std::isnormal(normalization.std) || normalization.std < 0) {
    throw OptionError("--std: expected a number above 0");
  }
  if (!arguments.architecture.empty()) {
    options.architecture = parse_architecture(arguments.architecture);
  }
  const Model model = pytorch_model_in(arguments.file, options);
  make_folder_of(out);
  save_model(model, out);
  const std::string architecture = to_string(model.architecture);
  if (common.json) {
    print_json({{"file", arguments.file.string()},
                {"out", out.string()},
                {"architecture", architecture},
                {"parameters", parameter_count(model.architecture)}});
  } else if (!common.quiet) {
    print_stderr("{}: {} weights, {} as: {}\n", out.string(), parameter_count(model.architecture),
                 options.architecture ? "taken" : "recognized", architecture);
    if (!options.architecture) {
      print_stderr(
          "If your network is another one, tell it with --model. To see how good it is: scrawl "
          "eval "
          "{}\n",
          out.string());
    }
  }
  return exit_ok;
}

}  // namespace

void add_import(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = add_command(
      app, "import", "Makes a model of weights that PyTorch saved, without running what is in them",
      "  scrawl import model_best.pth -o model.safetensors", common, exit_code,
      [arguments, &common] { return run_import(*arguments, common); });
  command
      ->add_option(
          "file", arguments->file,
          "A state dict, or a checkpoint with one, that torch.save wrote (.pth, .pt), or a "
          "safetensors file; -: standard input")
      ->required()
      ->option_text("FILE");
  command->add_option("-o,--out", arguments->out,
                      "The model [FILE's name, ending in .safetensors]");
  command
      ->add_option("--model", arguments->architecture,
                   "Its layers, as scrawl train takes them [recognized from names and shapes]")
      ->option_text("ARCHITECTURE");
  command->add_option("--key", arguments->options.key,
                      "Where in a checkpoint the state dict is, as in model or nets.student [the "
                      "only one]");
  command->add_option("--mean", arguments->options.normalization.mean,
                      "Of the pixels, from 0 to 1, that the network was trained with");
  command->add_option("--std", arguments->options.normalization.std, "Their standard deviation");
}

}  // namespace scrawl::cli
