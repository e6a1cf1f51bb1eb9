// NumPy's arrays to and from the library's numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <scrawl/dataset.hpp>

#include "module.hpp"

namespace scrawl::python {

using Bytes = py::array_t<std::uint8_t, py::array::c_style>;

/// Glyphs (n, 28, 28) of anything that scrawl/_inputs.py takes as such.
Bytes glyphs_of(const py::object& given);

/// Glyphs and their labels, copied.
Dataset dataset_of(const py::object& images, const py::object& labels);

/// Images (n, 28, 28) and labels (n).
py::tuple to_python(const Dataset& dataset);

/// (rows, columns)
template <typename Value, std::size_t columns, std::size_t rows>
py::array_t<std::int64_t> to_python(const std::array<std::array<Value, columns>, rows>& counts) {
  py::array_t<std::int64_t> array({py::ssize_t(rows), py::ssize_t(columns)});
  std::int64_t* out = array.mutable_data();
  for (const auto& row : counts)
    for (const Value count : row) *out++ = static_cast<std::int64_t>(count);
  return array;
}

}  // namespace scrawl::python
