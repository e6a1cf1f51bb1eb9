#include "paths.hpp"

#include <cerrno>
#include <string>
#include <system_error>

namespace scrawl::python {

bool is_path(const py::object& object) {
  return py::isinstance<py::str>(object) || py::hasattr(object, "__fspath__");
}

std::filesystem::path path_of(const py::object& name) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(name.ptr(), &bytes) == 0) throw py::error_already_set();
  return py::reinterpret_steal<py::bytes>(bytes).cast<std::string>();
}

std::filesystem::path existing_path_of(const py::object& name) {
  std::filesystem::path path = path_of(name);
  std::error_code unknown;  // where nobody may look, the library says so
  if (!std::filesystem::exists(path, unknown) && !unknown) {
    errno = ENOENT;
    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name.ptr());
    throw py::error_already_set();
  }
  return path;
}

py::object to_python(const std::filesystem::path& path) {
  return py::module_::import("pathlib").attr("Path")(
      py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefault(path.c_str())));
}

}  // namespace scrawl::python
