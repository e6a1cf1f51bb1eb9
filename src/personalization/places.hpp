// Where a user's own things are.
#pragma once

#include <filesystem>
#include <string>

namespace scrawl {

/// $XDG_DATA_HOME/scrawl, else of a service of systemd its $STATE_DIRECTORY, else
/// $HOME/.local/share/scrawl. Throws Error when none is set.
std::filesystem::path user_data_folder();

/// What is wrong where there is no such folder; else empty.
std::string why_nothing_is_kept();

}  // namespace scrawl
