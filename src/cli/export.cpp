// scrawl export
#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>

#include "cli/cli.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::cli {

namespace {

struct Format {
  const char* name;
  void (*write)(const Model& model, const std::filesystem::path& file);
};

struct ExportArguments {
  std::filesystem::path model;  // empty: the built-in one
  std::filesystem::path out;    // empty: the model's name with the format's extension
  Format format = {"", nullptr};
};

std::filesystem::path output_file(const ExportArguments& arguments) {
  const std::filesystem::path& model = arguments.model;
  refuse_standard_output(arguments.out, "--out");
  if (arguments.out.empty() && model == "-") {
    throw OptionError("export: a model from standard input has no name; add --out FILE");
  }
  std::filesystem::path out = arguments.out;
  if (out.empty()) {
    out = model.empty() ? "scrawl" : model;
    out.replace_extension(arguments.format.name);
  }
  std::error_code ignored;  // of files that are not there
  if (std::filesystem::equivalent(out, model, ignored)) {
    throw OptionError(
        fmt::format("export: {} would be written over itself; add --out FILE", model.string()));
  }
  return out;
}

int run_export(const ExportArguments& arguments, const Common& common) {
  if (arguments.format.write == nullptr)
    throw OptionError("export: in which format? Add --onnx or --pth");
  const std::filesystem::path out = output_file(arguments);
  const Format& format = arguments.format;
  format.write(arguments.model.empty() ? default_model() : model_in(arguments.model), out);
  const std::uintmax_t bytes = std::filesystem::file_size(out);
  if (common.json) {
    print_json({{"file", out.string()}, {"format", format.name}, {"bytes", bytes}});
  } else {
    print("{}: {}\n", out.string(), human_bytes(bytes));
  }
  return exit_ok;
}

}  // namespace

void add_export(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = add_command(
      app, "export", "Writes a model for other programs",
      "  scrawl export model.safetensors --pth     model.pth, for PyTorch\n"
      "  scrawl export model.safetensors --onnx    model.onnx, for onnxruntime in Python, Node, "
      "the "
      "web\n"
      "  scrawl export --onnx -o digits.onnx       the built-in model",
      common, exit_code, [arguments, &common] { return run_export(*arguments, common); });
  command->add_option("model", arguments->model, "The model to write [the built-in one]");
  CLI::Option* onnx = command->add_flag_callback(
      "--onnx",
      [arguments] {
        arguments->format = {"onnx", export_onnx};
      },
      "As ONNX: raw pixels in, probabilities and logits out");
  command
      ->add_flag_callback(
          "--pth",
          [arguments] {
            arguments->format = {"pth", export_pytorch};
          },
          "A state dict for PyTorch's torch.load and load_state_dict")
      ->excludes(onnx);
  command->add_option("-o,--out", arguments->out,
                      "Where to [the model's name with the format's extension]");
}

}  // namespace scrawl::cli
