// What is said of a command line that was not understood.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace scrawl::cli {

/// What was wrong with the arguments after `app` threw `error`, and where to look for what is
/// right: lines that a terminal can show.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error, int argc,
                          const char* const* argv);

}  // namespace scrawl::cli
