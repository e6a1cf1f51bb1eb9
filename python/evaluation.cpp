// How good a model is.
#include <string>
#include <vector>

#include <scrawl/evaluation.hpp>

#include "arrays.hpp"
#include "models.hpp"
#include "words.hpp"

namespace scrawl::python {

namespace {

std::vector<Model> models_of(const py::object& given) {
  std::vector<Model> models;
  if (py::isinstance<py::list>(given) || py::isinstance<py::tuple>(given)) {
    for (const py::handle model : given)
      models.push_back(model_of(py::reinterpret_borrow<py::object>(model)));
  } else {
    models.push_back(model_of(given));
  }
  return models;
}

Evaluation evaluate_arrays(const py::object& model, const py::object& images,
                           const py::object& labels, const std::string& precision, int threads) {
  const std::vector<Model> models = models_of(model);
  const auto asked = value_of("precision", precision, words_of(Precision{}));
  const Dataset dataset = dataset_of(images, labels);
  const py::gil_scoped_release without_gil;
  return evaluate(models, dataset, asked, threads);
}

}  // namespace

void define_evaluation(py::module_& module) {
  py::class_<Evaluation>(module, "Evaluation", "How a model does on labeled images.")
      .def_readonly("images", &Evaluation::images, "how many")
      .def_property_readonly(
          "accuracy", [](const Evaluation& e) { return e.score.accuracy; },
          "the fraction that was read rightly, 0 to 1")
      .def_property_readonly(
          "loss", [](const Evaluation& e) { return e.score.loss; },
          "cross-entropy with the natural logarithm, averaged")
      .def_readonly("standard_error", &Evaluation::standard_error, "of the accuracy")
      .def_readonly("calibration_error", &Evaluation::calibration_error,
                    "by how much confidence and accuracy differ (ECE in 15 bins), 0 to 1")
      .def_property_readonly(
          "confusion", [](const Evaluation& e) { return to_python(e.confusion); },
          "(10, 10) int64: how many of [label] got [answer]")
      .def_readonly("seconds", &Evaluation::seconds, "that it took")
      .def("__repr__", [](const Evaluation& e) {
        return "Evaluation(images=" + std::to_string(e.images) +
               ", accuracy=" + std::to_string(e.score.accuracy) +
               ", loss=" + std::to_string(e.score.loss) + ")";
      });
  module.def(
      "evaluate", &evaluate_arrays, py::arg("model"), py::arg("images"), py::arg("labels"),
      py::kw_only(), py::arg("precision") = "auto", py::arg("threads") = 0,
      "How good a model is, as an Evaluation.\n\nmodel: a Model, a file's name, or a list of "
      "them, whose probabilities are averaged.\nimages: (n, 28, 28) or (n, 784), uint8 or "
      "floats from 0 to 1. labels: (n,) whole numbers, 0 to 9.\nprecision: 'auto', 'f32', "
      "'bf16' or 'int8'. threads: 0: one for each core.");
}

}  // namespace scrawl::python
