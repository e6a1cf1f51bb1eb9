// The personal model.
#pragma once

#include <optional>

#include <scrawl/model.hpp>

namespace scrawl {

/// The model at personal_model_path(), whole whoever saves or undoes one meanwhile; nothing where
/// there is none. Throws PersonalModelError when the file is damaged.
std::optional<Model> load_personal_model();

}  // namespace scrawl
