// The Python module over the library: scrawl._scrawl, which scrawl/__init__.py shows as scrawl.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <span>
#include <string>
#include <vector>

#include <scrawl/scrawl.h>

#include "recognition/recognizer.hpp"

namespace py = pybind11;

namespace {

using namespace scrawl;  // NOLINT(google-build-using-namespace): this file is about nothing else

std::string shape_of(const py::array& array) {
  return py::str(array.attr("shape")).cast<std::string>();
}

/// uint8, or an error that names what was found.
void require_bytes(const py::array& array, const char* what) {
  if (!py::isinstance<py::array_t<std::uint8_t>>(array))
    throw py::type_error(std::string(what) + ": dtype " +
                         py::str(array.dtype()).cast<std::string>() + ", expected uint8");
}

/// A picture is copied once, whatever gaps there are between its rows.
Picture picture_of(const py::array& given) {
  require_bytes(given, "picture");
  if (given.ndim() < 2 || given.ndim() > 3)
    throw py::value_error("picture: shape " + shape_of(given) +
                          ", expected (height, width) or (height, width, channels)");
  const auto channels = static_cast<std::size_t>(given.ndim() == 3 ? given.shape(2) : 1);
  const bool rows_as_they_are = given.strides(0) >= given.shape(1) * py::ssize_t(channels) &&
                                given.strides(1) == py::ssize_t(channels) &&
                                (given.ndim() == 2 || given.strides(2) == 1);
  const py::array array =
      rows_as_they_are ? given : py::array_t<std::uint8_t, py::array::c_style>::ensure(given);
  const auto height = static_cast<std::size_t>(array.shape(0));
  const auto width = static_cast<std::size_t>(array.shape(1));
  const auto stride = static_cast<std::size_t>(array.strides(0));
  const std::size_t size = height == 0 ? 0 : (height - 1) * stride + width * channels;
  const std::span bytes(static_cast<const std::uint8_t*>(array.data()), size);
  const py::gil_scoped_release without_gil;
  return make_picture(bytes, width, height, channels, height > 1 ? stride : 0);
}

Picture picture_of(const py::buffer& buffer) {
  const py::buffer_info info = buffer.request();
  const std::span bytes(static_cast<const std::byte*>(info.ptr),
                        static_cast<std::size_t>(info.size * info.itemsize));
  const py::gil_scoped_release without_gil;
  return decode_picture(bytes, "memory");
}

bool is_pillow_image(const py::object& object) {
  const py::dict modules = py::module_::import("sys").attr("modules");
  return modules.contains("PIL.Image") &&
         py::isinstance(object, modules["PIL.Image"].attr("Image"));
}

/// A file's name as Python's own open() takes it, and with its errors: pybind's cast has but one,
/// which says nothing of a null character in the name.
std::filesystem::path path_of(const py::object& name) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(name.ptr(), &bytes) == 0) throw py::error_already_set();
  return py::reinterpret_steal<py::bytes>(bytes).cast<std::string>();
}

/// What people have: a file's name, a file's bytes, an array, an image of Pillow's.
Picture picture_of(const py::object& object) {
  if (py::isinstance<py::array>(object))
    return picture_of(py::reinterpret_borrow<py::array>(object));
  if (is_pillow_image(object))
    return picture_of(py::array(py::module_::import("scrawl._pillow").attr("to_array")(object)));
  if (py::isinstance<py::str>(object) || py::hasattr(object, "__fspath__")) {
    const std::filesystem::path file = path_of(object);
    const py::gil_scoped_release without_gil;
    return load_picture(file);
  }
  if (PyObject_CheckBuffer(object.ptr()) != 0)
    return picture_of(py::reinterpret_borrow<py::buffer>(object));
  throw py::type_error("picture: found " +
                       py::str(py::type::of(object).attr("__name__")).cast<std::string>() +
                       ", expected a file's name, bytes, a NumPy array or a PIL image");
}

Layout layout_of(const std::string& name) {
  if (name == "page") return Layout::page;
  if (name == "line") return Layout::line;
  if (name == "one") return Layout::one;
  throw py::value_error("layout: found '" + name + "', expected 'page', 'line' or 'one'");
}

Reading read_picture(const Recognizer& recognizer, const py::object& object,
                     const std::string& layout, std::int64_t digits, float min_confidence,
                     bool signs, bool handwritten) {
  if (digits < 0)
    throw py::value_error("digits: found " + std::to_string(digits) + ", expected 0 to " +
                          std::to_string(max_read_digits));
  if (!(min_confidence >= 0 && min_confidence <= 1))
    throw py::value_error("min_confidence: found " + std::to_string(min_confidence) +
                          ", expected 0 to 1");
  const ReadOptions options{layout_of(layout), static_cast<std::size_t>(digits), min_confidence,
                            signs, handwritten};
  const Picture picture = picture_of(object);
  const py::gil_scoped_release without_gil;
  return recognizer.read(picture, options);
}

/// (n, 28, 28) -> (n, 10)
py::array_t<float> classify(const Recognizer& recognizer, const py::array& given) {
  require_bytes(given, "glyphs");
  if (given.ndim() != 3 || given.shape(1) != 28 || given.shape(2) != 28)
    throw py::value_error("glyphs: shape " + shape_of(given) + ", expected (n, 28, 28)");
  const auto array = py::array_t<std::uint8_t, py::array::c_style>::ensure(given);
  py::array_t<float> probabilities({given.shape(0), py::ssize_t(digit_count)});
  const std::uint8_t* in = array.data();
  float* out = probabilities.mutable_data();
  const py::ssize_t count = given.shape(0);
  {
    const py::gil_scoped_release without_gil;
    for (py::ssize_t i = 0; i < count; ++i, in += glyph_pixels)
      out = std::ranges::copy(recognizer.classify(GlyphView(in, glyph_pixels)), out).out;
  }
  return probabilities;
}

std::unique_ptr<Recognizer> make_recognizer(const py::object& model) {
  const auto file = model.is_none() ? std::nullopt : std::optional(path_of(model));
  const py::gil_scoped_release without_gil;
  return file ? std::make_unique<Recognizer>(load_model(*file)) : std::make_unique<Recognizer>();
}

std::string describe(const Box& box) {
  return "Box(x=" + std::to_string(box.x) + ", y=" + std::to_string(box.y) +
         ", width=" + std::to_string(box.width) + ", height=" + std::to_string(box.height) + ")";
}

void define_results(py::module_& module) {
  py::class_<Box>(module, "Box",
                  "A place in a picture, in pixels; x and y are the top left corner.")
      .def_readonly("x", &Box::x)
      .def_readonly("y", &Box::y)
      .def_readonly("width", &Box::width)
      .def_readonly("height", &Box::height)
      .def("__iter__",
           [](const Box& box) {
             return py::iter(py::make_tuple(box.x, box.y, box.width, box.height));
           })
      .def(
          "__eq__", [](const Box& a, const Box& b) { return a == b; }, py::is_operator())
      .def("__repr__", &describe);
  py::class_<Digit>(module, "Digit", "One recognized digit.")
      .def_readonly("digit", &Digit::digit, "0 to 9: the most probable")
      .def_readonly("confidence", &Digit::confidence, "its probability")
      .def_readonly("box", &Digit::box, "where its ink is, in the picture")
      .def_readonly("handwritten", &Digit::handwritten,
                    "how probable it is that it is not printed; 1 for the layout 'one'")
      .def_property_readonly(
          "probabilities",
          [](const Digit& d) {
            return py::array_t<float>(d.probabilities.size(), d.probabilities.data());
          },
          "of 0 to 9: (10,) float32")
      .def_property_readonly(
          "glyph",
          [](const Digit& d) {
            return py::array_t<std::uint8_t>({28, 28}, d.glyph.data());
          },
          "its ink as the network saw it: (28, 28) uint8, 0 paper to 255 ink")
      .def("__repr__", [](const Digit& d) {
        return "Digit(" + std::to_string(d.digit) + ", confidence=" + std::to_string(d.confidence) +
               ", " + describe(d.box) + ")";
      });
  py::class_<Reading>(module, "Reading", "What a picture says.")
      .def_readonly("text", &Reading::text,
                    "the digits: spaces between numbers that are apart, newlines between lines")
      .def_readonly("confidence", &Reading::confidence,
                    "of the least certain digit; 0 when none was found")
      .def_readonly("digits", &Reading::digits, "a list of Digit, in reading order")
      .def("__str__", [](const Reading& r) { return r.text; })
      .def("__repr__", [](const Reading& r) {
        return "Reading(" + py::repr(py::str(r.text)).cast<std::string>() +
               ", confidence=" + std::to_string(r.confidence) + ")";
      });
}

}  // namespace

PYBIND11_MODULE(_scrawl, module) {
  module.doc() = "Reads handwritten digits.";
  module.attr("__version__") = scrawl_version();
  py::register_exception<Error>(module, "Error").attr("__module__") = "scrawl";
  define_results(module);
  py::class_<Recognizer>(module, "Recognizer",
                         "A model, compiled for this machine: the built-in one, or a file that "
                         "scrawl wrote.\nThreads may share it; Python's lock is released while it "
                         "works.")
      .def(py::init(&make_recognizer), py::arg("model") = py::none())
      .def("read", &read_picture, py::arg("picture"), py::kw_only(), py::arg("layout") = "page",
           py::arg("digits") = 0, py::arg("min_confidence") = 0.0F, py::arg("signs") = false,
           py::arg("handwritten") = false,
           "Reads a picture: a file's name, a file's bytes, a NumPy array of uint8 (height, width) "
           "or\n(height, width, channels) with 1 gray, 2 gray and alpha, 3 RGB or 4 RGBA, or a PIL "
           "image.\n\nlayout: 'page', any number of lines; 'line', one; 'one', one digit. digits: "
           "exactly so many, at most 1000, 1 where layout is 'one', 0: any.\nmin_confidence: "
           "digits less certain are '?' in "
           "the text. signs: . , - / : are in it too. handwritten: printed digits are left out.")
      .def("classify", &classify, py::arg("glyphs"),
           "The probabilities (n, 10) float32 of glyphs (n, 28, 28) uint8, as in MNIST: 0 paper to "
           "255 ink.");
  for (const char* name : {"Box", "Digit", "Reading", "Recognizer"})
    module.attr(name).attr("__module__") = "scrawl";
}
