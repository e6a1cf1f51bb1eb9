// Data sets: MNIST, other files in its format, folders of pictures by digit.
#include <filesystem>
#include <string>

#include <scrawl/dataset.hpp>
#include <scrawl/personalization.hpp>

#include "arrays.hpp"
#include "paths.hpp"

namespace scrawl::python {

namespace {

Part part_of(const std::string& name) {
  if (name == "train") return Part::train;
  if (name == "test") return Part::test;
  throw py::value_error("part: found '" + name + "', expected 'train' or 'test'");
}

py::tuple load_arrays(const std::string& name, const py::object& folder) {
  const Part part = part_of(name);
  const auto path = folder.is_none() ? default_data_folder() : existing_path_of(folder);
  Dataset dataset;
  {
    const py::gil_scoped_release without_gil;
    dataset = load_data(path, part).dataset;
  }
  return to_python(dataset);
}

py::object fetch(const py::object& folder) {
  const auto path = folder.is_none() ? default_data_folder() : path_of(folder);
  {
    const py::gil_scoped_release without_gil;
    fetch_mnist(path);
  }
  return to_python(path);
}

}  // namespace

void define_data(py::module_& module) {
  module.def("load_data", &load_arrays, py::arg("part") = "train", py::arg("folder") = py::none(),
             "A data set's images (n, 28, 28) uint8, 0 paper to 255 ink, and labels (n,) uint8, 0 "
             "to 9.\n\npart: 'train' or 'test'. folder: with MNIST's files or others in their "
             "format, or with folders 0 to 9 of\npictures; None: where fetch_mnist() puts MNIST.");
  module.def(
      "fetch_mnist", &fetch, py::arg("folder") = py::none(),
      "Gets MNIST's four files (12 MB) over the network, those that are missing, and returns "
      "their folder.");
}

}  // namespace scrawl::python
