#include "pictures.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "arrays.hpp"
#include "decoding/found_picture.hpp"
#include "files/files.hpp"
#include "paths.hpp"

namespace scrawl::python {

namespace {

bool is_pillow_image(const py::object& object) {
  const py::dict modules = py::module_::import("sys").attr("modules");
  return modules.contains("PIL.Image") &&
         py::isinstance(object, modules["PIL.Image"].attr("Image"));
}

PixelFormat format_of(std::size_t channels, bool bgr) {
  switch (channels) {
    case 1:
      return PixelFormat::gray;
    case 2:
      return PixelFormat::gray_alpha;
    case 3:
      return bgr ? PixelFormat::bgr : PixelFormat::rgb;
    case 4:
      return bgr ? PixelFormat::bgra : PixelFormat::rgba;
    default:
      throw py::value_error("picture: " + std::to_string(channels) + " channels, expected 1 to 4");
  }
}

/// (height, width) or (height, width, channels): rows may have gaps between them, and are copied
/// but once.
Picture from_pixels(const py::array& given, bool bgr = false) {
  const auto channels = static_cast<std::size_t>(given.ndim() == 3 ? given.shape(2) : 1);
  const PixelFormat format = format_of(channels, bgr);
  const bool rows_as_they_are = given.strides(0) >= given.shape(1) * py::ssize_t(channels) &&
                                given.strides(1) == py::ssize_t(channels) &&
                                (given.ndim() == 2 || given.strides(2) == 1);
  const py::array array = rows_as_they_are ? given : py::array(Bytes::ensure(given));
  const auto height = static_cast<std::size_t>(array.shape(0));
  const auto width = static_cast<std::size_t>(array.shape(1));
  const py::ssize_t stride = height > 1 ? array.strides(0) : 0;  // one row may have any
  const PixelView view{array.data(), width, height, stride, format};
  const py::gil_scoped_release without_gil;
  return make_picture(view);
}

/// The bytes of a file, or of an open one, which is read; nothing where it is neither.
std::optional<py::buffer> content_of(const py::object& object) {
  if (PyObject_CheckBuffer(object.ptr()) != 0) return py::reinterpret_borrow<py::buffer>(object);
  if (!py::hasattr(object, "read")) return std::nullopt;
  const py::object content = object.attr("read")();
  if (PyObject_CheckBuffer(content.ptr()) == 0)
    throw py::type_error("picture: a file that was opened as text; open it with mode 'rb'");
  return py::reinterpret_borrow<py::buffer>(content);
}

std::span<const std::byte> bytes_of(const py::buffer_info& info) {
  return {static_cast<const std::byte*>(info.ptr),
          static_cast<std::size_t>(info.size * info.itemsize)};
}

Picture from_file(const py::buffer& buffer, std::size_t page) {
  const py::buffer_info info = buffer.request();
  const py::gil_scoped_release without_gil;
  return decode_picture(bytes_of(info), "memory", max_picture_pixels, page);
}

[[noreturn]] void refuse(const py::object& object, const std::string& expected) {
  throw py::type_error("picture: found " +
                       py::str(py::type::of(object).attr("__name__")).cast<std::string>() +
                       ", expected " + expected);
}

/// Only of arrays is it the caller's to say in which order colors come.
Picture from_array(const py::object& object, bool bgr) {
  return from_pixels(py::module_::import("scrawl._inputs").attr("picture")(object, bgr), bgr);
}

}  // namespace

Picture picture_of(const py::object& object, bool bgr, std::int64_t page) {
  if (page < 1)
    throw py::value_error("page: found " + std::to_string(page) + ", expected 1 or more");
  const bool pillow = is_pillow_image(object);
  const bool is_array =
      !pillow && (py::isinstance<py::array>(object) || py::hasattr(object, "__array__"));
  if ((pillow || is_array) && page > 1)
    throw py::value_error("page: it is for files; an array or a PIL image is one page");
  if (is_array) return from_array(object, bgr);
  if (bgr)
    throw py::value_error(
        "bgr: it is for arrays; files and PIL images say themselves what they are");
  if (pillow) return from_pixels(py::module_::import("scrawl._pillow").attr("to_array")(object));
  if (is_path(object)) {
    const std::filesystem::path file = existing_path_of(object);
    const py::gil_scoped_release without_gil;
    return load_picture(file, static_cast<std::size_t>(page));
  }
  if (const auto content = content_of(object))
    return from_file(*content, static_cast<std::size_t>(page));
  refuse(object, "a file's name, its bytes, an open file, an array or a PIL image");
}

std::size_t count_pages_of(const py::object& object) {
  if (is_path(object)) {
    const std::filesystem::path file = existing_path_of(object);
    const py::gil_scoped_release without_gil;
    return count_pages(read_file(file, max_picture_bytes));
  }
  const auto content = content_of(object);
  if (!content) refuse(object, "a file's name, its bytes or an open file");
  const py::buffer_info info = content->request();
  const py::gil_scoped_release without_gil;
  return count_pages(bytes_of(info));
}

}  // namespace scrawl::python
