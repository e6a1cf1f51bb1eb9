// What people have as pictures.
#pragma once

#include "module.hpp"
#include "picture/picture.hpp"

namespace scrawl::python {

/// A file's name, its bytes or the open file, an array, a tensor, an image of Pillow's. `bgr`:
/// colors of an array come as OpenCV has them.
Picture picture_of(const py::object& object, bool bgr = false);

}  // namespace scrawl::python
