// Tables of Markdown for the documentation: what a training can be asked for, and the presets.
#pragma once

#include <string>

namespace scrawl::cli {

/// A line for each option, in the order of --help.
std::string options_table();

/// A line for each preset, with what was measured of it.
std::string presets_table();

}  // namespace scrawl::cli
