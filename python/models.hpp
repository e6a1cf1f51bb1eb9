// Models, from whatever names one.
#pragma once

#include <string>

#include <scrawl/model.hpp>

#include "module.hpp"

namespace scrawl::python {

/// A Model, or the name of a file that scrawl wrote.
Model model_of(const py::object& given);

/// Layers that a person wrote, or a preset's name; what is wrong with them is a ValueError.
Architecture architecture_of(const std::string& text);

/// The bytes of its file.
py::bytes bytes_of(const Model& model);
Model model_of_bytes(const py::bytes& bytes);

}  // namespace scrawl::python
