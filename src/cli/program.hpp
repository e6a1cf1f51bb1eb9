// What a program with commands is made of: `scrawl`, and `scrawl-mpi`, which has one of them.
#pragma once

#include <functional>
#include <string>

#include "cli/cli.hpp"

namespace scrawl::cli {

struct Program {
  /// Adds its commands to `app`; `common` and `exit_code` outlive the app.
  std::function<void(CLI::App& app, Common& common, int& exit_code)> build;
  /// Is told an error's message, as it would be printed, and the exit code, before it is; whether
  /// it is to be. Empty: it is.
  std::function<bool(const std::string& message, int exit_code)> before_error = {};
};

/// Runs a program; returns its exit code.
int run(int argc, char** argv, const Program& program);

}  // namespace scrawl::cli
