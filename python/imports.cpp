// Models of other programs, and one of several.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <scrawl/average.hpp>
#include <scrawl/dataset.hpp>
#include <scrawl/formats.hpp>

#include "arrays.hpp"
#include "models.hpp"
#include "paths.hpp"
#include "training/average_models.hpp"

namespace scrawl::python {

namespace {

ImportOptions options_of(const std::optional<std::string>& architecture, const std::string& key,
                         std::optional<float> mean, std::optional<float> std) {
  ImportOptions options;
  if (architecture) options.architecture = architecture_of(*architecture);
  options.key = key;
  if (mean || std) {
    const Normalization usual;
    options.normalization = Normalization{mean.value_or(usual.mean), std.value_or(usual.std)};
  }
  return options;
}

Model import_file(const py::object& file, const std::optional<std::string>& architecture,
                  const std::string& key, std::optional<float> mean, std::optional<float> std) {
  const ImportOptions options = options_of(architecture, key, mean, std);
  const std::filesystem::path path = existing_path_of(file);
  const py::gil_scoped_release without_gil;
  return import_pytorch(path, options);
}

MeasuredImport measure_file(const py::object& file, const py::object& images,
                            const py::object& labels,
                            const std::optional<std::string>& architecture, const std::string& key,
                            std::optional<float> mean, std::optional<float> std, int threads) {
  const ImportOptions options = options_of(architecture, key, mean, std);
  const std::filesystem::path path = existing_path_of(file);
  const Dataset dataset = dataset_of(images, labels);
  const py::gil_scoped_release without_gil;
  return import_model(path, options, dataset, threads);
}

Model average(const py::iterable& given) {
  std::vector<Model> models;
  for (const py::handle handle : given) {
    const auto one = py::reinterpret_borrow<py::object>(handle);
    models.push_back(is_path(one) ? load_model_or_checkpoint(existing_path_of(one))
                                  : model_of(one));
  }
  const py::gil_scoped_release without_gil;
  return average_models(models);
}

void define_trials(py::module_& module) {
  py::class_<ImportTrial>(module, "ImportTrial",
                          "One way to take a file that leaves something open, and how it reads.")
      .def_property_readonly(
          "architecture", [](const ImportTrial& trial) { return to_string(trial.architecture); },
          "its layers; where sigmoids, each tanh stands for one")
      .def_readonly("sigmoids", &ImportTrial::has_sigmoids, "whether each tanh is a sigmoid")
      .def_property_readonly(
          "normalization",
          [](const ImportTrial& trial) {
            return py::make_tuple(trial.normalization.mean, trial.normalization.std);
          },
          "(mean, std) of pixels from 0 to 1")
      .def_readonly("inverted", &ImportTrial::is_inverted, "whether it learned black on white")
      .def_readonly("images", &ImportTrial::images, "how many it was asked for")
      .def_readonly("accuracy", &ImportTrial::accuracy,
                    "the fraction of them that it reads rightly, 0 to 1")
      .def_readonly("loss", &ImportTrial::loss, "cross-entropy, at its best temperature")
      .def("__repr__", [](const ImportTrial& trial) {
        return "ImportTrial('" + to_string(trial.architecture) +
               "', normalization=" + std::to_string(trial.normalization.mean) + ", " +
               std::to_string(trial.normalization.std) +
               ", accuracy=" + std::to_string(trial.accuracy) + ")";
      });
  py::class_<MeasuredImport>(module, "MeasuredImport",
                             "A model of another program, and what images showed of it.")
      .def_readonly("model", &MeasuredImport::model, "by the first of the trials")
      .def_readonly("trials", &MeasuredImport::trials,
                    "ImportTrials, the best first; none where the file leaves nothing open")
      .def_readonly("clear", &MeasuredImport::is_clear,
                    "whether the first reads clearly better than all the others");
}

}  // namespace

void define_imports(py::module_& module) {
  define_trials(module);
  module.def(
      "import_pytorch", &import_file, py::arg("file"), py::kw_only(),
      py::arg("architecture") = py::none(), py::arg("key") = "", py::arg("mean") = py::none(),
      py::arg("std") = py::none(),
      "The model in a file of torch.save(net.state_dict(), file) or torch.save(net, file), a "
      "safetensors file,\nONNX or Keras. It is read as data: nothing in it is "
      "executed.\n\narchitecture: its layers, as 'conv 6 "
      "5, tanh, average-pool 2, dense 10'; None: recognized from names and\nshapes. key: "
      "where in a checkpoint of nested dicts it is, as 'model'. mean, std: with which it was "
      "trained,\nof pixels from 0 to 1; None: what the file says, else 0.1307 and 0.3081.");
  module.def(
      "measure_import", &measure_file, py::arg("file"), py::arg("images"), py::arg("labels"),
      py::kw_only(), py::arg("architecture") = py::none(), py::arg("key") = "",
      py::arg("mean") = py::none(), py::arg("std") = py::none(), py::arg("threads") = 0,
      "import_pytorch() of a file that leaves something open, such as how its pixels were "
      "normalized: that is\nsettled by what reads images best, of those that it learned from. "
      "Gives a MeasuredImport.\n\nimages, labels: as load_data('train') gives them. threads: 0: "
      "one for each core.");
  module.def(
      "average", &average, py::arg("models"),
      "One Model with the average of several models' weights, which have to start from the same "
      "weights, as\nthose of one training at several times do. models: Models, names of their "
      "files, or of checkpoints.");
}

}  // namespace scrawl::python
