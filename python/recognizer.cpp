// Reading pictures: Recognizer, and pictures that show what was read.
#include "recognition/recognizer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "arrays.hpp"
#include "models.hpp"
#include "pictures.hpp"

namespace scrawl::python {

namespace {

/// A recognizer that knows its model, so that it can be pickled; nothing: the built-in one.
struct PickledRecognizer {
  std::shared_ptr<const Model> model;
  Recognizer recognizer;
};

PickledRecognizer make_recognizer(std::optional<Model> model) {
  const py::gil_scoped_release without_gil;
  if (!model) return {};
  Recognizer recognizer(*model);
  return {std::make_shared<const Model>(*std::move(model)), std::move(recognizer)};
}

PickledRecognizer recognizer_of(const py::object& model) {
  return make_recognizer(model.is_none() ? std::nullopt : std::optional(model_of(model)));
}

/// A tuple, since pickle takes None for nothing to restore.
py::tuple state_of(const PickledRecognizer& self) {
  return py::make_tuple(self.model ? py::object(bytes_of(*self.model)) : py::object(py::none()));
}

PickledRecognizer recognizer_of_state(const py::tuple& state) {
  if (state[0].is_none()) return make_recognizer(std::nullopt);
  return make_recognizer(model_of_bytes(state[0].cast<py::bytes>()));
}

Layout layout_of(const std::string& name) {
  if (name == "page") return Layout::page;
  if (name == "line") return Layout::line;
  if (name == "one") return Layout::one;
  throw py::value_error("layout: found '" + name + "', expected 'page', 'line' or 'one'");
}

Turn turn_of(const py::object& given) {
  if (given.equal(py::str("auto"))) return Turn::automatic;
  for (const int degrees : {0, 90, 180, 270})
    if (given.equal(py::int_(degrees))) return *to_turn(degrees);
  throw py::value_error("turn: found " + py::repr(given).cast<std::string>() +
                        ", expected 'auto', 0, 90, 180 or 270");
}

Reading read_picture(const PickledRecognizer& self, const py::object& object,
                     const std::string& layout, std::int64_t digits, float min_confidence,
                     bool signs, bool handwritten, const py::object& turn, bool bgr,
                     std::int64_t page) {
  if (digits < 0)
    throw py::value_error("digits: found " + std::to_string(digits) + ", expected 0 to " +
                          std::to_string(max_read_digits));
  if (!(min_confidence >= 0 && min_confidence <= 1))
    throw py::value_error("min_confidence: found " + std::to_string(min_confidence) +
                          ", expected 0 to 1");
  ReadOptions options;
  options.layout = layout_of(layout);
  options.digits = static_cast<std::size_t>(digits);
  options.min_confidence = min_confidence;
  options.signs = signs;
  options.handwritten = handwritten;
  options.turn = turn_of(turn);
  const Picture picture = picture_of(object, bgr, page);
  const py::gil_scoped_release without_gil;
  return self.recognizer.read(picture, options);
}

/// (n, 28, 28) -> (n, 10); (28, 28) -> (10,)
py::array_t<float> classify(const PickledRecognizer& self, const py::object& given) {
  const Bytes glyphs = glyphs_of(given);
  const py::ssize_t count = glyphs.shape(0);
  py::array_t<float> probabilities({count, py::ssize_t(digit_count)});
  const std::uint8_t* in = glyphs.data();
  float* out = probabilities.mutable_data();
  {
    const py::gil_scoped_release without_gil;
    for (py::ssize_t i = 0; i < count; ++i, in += glyph_pixels)
      out = std::ranges::copy(self.recognizer.classify(GlyphView(in, glyph_pixels)), out).out;
  }
  const py::object shape = py::module_::import("numpy").attr("shape")(given);
  if (!shape.equal(py::make_tuple(glyph_side, glyph_side))) return probabilities;
  return probabilities.reshape({py::ssize_t(digit_count)});
}

/// (height, width) or (height, width, 3)
Bytes pixels_of(const py::object& object, std::int64_t page) {
  const Picture picture = picture_of(object, false, page);
  if (picture.channels == 1) return Bytes({picture.height, picture.width}, picture.pixels.data());
  return Bytes({picture.height, picture.width, picture.channels}, picture.pixels.data());
}

/// (height, width, 3)
Bytes explain_picture(const py::object& object, const Reading& reading, bool bgr,
                      std::int64_t page) {
  const Picture picture = picture_of(object, bgr, page);
  Picture explained;
  {
    const py::gil_scoped_release without_gil;
    explained = explain(picture, reading);
  }
  if (bgr)
    for (std::size_t i = 0; i + 2 < explained.pixels.size(); i += 3)
      std::swap(explained.pixels[i], explained.pixels[i + 2]);
  return Bytes({explained.height, explained.width, explained.channels}, explained.pixels.data());
}

}  // namespace

void define_recognizer(py::module_& module) {
  py::class_<PickledRecognizer>(
      module, "Recognizer",
      "Reads pictures with a model: the built-in one, or a Model, or a file that scrawl "
      "wrote.\n\nThreads may share it: Python's lock is released while it works. It can be "
      "pickled, "
      "and so be sent to other\nprocesses.")
      .def(py::init(&recognizer_of), py::arg("model") = py::none())
      .def(
          "read", &read_picture, py::arg("picture"), py::kw_only(), py::arg("layout") = "page",
          py::arg("digits") = 0, py::arg("min_confidence") = 0.0F, py::arg("signs") = false,
          py::arg("handwritten") = false, py::arg("turn") = "auto", py::arg("bgr") = false,
          py::arg("page") = 1,
          "What a picture says.\n\npicture: a file's name, its bytes, an open file, a PIL image, "
          "or "
          "an array (or tensor) of shape (height,\nwidth) or (height, width, channels), uint8 or "
          "floats from 0 to 1: 1 channel gray, 2 gray and alpha, 3 RGB, 4\nRGBA.\nlayout: 'page', "
          "any number of lines; 'line', one; 'one', one digit.\ndigits: exactly so many, at most "
          "1000, and 1 where layout is 'one'; 0: any number.\nmin_confidence: digits less certain, "
          "0 to 1, are '?' in the text.\nsigns: . , - / : are in it too.\nhandwritten: printed "
          "digits are left out.\nturn: by how many degrees the picture is turned clockwise to be "
          "upright, "
          "0, 90, 180 or 270; 'auto': found\nout, and turned where that is clear.\nbgr: an array's "
          "colors come in OpenCV's order.\npage: of a file with several, from 1; see "
          "count_pages().")
      .def("classify", &classify, py::arg("glyphs"),
           "The probabilities of 0 to 9, float32: (n, 10) of glyphs (n, 28, 28) or (n, 784), (10,) "
           "of one (28, 28).\n\nuint8, 0 paper to 255 ink, or floats from 0 to 1: white ink on "
           "black, as in MNIST.")
      .def(py::pickle(&state_of, &recognizer_of_state));
  module.def("count_pages", &count_pages_of, py::arg("file"),
             "How many pages a file has, given by its name, its bytes, or open: TIFF can have "
             "several, others have 1.");
  module.def(
      "load_picture", &pixels_of, py::arg("picture"), py::kw_only(), py::arg("page") = 1,
      "A picture's pixels as they are read: (height, width) or (height, width, 3) uint8, gray "
      "or RGB, upright, alpha\nlaid over white. For parts of it: read(pixels[y : y + height, "
      "x : x + width]).\n\npicture, page: as Recognizer.read() takes them.");
  module.def("explain", &explain_picture, py::arg("picture"), py::arg("reading"), py::kw_only(),
             py::arg("bgr") = false, py::arg("page") = 1,
             "The picture with a box around each digit, and below it each glyph as the network saw "
             "it:\n(height, width, 3) uint8 RGB, for people to look at.\n\npicture, bgr, page: as "
             "Recognizer.read() takes them; with bgr, the answer is for OpenCV too.\nreading: what "
             "read() said of the picture.");
}

}  // namespace scrawl::python
