// Which model reads: the one that has learned its user's hand, or the one in the box.
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include <scrawl/error.hpp>
#include <scrawl/hand.hpp>
#include <scrawl/recognizer.hpp>

#include "exchange/model_file.hpp"
#include "files/files.hpp"

namespace scrawl {

namespace {

namespace fs = std::filesystem;

fs::path previous_path() {
  return hand_model_path().replace_extension(".previous.safetensors");
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

}  // namespace

bool has_hand_model() {
  try {
    return is_there(hand_model_path());
  } catch (const Error&) {  // no folder is named
    return false;
  }
}

Model current_model() {
  if (!has_hand_model()) return default_model();
  const fs::path file = hand_model_path();
  try {
    return load_model(file);
  } catch (const Error& error) {
    throw Error(fmt::format(
        "{}; this model has learned your hand: `scrawl teach --undo` goes back to the one before, "
        "and --model box reads with the one in the box",
        error.what()));
  }
}

void save_hand_model(const Model& model) {
  const fs::path file = hand_model_path();
  if (is_there(file)) write_file(previous_path(), read_file(file, max_model_bytes));
  save_model(model, file);
}

bool undo_hand_model() {
  const fs::path file = hand_model_path();
  if (is_there(previous_path())) {
    publish_file(previous_path(), file);
    return true;
  }
  return fs::remove(file);
}

}  // namespace scrawl
