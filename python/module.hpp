// The parts of the Python module: each file puts what it is about into the module.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <string>

namespace py = pybind11;

namespace scrawl::python {

void define_errors(py::module_& module);
void define_results(py::module_& module);
void define_models(py::module_& module);
void define_imports(py::module_& module);
void define_recognizer(py::module_& module);
void define_data(py::module_& module);
void define_evaluation(py::module_& module);
void define_training(py::module_& module);
void define_personalization(py::module_& module);

}  // namespace scrawl::python
