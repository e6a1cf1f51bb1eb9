// Where a user's own things are.
#pragma once

#include <filesystem>

namespace scrawl {

/// $XDG_DATA_HOME/scrawl, else $HOME/.local/share/scrawl. Throws Error when neither is set.
std::filesystem::path user_data_folder();

}  // namespace scrawl
