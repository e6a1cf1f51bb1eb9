// Another program, run on data that may be hostile: without a shell, a name, an environment or
// open files, and within limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "decoding/bytes.hpp"

namespace scrawl {

struct ProgramLimits {
  std::chrono::seconds time{60};
  std::size_t memory = std::size_t{2} << 30;  ///< bytes of its address space
  std::size_t output = std::size_t{1} << 20;  ///< bytes
};

/// Where the program is in $PATH.
std::optional<std::string> find_program(const std::string& name);

/// What `arguments`, the first of which is the program's path, write to standard output when
/// `input` comes on standard input. Throws Error when it cannot be run, fails, with the first line
/// of what it says, or goes beyond a limit.
std::vector<std::byte> run_program(const std::vector<std::string>& arguments, Bytes input,
                                   const ProgramLimits& limits);

}  // namespace scrawl
