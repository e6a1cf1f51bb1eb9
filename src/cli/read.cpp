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
#include "cli/output_file.hpp"
#include "cli/own_input.hpp"
#include "cli/pages.hpp"
#include "cli/read_form.hpp"
#include "cli/shard.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "decoding/write_png.hpp"
#include "files/excerpt.hpp"
#include "files/files.hpp"
#include "files/number_of_text.hpp"
#include "formats/reading_json.hpp"
#include "network_training/workers.hpp"
#include "recognition/percent.hpp"
#include "recognition/recognizer.hpp"
#include "recognition/table.hpp"

namespace scrawl::cli {

namespace {

struct ReadArguments {
  std::vector<std::string> files;
  std::string list;  // a file that names files
  bool recursive = false;
  std::optional<Shard> shard;
  std::filesystem::path model;        // empty: the user's own
  std::filesystem::path page_reader;  // empty: the built-in one
  std::filesystem::path explanation;
  std::filesystem::path stages;  // the folder for them
  ReadOptions options;
  std::size_t top = 0;
  std::optional<TableSize> table;
  std::string before_files;  // a picture's name that was taken for what belongs to --table
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

/// "scan.tif page 2", or the file's name alone where it has one page.
std::string name_of(const Answer& answer) {
  if (answer.pages == 1) return answer.file;
  return fmt::format("{} page {}", answer.file, answer.page);
}

/// A line for each line of the picture or, with --top, for each digit; a ? before those that are
/// less certain than --min-confidence.
std::string to_text(const Answer& answer, bool with_name, const ReadArguments& arguments) {
  const std::string prefix = with_name ? printable(name_of(answer)) + ": " : "";
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
      const bool with_name = with_names_ || answer.pages > 1;
      print("{}",
            Own{answer.table ? to_csv(*answer.table, with_name ? printable(name_of(answer)) : "")
                             : to_text(answer, with_name, arguments_)});
    }
    if (!answer.error.empty()) {
      print_error("{}", answer.error);
    } else if (!found && !common_.quiet) {
      print_error("{}: no digit found: no ink stands out from the paper, or none is like a digit",
                  name_of(answer) == "-" ? "standard input" : name_of(answer));
    }
    if (answer.reading.turn != Turn::none && arguments_.options.turn == Turn::automatic &&
        !common_.quiet) {
      const int degrees = degrees_of(answer.reading.turn);
      print_error("{}: {}, read turned by {} degrees clockwise; --turn 0 reads it as it is",
                  name_of(answer), degrees == 180 ? "upside down" : "on its side", degrees);
    }
    if (!answer.warning.empty() && !common_.quiet)
      print_error("{}: {}", name_of(answer), answer.warning);
    flush_output();  // results come as they are read, into a pipe too
    if (live_.due())
      live_.show(fmt::format("{} read, {} not  {}", read_, unread_,
                             printable(name_of(answer), longest_live_name)));
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

/// A page's whole path as one name, so that no two are the same.
std::string file_name_of(const PageInput& page) {
  constexpr std::size_t longest = 200;
  std::string name = page.input.file == "-" ? "stdin" : page.input.file;
  if (page.count > 1) name += fmt::format(" page {}", page.page);
  std::ranges::replace(name, '/', '_');
  if (name.size() > longest) name.erase(0, name.size() - longest);
  return name;
}

/// Where the explanation of `page` goes: the file that --explain names, or one in the folder that
/// it names.
std::filesystem::path explanation_of(const PageInput& page, const ReadArguments& arguments) {
  const std::filesystem::path& out = arguments.explanation;
  if (is_folder(out)) return out / (file_name_of(page) + ".explained.png");
  if (page.count > 1)
    throw Error(fmt::format("--explain: found {}, expected a folder, since {} has {} pages",
                            out.string(), page.input.file, page.count));
  return out;
}

void write_explanation(const Picture& picture, const Reading& reading, const Picture& heat,
                       const PageInput& page, const ReadArguments& arguments) {
  const std::filesystem::path out = explanation_of(page, arguments);
  refuse_own_input(out, "--explain", page.input.file);
  make_folder_of(out);
  write_png(explain(picture, reading, heat), out);
}

/// Writes each stage as "NUMBER STAGE.png" into a folder of the page's in `folder`.
ShowStage stage_writer(const PageInput& page, const std::filesystem::path& folder) {
  const std::filesystem::path own = folder / file_name_of(page);
  std::filesystem::create_directories(own);
  return [own, input = page.input.file, number = 0](std::string_view name,
                                                    const Picture& stage) mutable {
    const std::filesystem::path out = own / fmt::format("{:02} {}.png", ++number, name);
    refuse_own_input(out, "--stages", input);
    write_png(stage, out);
  };
}

/// Keeps the stage "heat", besides showing all to `show`, if it is given.
ShowStage keep_heat(ShowStage show, Picture& heat) {
  return [show = std::move(show), &heat](std::string_view name, const Picture& stage) {
    if (name == "heat") heat = stage;
    if (show) show(name, stage);
  };
}

Answer read_one(const Recognizer& recognizer, const PageInput& page,
                const ReadArguments& arguments) {
  Answer answer{page.input.file, {}, "", "", page.page, page.count};
  if (!page.input.error.empty()) {
    answer.error = fmt::format("{}: {}", page.name(), page.input.error);
    return answer;
  }
  try {
    const Picture picture = decode_page(page);
    ReadOptions options = arguments.options;
    if (!arguments.stages.empty()) options.show = stage_writer(page, arguments.stages);
    Picture heat;
    if (!arguments.explanation.empty()) options.show = keep_heat(std::move(options.show), heat);
    try {
      answer.reading = recognizer.read(picture, options);
    } catch (const TooLargeError& error) {
      throw Error(page.name() + ": " + error.what());
    }
    answer.warning = what_is_missing(answer.reading, arguments.options);
    if (arguments.table) answer.table = find_table(picture, answer.reading, *arguments.table);
    if (!arguments.explanation.empty())
      write_explanation(picture, answer.reading, heat, page, arguments);
  } catch (const std::bad_alloc&) {
    answer.error = page.name() + ": out of memory";
  } catch (const std::exception& error) {
    answer.error = error.what();
  }
  return answer;
}

Turn turn_of(const std::string& text) {
  if (text == "auto") return Turn::automatic;
  const auto degrees = number_of_text<int>(text, 0, 270);
  const std::optional<Turn> turn = degrees ? to_turn(*degrees) : std::nullopt;
  if (!turn)
    throw OptionError(
        fmt::format("--turn: found {}, expected auto, 0, 90, 180 or 270", excerpt(text)));
  return *turn;
}

/// Of "9x9", rows by columns.
std::optional<TableSize> table_size_of(std::string_view text) {
  const std::size_t by = text.find_first_of("xX");
  if (by == std::string_view::npos) return std::nullopt;
  const auto rows = number_of_text<std::size_t>(text.substr(0, by), 1, max_table_side);
  const auto columns = number_of_text<std::size_t>(text.substr(by + 1), 1, max_table_side);
  if (!rows || !columns) return std::nullopt;
  return TableSize{*rows, *columns};
}

/// What comes behind --table, its size or nothing. What is no size is the first picture's name, as
/// in --table page.png.
void take_table(const std::string& value, ReadArguments& arguments) {
  arguments.table = TableSize{};
  if (value.empty()) return;
  if (const auto size = table_size_of(value))
    arguments.table = size;
  else if (value.find_first_not_of("0123456789xX") == std::string::npos)
    throw OptionError(
        fmt::format("--table: found {}, expected rows x columns, each 1 to {}, as in "
                    "9x9",
                    excerpt(value), max_table_side));
  else
    arguments.before_files = value;
}

void check(const ReadArguments& arguments, bool several) {
  if (arguments.files.empty() && arguments.list.empty())
    throw OptionError("read: which pictures? Name files or folders, or give a --list");
  if (arguments.options.layout == Layout::one && arguments.options.digits > 1)
    throw OptionError("read: --one is one digit, --digits asks for more; leave one of them out");
  if (arguments.list == "-" && std::ranges::find(arguments.files, "-") != arguments.files.end())
    throw OptionError("read: standard input cannot be both a picture and the --list");
  if (arguments.shard && std::ranges::find(arguments.files, "-") != arguments.files.end())
    throw OptionError("read: --shard is of files, which have names; leave the picture - out");
  if (arguments.table && (arguments.top > 0 || arguments.options.layout != Layout::page))
    throw OptionError("read: --table is of a page; leave --top, --one and --line out");
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

/// What the command line itself names; the pictures in folders and lists are looked at as they
/// come.
void refuse_own_inputs(const ReadArguments& arguments) {
  const std::filesystem::path& out = arguments.form.output;
  for (const std::string& file : arguments.files) refuse_own_input(out, "-o", file);
  refuse_own_input(out, "-o", arguments.form.form);
  refuse_own_input(out, "-o", arguments.list);
  refuse_own_models(out, "-o", {arguments.model});
  refuse_own_input(out, "-o", arguments.page_reader);
  if (!is_folder(arguments.explanation))
    refuse_own_input(arguments.explanation, "--explain", arguments.list);
}

Shard shard_option(const std::string& text) {
  const std::optional<Shard> shard = shard_of(text);
  if (!shard)
    throw OptionError(
        fmt::format("--shard: found {}, expected NUMBER/COUNT, as in 3/16, from 1/16 to 16/16 and "
                    "at most {} of them",
                    excerpt(text), max_shards));
  return *shard;
}

Recognizer recognizer_of(const ReadArguments& arguments) {
  const Model model = arguments.model.empty() ? current_model() : model_named(arguments.model);
  if (arguments.page_reader.empty()) return Recognizer(model);
  return Recognizer(model, model_in(arguments.page_reader));
}

int run_read(ReadArguments arguments, const Common& common) {
  if (!arguments.before_files.empty())
    arguments.files.insert(arguments.files.begin(), arguments.before_files);
  const bool several = arguments.files.size() != 1 || !arguments.list.empty() || arguments.shard ||
                       may_be_several(arguments.files[0]);
  check(arguments, several);
  refuse_own_inputs(arguments);
  Inputs inputs(arguments.files, arguments.recursive, arguments.list,
                arguments.shard.value_or(Shard{}));
  Pages pages(inputs, arguments.form.output);
  const bool several_readings = several || pages.has_several();
  if (several_readings && !arguments.explanation.empty() && !arguments.explanation.has_extension())
    make_folder(arguments.explanation);
  const int threads = arguments.threads > 0 ? arguments.threads : available_cores();
  const Recognizer recognizer = recognizer_of(arguments);
  if (!arguments.form.form.empty()) {
    const float least = arguments.options.min_confidence;
    return read_with_form(arguments.form, pages, recognizer,
                          least > 0 ? least : usual_form_confidence, threads, common);
  }
  std::optional<OutputFile> output;
  if (!arguments.form.output.empty()) output.emplace(arguments.form.output);
  Display display(arguments, common, several);
  if (several_readings) {
    run_in_order<PageInput, Answer>(
        static_cast<std::size_t>(threads), [&] { return pages.next(); },
        [&](const PageInput& page) { return read_one(recognizer, page, arguments); },
        [&](const Answer& answer) { display.show(answer); });
  } else {
    while (const auto page = pages.next()) display.show(read_one(recognizer, *page, arguments));
  }
  if (output) output->finish();
  if (display.none() && arguments.shard) return exit_ok;  // others have them
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
      ->add_option_function<std::string>(
          "--shard",
          [arguments](const std::string& text) { arguments->shard = shard_option(text); },
          "Read this share of the pictures alone, one of so many, as in 3/16; by the CRC-32 of "
          "their names, so that others read the rest")
      ->type_name("N/M");
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
  command
      ->add_option_function<std::string>(
          "--turn",
          [arguments](const std::string& turn) { arguments->options.turn = turn_of(turn); },
          "Turn pictures by so many degrees clockwise to have them upright: auto, 0, 90, 180 or "
          "270; auto: where it is clear [auto]")
      ->type_name("DEGREES");
  command
      ->add_option_function<std::string>(
          "--table", [arguments](const std::string& value) { take_table(value, *arguments); },
          "Sort the digits into rows and columns, as CSV, blank cells too; with SIZE so many, as "
          "in "
          "9x9")
      ->expected(0, 1)
      ->type_name("SIZE");
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
