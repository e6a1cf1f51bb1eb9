// The exceptions that scrawl throws.
#pragma once

#include <stdexcept>
#include <string>

/// All of scrawl's C++ interface.
namespace scrawl {

/// Kinds of errors, with the values of scrawl_status.
enum class ErrorCode {
  invalid_input = 1,     ///< a file, picture or model is invalid
  invalid_argument = 2,  ///< the call is wrong
  out_of_memory = 3,     ///< memory ran out
  not_found = 4,         ///< the file does not exist
  too_large = 5,         ///< the picture has more pixels or digits than scrawl reads
};

/// What scrawl throws. what() says what happened, where (file, field, found, expected) and, if
/// there is something to do about it, what. Reading throws nothing else; training also throws
/// std::invalid_argument if it is called wrongly, as with a span of the wrong size.
class Error : public std::runtime_error {
 public:
  /// An error with a message and its kind.
  explicit Error(const std::string& what, ErrorCode code = ErrorCode::invalid_input)
      : std::runtime_error(what), code_(code) {}

  /// The kind of error.
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// An option is invalid whatever the data: on a command line, wrong usage.
class OptionError : public Error {
 public:
  using Error::Error;
};

}  // namespace scrawl
