#include "personalization/places.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "files/old_names.hpp"

namespace scrawl {

namespace {

namespace fs = std::filesystem;

/// An environment variable; empty when unset.
fs::path environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? "" : value;
}

/// systemd names all folders of a service, with ":" between them.
fs::path first_of(const fs::path& folders) {
  const std::string& names = folders.native();
  return names.substr(0, names.find(':'));
}

/// In the user's data folder, under the old name where there is one of that alone.
fs::path place(const Renamed& renamed) {
  const fs::path folder = user_data_folder();
  std::error_code ignored;
  const bool has_old_alone =
      fs::exists(folder / renamed.old_name, ignored) && !fs::exists(folder / renamed.name, ignored);
  return folder / (has_old_alone ? renamed.old_name : renamed.name);
}

}  // namespace

fs::path user_data_folder() {
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty()) return data / "scrawl";
  if (const auto state = environment("STATE_DIRECTORY"); !state.empty()) return first_of(state);
  if (const auto home = environment("HOME"); !home.empty()) return home / ".local/share/scrawl";
  throw Error(
      "no folder for your corrections: none of $XDG_DATA_HOME, $STATE_DIRECTORY and $HOME is set; "
      "set one of them");
}

std::string why_nothing_is_kept() {
  try {
    user_data_folder();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

fs::path corrections_folder() {
  const auto [old_name, name] = renamed_corrections_variable;
  if (auto folder = environment(name); !folder.empty()) return folder;
  if (auto folder = environment(old_name); !folder.empty()) return folder;
  return place(renamed_corrections);
}

fs::path personal_model_path() {
  return place(renamed_personal_model);
}

}  // namespace scrawl
