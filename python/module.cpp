// The Python module over the library: scrawl._scrawl, which scrawl/__init__.py shows as scrawl.
#include "module.hpp"

#include <scrawl/scrawl.h>

PYBIND11_MODULE(_scrawl, module) {
  namespace python = scrawl::python;
  module.doc() = "Reads handwritten digits.";
  module.attr("__version__") = scrawl_version();
  python::define_errors(module);
  python::define_results(module);
  python::define_models(module);
  python::define_imports(module);
  python::define_recognizer(module);
  python::define_data(module);
  python::define_evaluation(module);
  python::define_training(module);
  python::define_personalization(module);
  // People know these by the package's name, and so does pickle.
  for (const auto& [name, thing] : py::dict(module.attr("__dict__")))
    if (!py::cast<std::string>(name).starts_with("_") && py::hasattr(thing, "__module__"))
      if (PyType_Check(thing.ptr()) != 0) thing.attr("__module__") = "scrawl";
}
