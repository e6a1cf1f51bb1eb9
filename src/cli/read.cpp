// scrawl read
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "cli/cli.hpp"
#include "cli/inputs.hpp"
#include "cli/ordered.hpp"
#include "cli/read_form.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "decoding/found_picture.hpp"
#include "decoding/write_png.hpp"
#include "files/files.hpp"
#include "formats/reading_json.hpp"
#include "network_training/workers.hpp"
#include "recognition/percent.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::cli {

namespace {

struct ReadArguments {
  std::vector<std::string> files;
  std::string list;  // a file that names files
  bool recursive = false;
  std::filesystem::path model;        // empty: the user's own
  std::filesystem::path page_reader;  // empty: the built-in one
  std::filesystem::path explanation;
  std::filesystem::path stages;  // the folder for them
  ReadOptions options;
  std::size_t top = 0;
  int threads = 0;
  FormArguments form;
};

/// "7 98.1 %, 1 1.2 %, 9 0.3 %"
std::string most_probable(const Digit& digit, std::size_t count) {
  std::array<std::size_t, digit_count> order;
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, std::greater(), [&](std::size_t i) { return digit.probabilities[i]; });
  std::string text;
  for (std::size_t i = 0; i < std::min(count, digit_count); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", order[i],
                        percent(digit.probabilities[order[i]]));
  }
  return text;
}

/// A line for each line of the picture or, with --top, for each digit; a ? before those that are
/// less certain than --min-confidence.
std::string to_text(const Answer& answer, bool with_name, const ReadArguments& arguments) {
  const std::string prefix = with_name ? printable(answer.file) + ": " : "";
  std::string text;
  if (arguments.top > 0) {
    for (const Digit& digit : answer.reading.digits) {
      const bool certain = digit.confidence >= arguments.options.min_confidence;
      text +=
          fmt::format("{}{}{}\n", prefix, certain ? "" : "? ", most_probable(digit, arguments.top));
    }
    return text;
  }
  for (std::string_view rest = answer.reading.text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    text += fmt::format("{}{}\n", prefix, line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return text;
}

constexpr std::size_t longest_live_name = 60;  // bytes: what is drawn over has to be one line

/// Prints answers as they come, and counts.
class Display {
 public:
  Display(const ReadArguments& arguments, const Common& common, bool with_names)
      : arguments_(arguments),
        common_(common),
        with_names_(with_names),
        live_(with_names && !common.quiet && stderr_is_live()) {}

  void show(const Answer& answer) {
    live_.clear();
    const bool found = !answer.reading.digits.empty();
    ++(found && answer.error.empty() ? read_ : unread_);
    if (common_.json) {
      print_json(to_json(answer));
    } else {
      print("{}", Own{to_text(answer, with_names_, arguments_)});
    }
    if (!answer.error.empty()) {
      print_error("{}", answer.error);
    } else if (!found && !common_.quiet) {
      print_error("{}: no digit found: no ink stands out from the paper, or none is like a digit",
                  shown_name(answer.file).string());
    }
    if (!answer.warning.empty() && !common_.quiet)
      print_error("{}: {}", answer.file, answer.warning);
    flush_output();  // results come as they are read, into a pipe too
    if (live_.due())
      live_.show(fmt::format("{} read, {} not  {}", read_, unread_,
                             printable(answer.file, longest_live_name)));
  }

  bool all_read() const { return unread_ == 0 && read_ > 0; }
  bool none() const { return unread_ == 0 && read_ == 0; }

 private:
  const ReadArguments& arguments_;
  const Common& common_;
  bool with_names_;
  LiveLine live_;
  std::size_t read_ = 0;
  std::size_t unread_ = 0;
};

/// A file's whole path as one name, so that no two are the same.
std::string name_of(const std::string& file) {
  constexpr std::size_t longest = 200;
  std::string name = file == "-" ? "stdin" : file;
  std::ranges::replace(name, '/', '_');
  if (name.size() > longest) name.erase(0, name.size() - longest);
  return name;
}

/// Where the explanation of `file` goes: the file that --explain names, or one in the folder that
/// it names.
std::filesystem::path explanation_of(const std::string& file, const ReadArguments& arguments) {
  const std::filesystem::path& out = arguments.explanation;
  return is_folder(out) ? out / (name_of(file) + ".explained.png") : out;
}

void write_explanation(const Picture& picture, const Reading& reading, const Picture& heat,
                       const std::string& file, const ReadArguments& arguments) {
  const std::filesystem::path out = explanation_of(file, arguments);
  std::error_code ignored;
  if (std::filesystem::equivalent(out, file, ignored))
    throw Error(fmt::format("{}: --explain would overwrite the picture itself", out.string()));
  make_folder_of(out);
  write_png(explain(picture, reading, heat), out);
}

/// Writes each stage as "NUMBER STAGE.png" into a folder of the picture's in `folder`.
ShowStage stage_writer(const std::string& file, const std::filesystem::path& folder) {
  const std::filesystem::path own = folder / name_of(file);
  std::filesystem::create_directories(own);
  return [own, number = 0](std::string_view name, const Picture& stage) mutable {
    write_png(stage, own / fmt::format("{:02} {}.png", ++number, name));
  };
}

/// Keeps the stage "heat", besides showing all to `show`, if it is given.
ShowStage keep_heat(ShowStage show, Picture& heat) {
  return [show = std::move(show), &heat](std::string_view name, const Picture& stage) {
    if (name == "heat") heat = stage;
    if (show) show(name, stage);
  };
}

Answer read_one(const Recognizer& recognizer, const Input& input, const ReadArguments& arguments) {
  Answer answer{input.file, {}, "", ""};
  if (!input.error.empty()) {
    answer.error = fmt::format("{}: {}", input.file, input.error);
    return answer;
  }
  try {
    const Picture picture =
        input.found ? load_found_picture(input.file) : picture_named(input.file);
    ReadOptions options = arguments.options;
    if (!arguments.stages.empty()) options.show = stage_writer(input.file, arguments.stages);
    Picture heat;
    if (!arguments.explanation.empty()) options.show = keep_heat(std::move(options.show), heat);
    try {
      answer.reading = recognizer.read(picture, options);
    } catch (const TooLargeError& error) {
      throw Error(input.file + ": " + error.what());
    }
    answer.warning = what_is_missing(answer.reading, arguments.options);
    if (!arguments.explanation.empty())
      write_explanation(picture, answer.reading, heat, input.file, arguments);
  } catch (const std::bad_alloc&) {
    answer.error = input.file + ": out of memory";
  } catch (const std::exception& error) {
    answer.error = error.what();
  }
  return answer;
}

void check(const ReadArguments& arguments, bool several) {
  if (arguments.files.empty() && arguments.list.empty())
    throw OptionError("read: which pictures? Name files or folders, or give a --list");
  if (arguments.options.layout == Layout::one && arguments.options.digits > 1)
    throw OptionError("read: --one is one digit, --digits asks for more; leave one of them out");
  if (arguments.list == "-" && std::ranges::find(arguments.files, "-") != arguments.files.end())
    throw OptionError("read: standard input cannot be both a picture and the --list");
  const float least = arguments.options.min_confidence;
  if (!(least >= 0 && least <= 1))
    throw OptionError(fmt::format("--min-confidence: found {}, expected 0 to 1", least));
  if (several && arguments.explanation.has_extension() && !is_folder(arguments.explanation)) {
    throw OptionError(
        fmt::format("--explain: found {}, expected a folder, since there may be several pictures",
                    arguments.explanation.string()));
  }
  if (!is_folder(arguments.explanation)) require_png_name(arguments.explanation, "--explain");
  std::error_code ignored;
  if (!arguments.model.empty() && !is_builtin(arguments.model) &&
      !std::filesystem::exists(arguments.model, ignored)) {
    throw Error(
        fmt::format("{}: no such model; train one with `scrawl train`, or leave --model out",
                    arguments.model.string()));
  }
}

Recognizer recognizer_of(const ReadArguments& arguments) {
  const Model model = arguments.model.empty() ? current_model() : model_named(arguments.model);
  if (arguments.page_reader.empty()) return Recognizer(model);
  return Recognizer(model, model_in(arguments.page_reader));
}

int run_read(const ReadArguments& arguments, const Common& common) {
  const bool several =
      arguments.files.size() != 1 || !arguments.list.empty() || may_be_several(arguments.files[0]);
  check(arguments, several);
  if (several && !arguments.explanation.empty()) make_folder(arguments.explanation);
  Inputs inputs(arguments.files, arguments.recursive, arguments.list);
  const int threads = arguments.threads > 0 ? arguments.threads : available_cores();
  const Recognizer recognizer = recognizer_of(arguments);
  if (!arguments.form.form.empty()) {
    const float least = arguments.options.min_confidence;
    return read_with_form(arguments.form, inputs, recognizer,
                          least > 0 ? least : usual_form_confidence, threads, common);
  }
  Display display(arguments, common, several);
  if (several) {
    run_in_order<Input, Answer>(
        static_cast<std::size_t>(threads), [&] { return inputs.next(); },
        [&](const Input& input) { return read_one(recognizer, input, arguments); },
        [&](const Answer& answer) { display.show(answer); });
  } else {
    while (const auto input = inputs.next()) display.show(read_one(recognizer, *input, arguments));
  }
  if (display.none()) print_error("there are no pictures in what was named");
  return display.all_read() ? exit_ok : exit_failed;
}

}  // namespace

void add_read(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ReadArguments>();
  CLI::App* command =
      add_command(app, "read", "Reads the digits in pictures",
                  "  scrawl read 7.png\n"
                  "  scrawl read --explain found.png invoice.jpg\n"
                  "  scrawl read --one --top 3 photo.jpg\n"
                  "  scrawl read -r --json scans/\n"
                  "  scrawl read --form fields.json scans/*.png -o marks.csv\n"
                  "  cat 7.png | scrawl read -",
                  common, exit_code, [&app, arguments, &common] {
                    check_form_options(*app.get_subcommand("read"), arguments->form);
                    return run_read(*arguments, common);
                  });
  command->add_option("files", arguments->files,
                      "Pictures (PNG, JPEG, TIFF, BMP, GIF, WebP, PNM, HEIC, AVIF), folders of "
                      "them, or patterns; - is a picture on standard input");
  command->add_flag("-r,--recursive", arguments->recursive, "Also the folders in folders");
  command->add_option("--list", arguments->list,
                      "A file that names pictures, one on each line; - is standard input");
  command
      ->add_flag_callback(
          "--one", [arguments] { arguments->options.layout = Layout::one; },
          "Each picture shows one digit")
      ->excludes(command->add_flag_callback(
          "--line", [arguments] { arguments->options.layout = Layout::line; },
          "Each picture shows one line, however uneven"));
  command->add_option("--digits", arguments->options.digits, "Each picture shows N digits; 0: any")
      ->check(CLI::Range(std::size_t{0}, max_read_digits));
  command
      ->add_option("--min-confidence", arguments->options.min_confidence,
                   "Print ? for digits that are less certain, 0 to 1")
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag("--signs", arguments->options.signs, "Print the signs . , - / : as well");
  command->add_flag("--handwritten", arguments->options.handwritten,
                    "Leave out what is printed, as on forms");
  command->add_option("--explain", arguments->explanation,
                      "Draw what was seen and found: a PNG file, or a folder for several");
  command->add_option("--stages", arguments->stages,
                      "Write what the networks see on the way: PNG files into this folder");
  command->add_option("--top", arguments->top, "Print the N most probable digits")
      ->check(CLI::Range(0, 10));
  command->add_option(
      "--model", arguments->model,
      fmt::format("The model to read with, builtin: the built-in one [{}]",
                  has_personal_model() ? personal_model_path().string() : builtin_name));
  command->add_option("--page-reader", arguments->page_reader,
                      "Find digits with the network in this file, which `scrawl train --model "
                      "reader` makes, and not with the built-in one");
  add_form_options(*command, arguments->form);
  add_threads_option(*command, arguments->threads);
}

}  // namespace scrawl::cli
