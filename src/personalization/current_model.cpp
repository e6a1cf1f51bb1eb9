// Which model reads: the personal one, or the built-in one.
#include "personalization/current_model.hpp"

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "files/files.hpp"
#include "files/folder_lock.hpp"
#include "formats/model_file.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

namespace {

namespace fs = std::filesystem;

fs::path previous_path() {
  return personal_model_path().replace_extension(".previous.safetensors");
}

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

PersonalModelError damaged(const Error& error) {
  return PersonalModelError(fmt::format("{}; this is your personal model", error.what()));
}

}  // namespace

bool has_personal_model() {
  try {
    return is_there(personal_model_path());
  } catch (const Error&) {  // no folder is named
    return false;
  }
}

std::optional<Model> load_personal_model() {
  if (!has_personal_model()) return std::nullopt;
  const fs::path file = personal_model_path();
  try {
    return to_model(parse_safetensors(read_found_file(file, max_model_bytes), file), file);
  } catch (const FileError& error) {
    if (error.number() == ENOENT) return std::nullopt;  // undone meanwhile
    throw damaged(error);
  } catch (const Error& error) {
    throw damaged(error);
  }
}

Model current_model() {
  std::optional<Model> own = load_personal_model();
  return own ? std::move(*own) : default_model();
}

void save_personal_model(const Model& model) {
  const fs::path file = personal_model_path();
  make_folder(file.parent_path());
  const FolderLock lock(file.parent_path());
  remove_leftovers(file.parent_path());
  if (is_there(file)) write_file(previous_path(), read_found_file(file, max_model_bytes));
  save_model(model, file);
}

bool undo_personal_model() {
  const fs::path file = personal_model_path();
  if (!is_there(file.parent_path())) return false;
  const FolderLock lock(file.parent_path());
  if (is_there(previous_path())) {
    move_file(previous_path(), file);
    return true;
  }
  return fs::remove(file);
}

}  // namespace scrawl
