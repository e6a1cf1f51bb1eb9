// The exceptions that scrawl throws.
#pragma once

#include <stdexcept>

#include <scrawl/export.h>

namespace scrawl {

/// Something outside the program is not as it has to be: a file, a picture, a setting, the network.
/// what() says what happened, where (file, field, found, expected) and, where there is one, the
/// next thing to do. Mistakes in calling the library (a span of the wrong size) are
/// std::invalid_argument.
class SCRAWL_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A setting that cannot be, whatever the data: what a command line would call wrong usage.
class SCRAWL_API OptionError : public Error {
 public:
  using Error::Error;
};

}  // namespace scrawl
