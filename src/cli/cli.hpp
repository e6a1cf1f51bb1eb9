// The command line: what all commands share. Each command has a file of its own and adds itself.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>
#include <scrawl/training.hpp>

#include "dataset/images.hpp"
#include "formats/reading_json.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace scrawl::cli {

/// Exit codes, as grep and ripgrep have them.
enum ExitCode : int {
  exit_ok = 0,      ///< all was done
  exit_failed = 1,  ///< something could not be done or read
  exit_usage = 2,   ///< the command line was not understood
};

/// What all commands have in common.
struct Common {
  std::filesystem::path data;  ///< --data; empty: default_data_folder()
  bool json = false;           ///< --json: results on stdout as JSON
  bool quiet = false;          ///< --quiet: nothing on stderr but errors
  bool transpose = false;      ///< --transpose: rows and columns of the data's images are swapped
  bool invert = false;         ///< --invert: the data's images are dark on light

  std::filesystem::path data_folder() const;
};

/// Runs the program; returns its exit code.
int run(int argc, char** argv);

/// Standard output cannot be written, and nothing that is still to be printed would help anybody.
class OutputError : public Error {
 public:
  /// `reason` is an errno; 0: nobody knows any more.
  explicit OutputError(int reason);
  int reason() const { return reason_; }

 private:
  int reason_;
};

/// Sends on what has been printed. Throws OutputError when that cannot be.
void flush_output();

/// A subcommand with the common options, whose work `body` does; what `body` returns becomes the
/// program's exit code, an Error that it throws is printed and gives exit_failed.
CLI::App* add_command(CLI::App& app, const char* name, const char* description,
                      const std::string& example, Common& common, int& exit_code,
                      std::function<int()> body);

// Options that several commands take.
/// --data alone.
void add_data_option(CLI::App& command, Common& common);
/// --data, --transpose and --invert, of a command that reads by load_named_data or the like.
void add_data_options(CLI::App& command, Common& common);
void add_precision_option(CLI::App& command, Precision& precision);
void add_threads_option(CLI::App& command, int& threads);
/// Of a number. C++ would read -1 as a very large one where it takes no sign; and CLI11's own check
/// prints the largest number there is.
CLI::Validator not_negative();

/// Throws OptionError where `file`, which `option` names, is "-": elsewhere that is a standard
/// stream, and a file of that name would surprise.
void refuse_standard_output(const std::filesystem::path& file, const char* option);

/// Throws OptionError where the name that `option` gives to a PNG ends like another kind of file.
void require_png_name(const std::filesystem::path& file, const char* option);

/// --model's value for the built-in model; a file of that name is ./builtin.
inline constexpr const char* builtin_name = "builtin";

/// Whether --model's value names the built-in model.
bool is_builtin(const std::filesystem::path& name);

/// The model of a file, or the built-in one.
Model model_named(const std::filesystem::path& name);

/// A line on stderr for each file that could not be read.
void print_unread(const std::vector<UnreadFile>& unread);

/// load_data as --data, --transpose and --invert say, with a line on stderr for each file that
/// cannot be read, and one where the images seem to be stored otherwise than MNIST's.
PicturesByDigit load_named_data(const Common& common, Part part, int threads);

/// The same of images that may have no labels.
Images load_named_images(const Common& common, Part part, int threads);

/// Whether a training can be tested on images that it has not seen.
bool has_test_part(const Common& common);

// One for each command. `common` and `exit_code` outlive the app.
void add_data(CLI::App& app, Common& common, int& exit_code);
void add_preview(CLI::App& data, Common& common, int& exit_code);
void add_train(CLI::App& app, Common& common, int& exit_code);
void add_predict(CLI::App& app, Common& common, int& exit_code);
void add_eval(CLI::App& app, Common& common, int& exit_code);
void add_read(CLI::App& app, Common& common, int& exit_code);
void add_serve(CLI::App& app, Common& common, int& exit_code);
void add_teach(CLI::App& app, Common& common, int& exit_code);
void add_import(CLI::App& app, Common& common, int& exit_code);
void add_average(CLI::App& app, Common& common, int& exit_code);
void add_export(CLI::App& app, Common& common, int& exit_code);
void add_generate(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, Common& common, int& exit_code);
void add_help(CLI::App& app, int& exit_code);

}  // namespace scrawl::cli
