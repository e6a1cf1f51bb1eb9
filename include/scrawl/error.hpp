// The exceptions that scrawl throws.
#pragma once

#include <stdexcept>
#include <string>

namespace scrawl {

/// What kind of error: the numbers of scrawl_status.
enum class ErrorCode {
  invalid_input = 1,     ///< a file, a picture or a model is not as it has to be
  invalid_argument = 2,  ///< a mistake in the call
  out_of_memory = 3,
  not_found = 4,  ///< there is no such file
  too_large = 5,  ///< a picture of more pixels than are read
};

/// what() says what happened, where (file, field, found, expected) and, where there is one, the
/// next thing to do. Reading throws nothing else. Training reports mistakes in calling it (a span
/// of the wrong size) as std::invalid_argument.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, ErrorCode code = ErrorCode::invalid_input)
      : std::runtime_error(what), code_(code) {}

  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// A setting that cannot be, whatever the data: what a command line would call wrong usage.
class OptionError : public Error {
 public:
  using Error::Error;
};

}  // namespace scrawl
