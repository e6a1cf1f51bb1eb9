// Names of files, as Python's own open() takes them.
#pragma once

#include <filesystem>

#include "module.hpp"

namespace scrawl::python {

/// A str, or anything with __fspath__.
bool is_path(const py::object& object);

/// The name as open() takes it, and with its errors: pybind's cast has but one, which says nothing
/// of a null character in the name.
std::filesystem::path path_of(const py::object& name);

/// The same of a file or folder that is there; FileNotFoundError, as open() has it, where none is.
std::filesystem::path existing_path_of(const py::object& name);

/// As Python's pathlib.Path.
py::object to_python(const std::filesystem::path& path);

}  // namespace scrawl::python
