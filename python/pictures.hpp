// What people have as pictures.
#pragma once

#include <cstddef>
#include <cstdint>

#include "module.hpp"
#include "picture/picture.hpp"

namespace scrawl::python {

/// A file's name, its bytes or the open file, an array, a tensor, an image of Pillow's. `bgr`:
/// colors of an array come as OpenCV has them. `page`: of a file, from 1.
Picture picture_of(const py::object& object, bool bgr = false, std::int64_t page = 1);

/// How many pages a file has, given by its name, its bytes, or open.
std::size_t count_pages_of(const py::object& object);

}  // namespace scrawl::python
