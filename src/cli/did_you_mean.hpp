// The name that somebody who mistyped one may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scrawl::cli {

/// "; did you mean read?" where one of the names is near, else nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& names);

}  // namespace scrawl::cli
