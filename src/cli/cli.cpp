#include "cli/cli.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <fmt/core.h>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "cli/choices.hpp"
#include "cli/help.hpp"
#include "cli/program.hpp"
#include "cli/renamed_options.hpp"
#include "cli/standard_input.hpp"
#include "cli/terminal.hpp"
#include "cli/usage.hpp"
#include "files/old_names.hpp"
#include "formats/model_file.hpp"
#include "formats/other_file.hpp"
#include "network_training/workers.hpp"
#include "recognition/recognizer.hpp"
#include "training/options.hpp"

namespace scrawl::cli {

OutputError::OutputError(int reason)
    : Error(reason == 0 ? "cannot write standard output"
                        : fmt::format("cannot write standard output: {}", std::strerror(reason))),
      reason_(reason) {}

void flush_output() {
  if (std::fflush(stdout) != 0) throw OutputError(errno);
  // An earlier write failed, and errno has been others' since.
  if (std::ferror(stdout) == 0) return;
  pollfd output{STDOUT_FILENO, 0, 0};  // tells of a pipe without a reader, asked for or not
  const bool is_unread = ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
  throw OutputError(is_unread ? EPIPE : 0);
}

CLI::App* add_command(CLI::App& app, const char* name, const char* description,
                      const std::string& example, Common& common, int& exit_code,
                      std::function<int()> body) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("\nExample:\n" + example);
  command->option_defaults()->always_capture_default();
  command->add_flag("--json", common.json, "Results as JSON");
  command->add_flag("-q,--quiet", common.quiet, "Nothing on stderr but errors");
  command->callback([&exit_code, body = std::move(body)] { exit_code = body(); });
  return command;
}

void refuse_standard_output(const std::filesystem::path& file, const char* option) {
  if (file != "-") return;
  throw OptionError(fmt::format(
      "{}: found -, expected a file's name: this is not written to standard output; a file of that "
      "name is written ./-",
      option));
}

void require_png_name(const std::filesystem::path& file, const char* option) {
  const std::string ending = file.extension().string();
  if (ending.empty() || ending == ".png" || ending == ".PNG") return;
  throw OptionError(
      fmt::format("{}: found {}, expected a name that ends in .png", option, file.string()));
}

bool is_builtin(const std::filesystem::path& name) {
  return name == builtin_name || name == renamed_builtin.old_name;
}

Model model_named(const std::filesystem::path& name) {
  return is_builtin(name) ? default_model() : model_in(name);
}

void add_precision_option(CLI::App& command, Precision& precision) {
  take_words(command.add_option(
                 "--precision", precision,
                 "Of matrix products: f32, bf16, int8, or auto: the fastest that the CPU and the "
                 "model support"),
             precision_words, precision);
}

CLI::Validator not_negative() {
  return {[](const std::string& value) {
            return value.starts_with('-') ? fmt::format("found {}, expected 0 or more", value) : "";
          },
          ""};
}

void add_threads_option(CLI::App& command, int& threads) {
  command.add_option("--threads", threads, "Threads; 0: one for each core")
      ->check(CLI::Range(0, max_threads));
}

namespace {

/// A stream that was closed when the program started would be the first file opened, and get what
/// is meant for the stream. It becomes one that is there but cannot be written.
void open_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (::fcntl(stream, F_GETFD) < 0) {
      [[maybe_unused]] const int opened = ::open("/dev/null", O_RDONLY);
    }
  }
}

/// To write where nobody reads any more, or more than a file may hold (ulimit -f), is an error like
/// a full disk, and no death by signal: a server and a training go on without their standard error,
/// and what cannot be written is said. Returns what SIGPIPE did before.
auto take_write_signals_as_errors() {
  std::signal(SIGXFSZ, SIG_IGN);
  return std::signal(SIGPIPE, SIG_IGN);
}

template <typename Text>
int fail(const Program& program, const Text& message, int code) {
  const std::string text = shown(message, longest_message);
  if (!program.before_error || program.before_error(text, code)) print_error("{}", Own{text});
  return code;
}

/// --help, --version. CLI11 would print them without noticing that they cannot be.
int print_help(const CLI::App& app, const CLI::Success& done) {
  std::ostringstream stream;
  const int code = app.exit(done, stream, stream);
  const std::string text = stream.str();
  if (std::fwrite(text.data(), 1, text.size(), stdout) < text.size()) throw OutputError(errno);
  return code;
}

/// For a command that was given a data set as its model: where that belongs.
std::string advice_for_data_set(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands())
    if (command->get_option_no_throw("--data") != nullptr)
      return "; a data set is what --data names";
  return "";
}

/// Throws OutputError, and nothing else: what else goes wrong is said.
int run_command(const Program& program, const std::vector<const char*>& arguments) {
  const int argc = static_cast<int>(arguments.size());
  const char* const* argv = arguments.data();
  Common common;
  int exit_code = exit_ok;
  CLI::App app("Reads handwritten digits: trains on MNIST in seconds, reads real pictures.");
  try {
    program.build(app, common, exit_code);
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {  // --help, --version
    return print_help(app, done);
  } catch (const CLI::ParseError& error) {
    return fail(program, Own{usage_message(app, error, argc, argv)}, exit_usage);
  } catch (const OptionError& error) {
    return fail(program, error.what(), exit_usage);
  } catch (const MissingDatasetError& error) {
    return fail(program,
                fmt::format("{}; get MNIST with: scrawl data fetch --data {}", error.what(),
                            error.folder().string()),
                exit_failed);
  } catch (const DataSetAsModelError& error) {
    return fail(program, error.what() + advice_for_data_set(app), exit_failed);
  } catch (const ForeignModelError& error) {
    return fail(program, fmt::format("{}; scrawl import FILE does", error.what()), exit_failed);
  } catch (const PersonalModelError& error) {
    return fail(program,
                fmt::format("{}: `scrawl teach --undo` goes back to the one before, and --model "
                            "builtin reads with the built-in one",
                            error.what()),
                exit_failed);
  } catch (const OutputError&) {
    throw;
  } catch (const std::system_error& error) {
    if (std::ferror(stdout) != 0) throw OutputError(error.code().value());  // by fmt
    return fail(program, error.what(), exit_failed);
  } catch (const std::bad_alloc&) {
    return fail(program, "out of memory", exit_failed);
  } catch (const std::exception& error) {
    return fail(program, error.what(), exit_failed);
  }
  return exit_code;
}

}  // namespace

int run(int argc, char** argv, const Program& program) {
  open_standard_streams();
  const auto broken_pipe_action = take_write_signals_as_errors();
  try {
    const std::vector<std::string> named = with_new_names(argc, argv);
    std::vector<const char*> arguments;
    for (const std::string& argument : named) arguments.push_back(argument.c_str());
    const int code = run_command(program, arguments);
    flush_output();
    return code;
  } catch (const OutputError& error) {
    if (error.reason() ==
        EPIPE) {  // as in `scrawl read | head`: end quietly, as every program does
      std::signal(SIGPIPE, broken_pipe_action);
      std::raise(SIGPIPE);
    }
    return fail(program, error.what(), exit_failed);
  }
}

}  // namespace scrawl::cli
