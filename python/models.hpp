// Models, from whatever names one.
#pragma once

#include <scrawl/model.hpp>

#include "module.hpp"

namespace scrawl::python {

/// A Model, or the name of a file that scrawl wrote.
Model model_of(const py::object& given);

/// The bytes of its file.
py::bytes bytes_of(const Model& model);
Model model_of_bytes(const py::bytes& bytes);

}  // namespace scrawl::python
