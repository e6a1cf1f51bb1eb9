// libscrawl_decoding.so: pictures of files, and read from files.
#include <cstddef>
#include <memory>
#include <span>

#include <scrawl/scrawl.h>

#include "c_interface/c_objects.hpp"
#include "decoding/found_picture.hpp"
#include "decoding/write_png.hpp"
#include "files/files.hpp"
#include "picture/picture.hpp"

namespace scrawl {

namespace {

/// The picture that `decode` gives; null when that is not to be.
template <typename Decode>
std::unique_ptr<scrawl_image> make_image(scrawl_error* error, const Decode& decode) noexcept {
  std::unique_ptr<scrawl_image> image;
  guarded(error, [&] { image = std::make_unique<scrawl_image>(scrawl_image{decode()}); });
  return image;
}

std::unique_ptr<scrawl_image> load(const char* file, std::size_t page,
                                   scrawl_error* error) noexcept {
  return make_image(error, [&] { return load_picture(&require(file, "file"), page); });
}

std::span<const std::byte> bytes_of(const void* bytes, std::size_t size) {
  return {&require(static_cast<const std::byte*>(bytes), "bytes"), size};
}

std::unique_ptr<scrawl_image> decode(const void* bytes, std::size_t size, std::size_t page,
                                     scrawl_error* error) noexcept {
  return make_image(error, [&] {
    return decode_picture(bytes_of(bytes, size), "memory", max_picture_pixels, page);
  });
}

}  // namespace

}  // namespace scrawl

extern "C" {

scrawl_image* scrawl_image_load(const char* file, scrawl_error* error) {
  return scrawl::load(file, 1, error).release();
}

scrawl_image* scrawl_image_decode(const void* bytes, size_t size, scrawl_error* error) {
  return scrawl::decode(bytes, size, 1, error).release();
}

size_t scrawl_page_count(const char* file, scrawl_error* error) {
  size_t count = 0;
  scrawl::guarded(error, [&] {
    const char* name = &scrawl::require(file, "file");
    count = scrawl::count_pages(scrawl::read_file(name, scrawl::max_picture_bytes));
  });
  return count;
}

size_t scrawl_page_count_memory(const void* bytes, size_t size, scrawl_error* error) {
  size_t count = 0;
  scrawl::guarded(error, [&] { count = scrawl::count_pages(scrawl::bytes_of(bytes, size)); });
  return count;
}

scrawl_image* scrawl_image_load_page(const char* file, size_t page, scrawl_error* error) {
  return scrawl::load(file, page, error).release();
}

scrawl_image* scrawl_image_decode_page(const void* bytes, size_t size, size_t page,
                                       scrawl_error* error) {
  return scrawl::decode(bytes, size, page, error).release();
}

scrawl_status scrawl_image_save_png(const scrawl_view* view, const char* file,
                                    scrawl_error* error) {
  return scrawl::guarded(error, [&] {
    const char* name = &scrawl::require(file, "file");
    scrawl::write_png(scrawl::make_picture(scrawl::to_view(view)), name);
  });
}

scrawl_reading* scrawl_read_file(const scrawl_recognizer* recognizer, const char* file,
                                 const scrawl_read_options* options, scrawl_error* error) {
  if (recognizer == nullptr) return scrawl_read_image(recognizer, nullptr, options, error);
  const auto image = scrawl::load(file, 1, error);
  return image == nullptr ? nullptr : scrawl_read_image(recognizer, image.get(), options, error);
}

scrawl_reading* scrawl_read_memory(const scrawl_recognizer* recognizer, const void* bytes,
                                   size_t size, const scrawl_read_options* options,
                                   scrawl_error* error) {
  if (recognizer == nullptr) return scrawl_read_image(recognizer, nullptr, options, error);
  const auto image = scrawl::decode(bytes, size, 1, error);
  return image == nullptr ? nullptr : scrawl_read_image(recognizer, image.get(), options, error);
}

}  // extern "C"
