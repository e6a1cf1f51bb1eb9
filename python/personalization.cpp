// Teaching scrawl a hand: corrected glyphs, and a model that has learned from them.
#include <filesystem>
#include <optional>
#include <string>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "arrays.hpp"
#include "callbacks.hpp"
#include "models.hpp"
#include "paths.hpp"
#include "personalization/glyph_to_teach.hpp"
#include "picture/picture.hpp"
#include "pictures.hpp"
#include "recognition/recognizer.hpp"
#include "words.hpp"

namespace scrawl::python {

namespace {

std::filesystem::path collection_at(const py::object& folder) {
  return folder.is_none() ? corrections_folder() : path_of(folder);
}

/// The glyph that the current model takes the picture for, or else its most prominent ink.
Glyph glyph_of(const Picture& picture) try {
  return glyph_to_teach(Recognizer(current_model()), picture).digit.glyph;
} catch (const Error& error) {
  throw Error(std::string("picture: ") + error.what());
}

py::object teach(const py::object& picture, int digit, const py::object& folder, bool bgr) {
  const std::filesystem::path collection = collection_at(folder);
  std::filesystem::path file;
  if (py::isinstance<Digit>(picture)) {
    file = add_correction(collection, picture.cast<Digit>().glyph, digit);
  } else {
    const Picture decoded = picture_of(picture, bgr);
    const py::gil_scoped_release without_gil;
    file = add_correction(collection, glyph_of(decoded), digit);
  }
  return to_python(file);
}

/// The glyphs given, or else those of the collection.
Dataset lessons_of(const py::object& images, const py::object& labels) {
  if (images.is_none() != labels.is_none())
    throw py::value_error("personalize: images and labels come together, or neither");
  return images.is_none() ? load_collection(corrections_folder()).dataset
                          : dataset_of(images, labels);
}

PersonalizationResult personalize_arrays(const py::object& images, const py::object& labels,
                                         const py::object& model, const py::object& data,
                                         PersonalizationOptions options,
                                         const std::string& precision, const py::object& on_step) {
  options.precision = value_of("precision", precision, words_of(Precision{}).first(3));
  const Model start = model.is_none() ? default_model() : model_of(model);
  const Dataset lessons = lessons_of(images, labels);
  const auto folder = data.is_none() ? default_data_folder() : existing_path_of(data);
  Caller caller;
  PersonalizationCallbacks callbacks;
  callbacks.on_step = [&](const PersonalizationProgress& progress) {
    return caller.goes_on(on_step, progress);
  };
  const py::none nothing;  // made while Python's lock is held
  callbacks.on_measurement = [&] { return caller.goes_on(nothing); };
  const py::gil_scoped_release without_gil;
  const Dataset train = load_data(folder, Part::train).dataset;
  const Dataset test = load_data(folder, Part::test).dataset;
  return personalize(start, lessons, train, test, options, callbacks);
}

void define_collection(py::module_& module) {
  py::class_<Correction>(module, "Correction", "A glyph of the collection.")
      .def_readonly("id", &Correction::id, "16 hexadecimal digits")
      .def_readonly("digit", &Correction::digit, "what it is, 0 to 9")
      .def_property_readonly(
          "file", [](const Correction& c) { return to_python(c.file); },
          "a PNG of 28x28 pixels, white on black")
      .def("__repr__", [](const Correction& c) {
        return "Correction('" + c.id + "', digit=" + std::to_string(c.digit) + ")";
      });
  module.def("teach", &teach, py::arg("picture"), py::arg("digit"), py::kw_only(),
             py::arg("folder") = py::none(), py::arg("bgr") = false,
             "Says what a picture of one digit shows, for personalize() to learn from; returns the "
             "file that it is kept in.\n\npicture: as Recognizer.read() takes it, or a Digit of a "
             "Reading. digit: what it is, 0 to 9. folder: the\ncollection; None: the user's own.");
  module.def(
      "corrections",
      [](const py::object& folder) { return list_corrections(collection_at(folder)); },
      py::arg("folder") = py::none(), "What was taught, by digit: a list of Correction.");
  module.def(
      "forget",
      [](const std::string& id, const py::object& folder) {
        return remove_correction(collection_at(folder), id);
      },
      py::arg("id"), py::arg("folder") = py::none(),
      "Takes a Correction back by its id; False when there is none of that id.");
}

void define_learning(py::module_& module) {
  py::class_<PersonalizationProgress>(module, "PersonalizationProgress",
                                      "How far personalize() has come.")
      .def_readonly("step", &PersonalizationProgress::step, "from 1")
      .def_readonly("steps", &PersonalizationProgress::steps, "how many there will be")
      .def_readonly("loss", &PersonalizationProgress::loss, "of this step's batch")
      .def_readonly("done", &PersonalizationProgress::done, "the fraction of the work, 0 to 1")
      .def_readonly("seconds", &PersonalizationProgress::seconds, "so far");
  py::class_<PersonalizationScore>(module, "PersonalizationScore",
                                   "How a model does, before or after.")
      .def_readonly("test", &PersonalizationScore::test, "accuracy on MNIST's test images, 0 to 1")
      .def_readonly("validation", &PersonalizationScore::validation,
                    "accuracy on MNIST images that were set aside, 0 to 1")
      .def_readonly("collection", &PersonalizationScore::collection,
                    "accuracy on what was taught, 0 to 1")
      .def_readonly("collection_loss", &PersonalizationScore::collection_loss,
                    "cross-entropy of what was taught, averaged");
  py::class_<PersonalizationResult>(module, "PersonalizationResult", "What personalize() learned.")
      .def_readonly("model", &PersonalizationResult::model, "the Model, to be kept or not")
      .def_readonly("kept", &PersonalizationResult::kept,
                    "True: it reads what was taught better, and the rest no worse")
      .def_readonly("canceled", &PersonalizationResult::canceled, "True: a callback stopped it")
      .def_readonly("reason", &PersonalizationResult::reason, "why it is to be kept, or not")
      .def_readonly("before", &PersonalizationResult::before, "a PersonalizationScore")
      .def_readonly("after", &PersonalizationResult::after, "a PersonalizationScore")
      .def_readonly("samples", &PersonalizationResult::samples, "how many glyphs were taught")
      .def_readonly("seconds", &PersonalizationResult::seconds, "that it took");
}

}  // namespace

void define_personalization(py::module_& module) {
  define_collection(module);
  define_learning(module);
  module.def("_personalize", [](const py::object& images, const py::object& labels,
                                const py::object& model, const py::object& data, std::size_t steps,
                                float learning_rate, float fraction, const std::string& precision,
                                int threads, std::uint64_t seed, const py::object& on_step) {
    PersonalizationOptions options;
    options.steps = steps;
    options.learning_rate = learning_rate;
    options.collection_fraction = fraction;
    options.threads = threads;
    options.seed = seed;
    return personalize_arrays(images, labels, model, data, options, precision, on_step);
  });
}

}  // namespace scrawl::python
