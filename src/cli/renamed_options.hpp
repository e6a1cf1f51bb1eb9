// Options by the names that they had before 0.1 was released, which are taken and not shown.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "files/old_names.hpp"

namespace scrawl::cli {

inline constexpr std::array renamed_options{Renamed{"--average", "--weight-ema"},
                                            Renamed{"--deviation", "--std"}};

/// The command line, with options that have been renamed by their new names.
std::vector<std::string> with_new_names(int argc, const char* const* argv);

}  // namespace scrawl::cli
