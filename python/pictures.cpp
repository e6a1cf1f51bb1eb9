#include "pictures.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "arrays.hpp"
#include "paths.hpp"

namespace scrawl::python {

namespace {

bool is_pillow_image(const py::object& object) {
  const py::dict modules = py::module_::import("sys").attr("modules");
  return modules.contains("PIL.Image") &&
         py::isinstance(object, modules["PIL.Image"].attr("Image"));
}

/// (height, width) or (height, width, channels): rows may have gaps between them, and are copied
/// but once.
Picture from_pixels(const py::array& given) {
  const auto channels = static_cast<std::size_t>(given.ndim() == 3 ? given.shape(2) : 1);
  const bool rows_as_they_are = given.strides(0) >= given.shape(1) * py::ssize_t(channels) &&
                                given.strides(1) == py::ssize_t(channels) &&
                                (given.ndim() == 2 || given.strides(2) == 1);
  const py::array array = rows_as_they_are ? given : py::array(Bytes::ensure(given));
  const auto height = static_cast<std::size_t>(array.shape(0));
  const auto width = static_cast<std::size_t>(array.shape(1));
  const auto stride = static_cast<std::size_t>(array.strides(0));
  const std::size_t size = height == 0 ? 0 : (height - 1) * stride + width * channels;
  const std::span bytes(static_cast<const std::uint8_t*>(array.data()), size);
  const py::gil_scoped_release without_gil;
  return make_picture(bytes, width, height, channels, height > 1 ? stride : 0);
}

Picture from_file(const py::buffer& buffer) {
  const py::buffer_info info = buffer.request();
  const std::span bytes(static_cast<const std::byte*>(info.ptr),
                        static_cast<std::size_t>(info.size * info.itemsize));
  const py::gil_scoped_release without_gil;
  return decode_picture(bytes, "memory");
}

Picture from_open_file(const py::object& file) {
  const py::object content = file.attr("read")();
  if (PyObject_CheckBuffer(content.ptr()) == 0)
    throw py::type_error("picture: a file that was opened as text; open it with mode 'rb'");
  return from_file(py::reinterpret_borrow<py::buffer>(content));
}

/// Colors in OpenCV's order, unless there is no color. Only of arrays is that the caller's to say.
Picture from_array(const py::object& object, bool bgr) {
  return from_pixels(py::module_::import("scrawl._inputs").attr("picture")(object, bgr));
}

}  // namespace

Picture picture_of(const py::object& object, bool bgr) {
  const bool pillow = is_pillow_image(object);
  if (!pillow && (py::isinstance<py::array>(object) || py::hasattr(object, "__array__")))
    return from_array(object, bgr);
  if (bgr)
    throw py::value_error(
        "bgr: it is for arrays; files and PIL images say themselves what they are");
  if (pillow) return from_pixels(py::module_::import("scrawl._pillow").attr("to_array")(object));
  if (is_path(object)) {
    const std::filesystem::path file = existing_path_of(object);
    const py::gil_scoped_release without_gil;
    return load_picture(file);
  }
  if (PyObject_CheckBuffer(object.ptr()) != 0)
    return from_file(py::reinterpret_borrow<py::buffer>(object));
  if (py::hasattr(object, "read")) return from_open_file(object);
  throw py::type_error(
      "picture: found " + py::str(py::type::of(object).attr("__name__")).cast<std::string>() +
      ", expected a file's name, its bytes, an open file, an array or a PIL image");
}

}  // namespace scrawl::python
