// What multiplies matrices and convolves.
#pragma once

#include <string>

namespace scrawl {

/// "oneDNN 2.6.3", of the library that is there as the program runs; others may sum in another
/// order. Without it "plain loops".
std::string products_version();

}  // namespace scrawl
