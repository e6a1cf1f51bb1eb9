#include "models.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/personalization.hpp>

#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "paths.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::python {

namespace {

/// Each tensor as an array of its shape.
py::dict weights_of(const Model& model) {
  py::dict weights;
  for (const Tensor& tensor : model.weights)
    weights[py::str(tensor.name)] = py::array_t<float>(tensor.shape, tensor.values.data());
  return weights;
}

py::dict metadata(const Model& model) {
  return py::cast(model.metadata);
}

Model load_file(const py::object& file) {
  const std::filesystem::path path = existing_path_of(file);
  const py::gil_scoped_release without_gil;
  return load_model(path);
}

template <void (*write)(const Model&, const std::filesystem::path&)>
void write_file(const Model& model, const py::object& file) {
  const std::filesystem::path path = path_of(file);
  const py::gil_scoped_release without_gil;
  write(model, path);
}

std::string describe(const Model& model) {
  return "Model('" + to_string(model.architecture) + "', " +
         std::to_string(parameter_count(model.architecture)) + " parameters)";
}

void define_model(py::module_& module) {
  py::class_<Model>(module, "Model",
                    "An architecture, its weights and where it comes from: one .safetensors file. "
                    "load_model(),\ntrain() and import_pytorch() give one, Recognizer reads with "
                    "it.")
      .def_property_readonly(
          "architecture", [](const Model& model) { return to_string(model.architecture); },
          "its layers from input to output, as 'dense 256, relu, dense 10'")
      .def_property_readonly(
          "parameters", [](const Model& model) { return parameter_count(model.architecture); },
          "how many weights were learned")
      .def_property_readonly(
          "weights", &weights_of,
          "arrays of float32 by name: fc1.weight (outputs, inputs), conv1.weight "
          "(outputs, inputs,\nkernel, kernel), others (outputs,); copies")
      .def_property_readonly(
          "normalization",
          [](const Model& model) {
            return py::make_tuple(model.normalization.mean, model.normalization.std);
          },
          "(mean, std): the network sees (pixel / 255 - mean) / std")
      .def_readonly("temperature", &Model::temperature,
                    "what logits are divided by, so that confidences mean what they say")
      .def_property_readonly("metadata", &metadata,
                             "where it comes from, texts by name: seed, epoch, accuracy and so on")
      .def("save", &write_file<save_model>, py::arg("file"),
           "Writes the .safetensors file that load_model() and safetensors.torch.load_file read.")
      .def("export_onnx", &write_file<export_onnx>, py::arg("file"),
           "Writes an ONNX file: glyphs uint8 (batch, 28, 28) in; probabilities and logits float32 "
           "(batch, 10)\nout.")
      .def("export_pytorch", &write_file<export_pytorch>, py::arg("file"),
           "Writes a state dict for torch.load, in float32: fc1.weight, fc1.bias, ...")
      .def("to_bytes", &bytes_of, "The bytes that save() would write.")
      .def_static("from_bytes", &model_of_bytes, py::arg("bytes"),
                  "The model of which these are the file's bytes.")
      .def("__repr__", &describe)
      .def(py::pickle(&bytes_of, &model_of_bytes));
}

}  // namespace

Model model_of(const py::object& given) {
  if (py::isinstance<Model>(given)) return given.cast<Model>();
  if (!is_path(given))
    throw py::type_error("model: found " +
                         py::str(py::type::of(given).attr("__name__")).cast<std::string>() +
                         ", expected a file's name or a Model");
  return load_file(given);
}

Architecture architecture_of(const std::string& text) {
  try {
    return parse_architecture(text);
  } catch (const Error& error) {
    throw py::value_error(error.what());
  }
}

py::bytes bytes_of(const Model& model) {
  const std::vector<std::byte> bytes = format_safetensors(to_safetensors(model));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Model model_of_bytes(const py::bytes& bytes) {
  const auto text = bytes.cast<std::string_view>();
  return load_model(std::as_bytes(std::span(text)), "memory");
}

void define_models(py::module_& module) {
  define_model(module);
  module.def("load_model", &load_file, py::arg("file"),
             "Reads a .safetensors file that scrawl wrote.");
  module.def("default_model", &default_model, "The built-in model, which Recognizer() reads with.");
  module.def("current_model", &current_model,
             "The personal model where there is one (see personalize), else the built-in one.");
  module.def("save_personal_model", &save_personal_model, py::arg("model"),
             "Makes a model the one that current_model() gives; the one before is kept for\n"
             "undo_personal_model().");
  module.def("undo_personal_model", &undo_personal_model,
             "Goes back to the model before the last save_personal_model(). False when the "
             "built-in one is the\ncurrent one already.");
}

}  // namespace scrawl::python
