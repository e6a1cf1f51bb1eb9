#include "cli/read_form.hpp"

#include <CLI/CLI.hpp>
#include <cstddef>
#include <exception>
#include <fmt/format.h>
#include <map>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "cli/ordered.hpp"
#include "cli/own_input.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "files/files.hpp"
#include "formats/reading_json.hpp"
#include "forms/form_table.hpp"
#include "forms/read_form.hpp"

namespace scrawl::cli {

namespace {

constexpr std::size_t longest_form = std::size_t{1} << 20;  // bytes

FormReader load_form(const std::filesystem::path& file, const std::filesystem::path& out) {
  const std::vector<std::byte> bytes = read_file(file, longest_form);
  Form form =
      parse_form({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string());
  if (form.reference.empty()) return FormReader(std::move(form));
  const std::filesystem::path reference = file.parent_path() / form.reference;
  refuse_own_input(out, "-o", reference);
  return FormReader(std::move(form), load_picture(reference));
}

FormRow read_one(const FormReader& reader, const Recognizer& recognizer, const PageInput& page,
                 const FormOptions& options) {
  // Standard input stays "-" in the table.
  const std::string name = page.input.file == "-" && page.count == 1 ? "-" : page.name();
  FormRow row{name, {}, ""};
  if (!page.input.error.empty()) {
    row.error = fmt::format("{}: {}", name, page.input.error);
    return row;
  }
  try {
    const Picture scan = decode_page(page);
    const auto read = [&](const Picture& picture, const ReadOptions& read_options) {
      return recognizer.read(picture, read_options);
    };
    try {
      row.reading = reader.read(scan, read, options);
    } catch (const Error& error) {  // of the form: it does not know the file
      row.error = fmt::format("{}: {}", name, error.what());
    }
  } catch (const std::bad_alloc&) {
    row.error = name + ": out of memory";
  } catch (const std::exception& error) {
    row.error = error.what();
  }
  return row;
}

/// Prints rows as they come, or gathers them for the file, and counts.
class Table {
 public:
  Table(const FormReader& reader, const FormArguments& arguments, const Common& common)
      : form_(reader.form()),
        output_(arguments.output),
        common_(common),
        live_(!common.quiet && !arguments.output.empty() && stderr_is_live()) {
    if (!common_.json) put(csv_header(form_));
  }

  void add(const FormRow& row) {
    live_.clear();
    put(common_.json ? dump(to_json(form_, row)) + "\n" : csv_row(form_, row));
    ++pages_;
    if (!row.error.empty()) {
      ++unread_;
      print_error("{}", row.error);
    }
    for (const FieldReading& field : row.reading.fields) ++fields_[field.state];
    if (live_.due()) live_.show(fmt::format("{} pages", pages_));
  }

  /// Returns the exit code.
  int finish() {
    live_.clear();
    if (!output_.empty()) {
      make_folder_of(output_);
      write_file(output_, std::as_bytes(std::span(text_)));
    }
    if (!common_.quiet) print_summary();
    return unread_ == 0 && pages_ > 0 ? exit_ok : exit_failed;
  }

 private:
  void put(const std::string& line) {
    if (!output_.empty()) {
      text_ += line;
      return;
    }
    print("{}", Own{printable_lines(line)});
    flush_output();
  }

  /// Names of files and fields may steer a terminal.
  std::string printable_lines(const std::string& line) const {
    return printable(std::string_view(line).substr(0, line.size() - 1)) + "\n";
  }

  void print_summary() {
    if (pages_ == 0) return print_error("there are no pictures in what was named");
    const auto count = [&](FieldState state) { return fields_[state]; };
    print_stderr("{} page{}, {} not read; fields: {} sure, {} doubtful, {} wrong, {} blank\n",
                 pages_, pages_ == 1 ? "" : "s", unread_, count(FieldState::sure),
                 count(FieldState::doubtful), count(FieldState::wrong), count(FieldState::blank));
  }

  const Form& form_;
  const std::filesystem::path& output_;
  const Common& common_;
  LiveLine live_;
  std::string text_;  // of the file
  std::size_t pages_ = 0;
  std::size_t unread_ = 0;
  std::map<FieldState, std::size_t> fields_;
};

}  // namespace

void add_form_options(CLI::App& command, FormArguments& arguments) {
  command.add_option(
      "--form", arguments.form,
      fmt::format("The pictures are pages of the form that this JSON file describes "
                  "(docs/FORMS.md): print a table, with a row for each page and a column for each "
                  "field; fields less certain than --min-confidence, here {}, are doubtful",
                  usual_form_confidence));
  command.add_option("-o,--output", arguments.output,
                     "Write into this file, not to standard output; it is there when all is in it");
}

void check_form_options(const CLI::App& command, const FormArguments& arguments) {
  refuse_standard_output(arguments.output, "-o");
  if (arguments.form.empty()) return;
  for (const char* option : {"--one", "--line", "--digits", "--signs", "--handwritten", "--explain",
                             "--stages", "--top", "--turn", "--table"}) {
    if (command.count(option) > 0)
      throw OptionError(
          fmt::format("{}: not with --form, where each field says what is expected", option));
  }
}

int read_with_form(const FormArguments& arguments, Pages& pages, const Recognizer& recognizer,
                   float min_confidence, int threads, const Common& common) {
  const FormReader reader = load_form(arguments.form, arguments.output);
  if (!arguments.output.empty()) require_writable(arguments.output);
  FormOptions options;
  options.min_confidence = min_confidence;
  Table table(reader, arguments, common);
  run_in_order<PageInput, FormRow>(
      static_cast<std::size_t>(threads), [&] { return pages.next(); },
      [&](const PageInput& page) { return read_one(reader, recognizer, page, options); },
      [&](const FormRow& row) { table.add(row); });
  return table.finish();
}

}  // namespace scrawl::cli
