#include "hand/places.hpp"

#include <cstdlib>

#include <scrawl/error.hpp>
#include <scrawl/hand.hpp>

namespace scrawl {

namespace {

/// An environment variable; empty when unset.
std::filesystem::path environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::filesystem::path user_data_folder() {
  if (const auto data = environment("XDG_DATA_HOME"); !data.empty()) return data / "scrawl";
  if (const auto home = environment("HOME"); !home.empty()) return home / ".local/share/scrawl";
  throw Error(
      "no folder for what is yours: neither $XDG_DATA_HOME nor $HOME is set; set one of them");
}

std::filesystem::path hand_folder() {
  if (auto hand = environment("SCRAWL_HAND"); !hand.empty()) return hand;
  return user_data_folder() / "hand";
}

std::filesystem::path hand_model_path() {
  return user_data_folder() / "hand.safetensors";
}

}  // namespace scrawl
