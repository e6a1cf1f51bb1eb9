#include "arrays.hpp"

#include <algorithm>

namespace scrawl::python {

namespace {

py::object inputs(const char* function) {
  return py::module_::import("scrawl._inputs").attr(function);
}

}  // namespace

Bytes glyphs_of(const py::object& given) {
  return Bytes::ensure(inputs("glyphs")(given));
}

Dataset dataset_of(const py::object& images, const py::object& labels) {
  const Bytes glyphs = glyphs_of(images);
  const Bytes digits = Bytes::ensure(inputs("labels")(labels, glyphs.shape(0)));
  return {{glyphs.data(), glyphs.data() + glyphs.size()},
          {digits.data(), digits.data() + digits.size()}};
}

py::tuple to_python(const Dataset& dataset) {
  const auto count = py::ssize_t(dataset.size());
  Bytes images({count, py::ssize_t(glyph_side), py::ssize_t(glyph_side)});
  std::ranges::copy(dataset.images, images.mutable_data());
  return py::make_tuple(images, Bytes(count, dataset.labels.data()));
}

}  // namespace scrawl::python
