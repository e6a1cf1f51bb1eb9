// What a picture says: Box, Digit, Reading.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl::python {

namespace {

std::string describe(const Box& box) {
  return "Box(x=" + std::to_string(box.x) + ", y=" + std::to_string(box.y) +
         ", width=" + std::to_string(box.width) + ", height=" + std::to_string(box.height) + ")";
}

// For pickle, and for what is the same. Arrays are bytes there, of machines that all are
// little-endian.

py::tuple state_of(const Box& box) {
  return py::make_tuple(box.x, box.y, box.width, box.height);
}

Box box_of(const py::tuple& state) {
  return {state[0].cast<int>(), state[1].cast<int>(), state[2].cast<int>(), state[3].cast<int>()};
}

template <typename Array>
py::bytes bytes_of(const Array& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename Array>
void fill(Array& values, const py::handle& state) {
  const auto text = state.cast<std::string_view>();
  const auto bytes = std::as_writable_bytes(std::span(values));
  if (text.size() != bytes.size())
    throw py::value_error("Digit: " + std::to_string(text.size()) + " bytes pickled, expected " +
                          std::to_string(bytes.size()));
  std::memcpy(bytes.data(), text.data(), bytes.size());
}

py::tuple state_of(const Digit& digit) {
  return py::make_tuple(digit.digit, digit.confidence, digit.box, bytes_of(digit.probabilities),
                        bytes_of(digit.glyph), digit.handwritten);
}

Digit digit_of(const py::tuple& state) {
  Digit digit;
  digit.digit = state[0].cast<int>();
  digit.confidence = state[1].cast<float>();
  digit.box = state[2].cast<Box>();
  fill(digit.probabilities, state[3]);
  fill(digit.glyph, state[4]);
  digit.handwritten = state[5].cast<float>();
  return digit;
}

py::tuple state_of(const Reading& reading) {
  return py::make_tuple(reading.text, reading.confidence, reading.digits, degrees_of(reading.turn));
}

Reading reading_of(const py::tuple& state) {
  const int degrees = state.size() > 3 ? state[3].cast<int>() : 0;  // older pickles have none
  return {state[0].cast<std::string>(), state[1].cast<float>(), state[2].cast<std::vector<Digit>>(),
          to_turn(degrees).value_or(Turn::none)};
}

template <typename Result>
bool same(const Result& a, const Result& b) {
  return state_of(a).equal(state_of(b));
}

void define_box(py::module_& module) {
  py::class_<Box>(module, "Box",
                  "A place in a picture, in pixels; x and y are the top left corner.")
      .def(py::init([](int x, int y, int width, int height) {
             return Box{x, y, width, height};
           }),
           py::arg("x"), py::arg("y"), py::arg("width"), py::arg("height"))
      .def_readonly("x", &Box::x, "pixels from the left edge")
      .def_readonly("y", &Box::y, "pixels from the upper edge")
      .def_readonly("width", &Box::width, "in pixels")
      .def_readonly("height", &Box::height, "in pixels")
      .def("__iter__", [](const Box& box) { return py::iter(state_of(box)); })
      .def(
          "__eq__", [](const Box& a, const Box& b) { return a == b; }, py::is_operator())
      .def("__hash__", [](const Box& box) { return py::hash(state_of(box)); })
      .def("__repr__", &describe)
      .def(py::pickle([](const Box& box) { return state_of(box); }, &box_of));
}

void define_digit(py::module_& module) {
  py::class_<Digit>(module, "Digit", "One recognized digit.")
      .def_readonly("digit", &Digit::digit, "0 to 9: the most probable")
      .def_readonly("confidence", &Digit::confidence, "its probability, 0 to 1")
      .def_readonly("box", &Digit::box, "where its ink is, in the picture's pixels")
      .def_readonly("handwritten", &Digit::handwritten,
                    "how probable it is that it is not printed, 0 to 1; 1 for the layout 'one'")
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
      .def("__eq__", &same<Digit>, py::is_operator())
      .def("__repr__",
           [](const Digit& d) {
             return "Digit(" + std::to_string(d.digit) +
                    ", confidence=" + std::to_string(d.confidence) + ", " + describe(d.box) + ")";
           })
      .def(py::pickle([](const Digit& digit) { return state_of(digit); }, &digit_of));
}

}  // namespace

void define_results(py::module_& module) {
  define_box(module);
  define_digit(module);
  py::class_<Reading>(module, "Reading", "What a picture says.")
      .def_readonly("text", &Reading::text,
                    "the digits: spaces between numbers that are apart, newlines between lines")
      .def_readonly("confidence", &Reading::confidence,
                    "of the least certain digit, 0 to 1; 0 when none was found")
      .def_readonly("digits", &Reading::digits, "a list of Digit, in reading order")
      .def_property_readonly(
          "turn", [](const Reading& r) { return degrees_of(r.turn); },
          "by how many degrees the picture was turned clockwise to be read: 0, 90, 180 or 270; "
          "boxes are in the picture as it came")
      .def("__eq__", &same<Reading>, py::is_operator())
      .def("__str__", [](const Reading& r) { return r.text; })
      .def("__repr__",
           [](const Reading& r) {
             return "Reading(" + py::repr(py::str(r.text)).cast<std::string>() +
                    ", confidence=" + std::to_string(r.confidence) + ")";
           })
      .def(py::pickle([](const Reading& reading) { return state_of(reading); }, &reading_of));
}

}  // namespace scrawl::python
