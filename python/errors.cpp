// The library's exceptions, as Python has them.
#include <exception>
#include <string>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>

#include "module.hpp"

namespace scrawl::python {

void define_errors(py::module_& module) {
  py::register_exception<Error>(module, "Error", PyExc_RuntimeError).doc() =
      "A file, a picture, a model or a setting is not as it has to be. The message says what was "
      "found,\nwhere, and what to do next.";
  // The last registered is asked first: what is more than an Error comes after it.
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const MissingDatasetError& error) {
      const std::string message = std::string(error.what()) + "; scrawl.fetch_mnist() gets MNIST";
      PyErr_SetString(PyExc_FileNotFoundError, message.c_str());
    } catch (const OptionError& error) {
      PyErr_SetString(PyExc_ValueError, error.what());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
      PyErr_SetString(PyExc_FileNotFoundError, error.what());
    }
  });
}

}  // namespace scrawl::python
