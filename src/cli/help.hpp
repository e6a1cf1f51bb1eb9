// How --help looks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace scrawl::cli {

/// CLI11's, but for the ranges of numbers: "PORT; 0 to 65535" and not "UINT:INT in [0 - 65535]".
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

}  // namespace scrawl::cli
