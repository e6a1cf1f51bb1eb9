// scrawl serve
#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>

#include "cli/addresses.hpp"
#include "cli/cli.hpp"
#include "cli/supervisor.hpp"
#include "cli/terminal.hpp"
#include "network_training/workers.hpp"
#include "personalization/places.hpp"
#include "server/access.hpp"
#include "server/api.hpp"
#include "server/server.hpp"

namespace scrawl::cli {

namespace {

struct ServeArguments {
  ApiOptions api;
  ServerOptions server;
  double max_body = 32;        // MB
  double max_memory = 0;       // MB; 0: by the threads
  double max_megapixels = 50;  // of all pictures of a request
  int timeout = 30;            // seconds
  int drain = 0;               // seconds
  int threads = 0;
  bool open = false;  // in the browser
};

constexpr double mega = 1e6;

/// CLI::Range lets what is no number through.
CLI::Validator range(double least, double most) {
  const CLI::Range check(least, most);
  return {[check](std::string& text) {
            double value = 0;
            if (CLI::detail::lexical_cast(text, value) && std::isnan(value))
              return fmt::format("{} is no number", text);
            return check(text);
          },
          check.get_description()};
}

/// Who gives one wants one: an empty token, as of a variable that is not set, would let all in.
CLI::Validator not_empty() {
  return {[](const std::string& token) {
            return token.empty()
                       ? "found an empty one, expected the token; without the option there is none"
                       : "";
          },
          ""};
}

CLI::Validator address() {
  return {[](const std::string& text) {
            return is_address(text) ? std::string()
                                    : fmt::format(
                                          "found '{}', expected an address of this machine, such "
                                          "as 127.0.0.1 or 0.0.0.0",
                                          text);
          },
          ""};
}

/// The option's, else the environment's, which is refused where it is empty as the option is.
std::string token_of(const ApiOptions& options) {
  const char* token = std::getenv("SCRAWL_TOKEN");
  if (!options.token.empty() || token == nullptr) return options.token;
  if (*token == '\0')
    throw OptionError(
        "SCRAWL_TOKEN: found an empty one, expected the token; where the variable is not set there "
        "is none");
  return token;
}

CLI::Validator origin() {
  return {[](const std::string& text) {
            return text == "*" || is_origin(text)
                       ? std::string()
                       : fmt::format(
                             "found '{}', expected * or scheme://host[:port], as in "
                             "https://example.org",
                             text);
          },
          ""};
}

/// Shows an address in the user's browser, which goes on by itself.
void open_in_browser(const std::string& url) {
  // The desktop's own way; xdg-open looks at $BROWSER too. The shell ends at once.
  std::string shell = "sh";
  std::string option = "-c";
  std::string script =
      "command -v xdg-open >/dev/null || exit 1; xdg-open \"$0\" >/dev/null 2>&1 </dev/null &";
  std::string address = url;
  std::array<char*, 5> arguments{shell.data(), option.data(), script.data(), address.data(),
                                 nullptr};
  pid_t process = 0;
  int status = 0;
  const bool done =
      ::posix_spawnp(&process, shell.c_str(), nullptr, nullptr, arguments.data(), environ) == 0 &&
      ::waitpid(process, &status, 0) == process && status == 0;
  if (!done)
    print_error("--open: there is no xdg-open, which knows the browser; open {} yourself", url);
}

/// MNIST's, to train and learn with; empty where none is named, as for a service's account without
/// a home: reading needs none.
std::filesystem::path data_folder_of(const Common& common) {
  try {
    return common.data_folder();
  } catch (const Error&) {
    return {};
  }
}

int run_serve(ServeArguments arguments, const Common& common) {
  ApiOptions& api_options = arguments.api;
  ServerOptions& options = arguments.server;
  api_options.token = token_of(api_options);
  api_options.data = data_folder_of(common);
  api_options.loopback = is_loopback(options.host);
  api_options.max_pixels = static_cast<std::size_t>(arguments.max_megapixels * mega);
  options.max_body = static_cast<std::size_t>(arguments.max_body * mega);
  options.max_memory = static_cast<std::size_t>(arguments.max_memory * mega);
  options.timeout = std::chrono::seconds(arguments.timeout);
  options.drain = std::chrono::seconds(arguments.drain);
  options.threads = arguments.threads > 0 ? arguments.threads : available_cores();
  api_options.threads = options.threads;
  Api api(api_options);
  Server server(api, options);
  const bool quiet = common.quiet;
  const auto on_drain = [quiet, seconds = arguments.drain] {
    notify_supervisor("STOPPING=1");
    if (!quiet)
      print_stderr("scrawl: ending in {} s, /readyz says so; again ends it at once\n", seconds);
  };
  const auto on_stop = [quiet](std::size_t requests) {
    if (requests > 0 && !quiet)
      print_stderr("scrawl: finishing {} request{}; again ends it at once\n", requests,
                   requests == 1 ? "" : "s");
  };
  const auto on_reload = [quiet](const std::string& problem) {
    if (!problem.empty())
      print_error("the model stays as it was: {}", problem);
    else if (!quiet)
      print_stderr("scrawl: the model was reloaded\n");
  };
  server.handle_signals(on_drain, on_stop,
                        on_reload);  // who has been told the address may send one
  const std::string url = url_for_this_machine(server.url());
  const std::vector<std::string> for_others = urls_for_others(server.url());
  if (common.json) {
    print_json({{"url", url}, {"urls_for_others", for_others}});
  } else {
    print("{}\n", url);
  }
  flush_output();  // who does not learn the address cannot use the server
  if (!common.quiet) {
    if (!api_options.loopback && api_options.token.empty())
      print_stderr(
          "scrawl: other machines can reach this server, and it has no --token: they may read "
          "pictures, but not teach it\n");
    if (const std::string problem = why_nothing_is_kept(); !problem.empty())
      print_stderr("scrawl: it reads, and keeps nothing: {}\n", problem);
    for (const std::string& other : for_others)
      print_stderr("scrawl: other machines open {}\n", other);
    if (!for_others.empty() && ::isatty(STDERR_FILENO) == 1)
      for (const std::string& line : qr_code(for_others.front())) print_stderr("{}\n", line);
    print_stderr("scrawl: {}; Ctrl-C ends it\n",
                 arguments.open ? "opening it in the browser" : "open it in a browser");
  }
  notify_supervisor("READY=1");
  if (arguments.open) open_in_browser(url);
  server.run();
  return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, Common& common, int& exit_code) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = add_command(app, "serve", "A web page to draw on, and an HTTP API",
                                  "  scrawl serve --open\n"
                                  "  scrawl serve --port 0 --model my.safetensors\n"
                                  "  curl --data-binary @7.png http://127.0.0.1:8042/v1/read",
                                  common, exit_code,
                                  [arguments, &common] { return run_serve(*arguments, common); });
  ServerOptions& server = arguments->server;
  command
      ->add_option("--host", server.host,
                   "Address to listen on; 0.0.0.0: all interfaces, so that others can connect")
      ->check(address());
  command->add_option("--port", server.port, "Port; 0: any free one")->check(CLI::Range(0, 65535));
  command->add_flag("--open", arguments->open, "Open the page in the browser");
  command->add_option("--model", arguments->api.model,
                      "The model to read with [the built-in one]; SIGHUP reloads it");
  command
      ->add_option("--token", arguments->api.token,
                   "That requests have to send, as in `Authorization: Bearer TOKEN`; better in "
                   "$SCRAWL_TOKEN, which others on this machine do not see")
      ->check(not_empty())
      ->option_text("TOKEN [none]");
  command
      ->add_option("--allow-origin", arguments->api.allowed_origins,
                   "Pages of other servers that may send requests, as https://example.org; *: all")
      ->check(origin())
      ->option_text("ORIGIN ... [none]");
  command->add_option("--max-body", arguments->max_body, "Largest request, in MB")
      ->check(range(0.001, 4000.0));
  command
      ->add_option(
          "--max-memory", arguments->max_memory,
          "MB for all requests together, besides some 100 of the server itself: for bodies and "
          "for pictures, whose memory is known before they are decoded; what does not fit waits, "
          "and is refused after 10 s (503). A server of N cores takes 1600 + N x 400 at most: a "
          "picture of 50 megapixels, and a photo of 12 on each core")
      ->check(range(0.001, 1e6))
      ->option_text("FLOAT [by cores]");
  command
      ->add_option("--max-megapixels", arguments->max_megapixels,
                   "Of all pictures in a request together")
      ->check(range(0.001, 100.0));
  command
      ->add_option("--max-connections", server.max_connections,
                   "At once; beyond that, the one that has been idle longest is closed")
      ->check(CLI::Range(1, 1'000'000));
  command
      ->add_option(
          "--max-waiting", server.max_waiting,
          "Requests that wait for a core, of small ones and of photos each; more are refused (503)")
      ->check(CLI::Range(1, 1'000'000));
  command
      ->add_option(
          "--timeout", arguments->timeout,
          "Seconds for a request's head to arrive, between two requests, and without progress of "
          "a body or an answer (at least 1 kB a second)")
      ->check(CLI::Range(1, 86400));
  command
      ->add_option("--drain", arguments->drain,
                   "Seconds to go on for after SIGTERM, while /readyz says 503, so that a proxy "
                   "sends requests elsewhere; what has come is finished then, in 8 s at most")
      ->check(CLI::Range(0, 3600));
  add_threads_option(*command, arguments->threads);
  add_data_option(*command, common);
}

}  // namespace scrawl::cli
