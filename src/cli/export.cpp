// scrawl export
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/glyph.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::cli {

namespace {

enum class Format { none, onnx, pth, c, f16 };

constexpr Word<Precision> c_precision_words[] = {{"int8", Precision::int8},
                                                 {"f32", Precision::f32}};

struct ExportArguments {
  std::filesystem::path model;  // empty: the built-in one
  std::filesystem::path out;    // empty: the model's name with the format's extension
  Format format = Format::none;
  Precision precision = Precision::int8;  // of C
};

const char* extension(Format format) {
  switch (format) {
    case Format::onnx:
      return "onnx";
    case Format::pth:
      return "pth";
    case Format::c:
      return "c";
    case Format::f16:
      return "f16.safetensors";
    case Format::none:
      break;
  }
  throw OptionError("export: in which format? Add --onnx, --pth, --c or --f16");
}

std::filesystem::path output_file(const ExportArguments& arguments) {
  const std::filesystem::path& model = arguments.model;
  refuse_standard_output(arguments.out, "--out");
  if (arguments.out.empty() && model == "-") {
    throw OptionError("export: a model from standard input has no name; add --out FILE");
  }
  std::filesystem::path out = arguments.out;
  if (out.empty()) {
    out = model.empty() ? "scrawl" : model;
    out.replace_extension(extension(arguments.format));
  }
  refuse_own_input(out, "--out", model);
  return out;
}

/// In int8, training images show how large values become, where the model does not say so itself.
std::vector<std::uint8_t> glyphs_for(const Model& model, const ExportArguments& arguments,
                                     const Common& common) {
  constexpr std::size_t measured = 256 * glyph_pixels;
  if (arguments.precision != Precision::int8 || !model.activation_ranges.empty()) return {};
  try {
    std::vector<std::uint8_t> images = load_named_data(common, Part::train, 0).dataset.images;
    images.resize(std::min(images.size(), measured));
    return images;
  } catch (const MissingDatasetError& error) {
    throw Error(
        fmt::format("{}; this model becomes int8 with training images alone: name theirs with "
                    "--data, or add --precision f32",
                    error.what()));
  }
}

void write(const Model& model, const std::filesystem::path& out, const ExportArguments& arguments,
           const Common& common) {
  switch (arguments.format) {
    case Format::onnx:
      return export_onnx(model, out);
    case Format::pth:
      return export_pytorch(model, out);
    case Format::f16:
      return export_f16(model, out);
    case Format::c: {
      const std::vector<std::uint8_t> glyphs = glyphs_for(model, arguments, common);
      return export_c(model, out, {arguments.precision, glyphs});
    }
    case Format::none:
      break;  // refused by now
  }
}

int run_export(const ExportArguments& arguments, const Common& common) {
  const char* format = extension(arguments.format);
  const std::filesystem::path out = output_file(arguments);
  refuse_own_data(out, "--out", common.data);
  const Model model = arguments.model.empty() ? default_model() : model_in(arguments.model);
  make_folder_of(out);
  write(model, out, arguments, common);
  const std::uintmax_t bytes = std::filesystem::file_size(out);
  if (common.json) {
    print_json({{"file", out.string()}, {"format", format}, {"bytes", bytes}});
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
      "  scrawl export model.safetensors --c       model.c, for a microcontroller\n"
      "  scrawl export model.safetensors --f16     model.f16.safetensors, half as large\n"
      "  scrawl export --onnx -o digits.onnx       the built-in model",
      common, exit_code, [arguments, &common] { return run_export(*arguments, common); });
  command->add_option("model", arguments->model, "The model to write [the built-in one]");
  const auto add_format = [&](const char* flag, Format format, const char* description) {
    return command->add_flag_callback(
        flag, [arguments, format] { arguments->format = format; }, description);
  };
  CLI::Option* onnx =
      add_format("--onnx", Format::onnx, "As ONNX: raw pixels in, probabilities and logits out");
  CLI::Option* pth =
      add_format("--pth", Format::pth, "A state dict for PyTorch's torch.load and load_state_dict");
  CLI::Option* c = add_format(
      "--c", Format::c, "One file of C99 for microcontrollers: raw pixels in, probabilities out");
  CLI::Option* f16 = add_format("--f16", Format::f16,
                                "As a model whose weights are 16-bit floats: half as large a file");
  onnx->excludes(pth)->excludes(c)->excludes(f16);
  pth->excludes(c)->excludes(f16);
  c->excludes(f16);
  CLI::Option* precision = command->add_option(
      "--precision", arguments->precision, "Of C: int8, or f32, which takes four times the memory");
  take_words<Precision>(precision, c_precision_words, arguments->precision);
  precision->needs(c);
  add_data_option(*command, common);
  command->get_option("--data")->needs(c);
  command->add_option("-o,--out", arguments->out,
                      "Where to [the model's name with the format's extension]");
}

}  // namespace scrawl::cli
