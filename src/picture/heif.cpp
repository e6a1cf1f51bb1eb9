#include "picture/heif.hpp"

#include <fmt/format.h>

#include <scrawl/error.hpp>

#ifdef SCRAWL_HEIF
#include <cstddef>
#include <cstdint>
#include <dlfcn.h>
#include <libheif/heif.h>
#include <memory>
#include <string>
#endif

namespace scrawl {

#ifdef SCRAWL_HEIF

namespace {

/// libheif, loaded when the first such picture comes: it brings several video codecs, which would
/// cost each start of a program 4 ms.
struct Library {
  Library() : handle(::dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (handle == nullptr)
      throw Error(fmt::format("libheif, which reads these, cannot be loaded: {}", ::dlerror()));
    load("heif_context_alloc", context_alloc);
    load("heif_context_free", context_free);
    load("heif_context_read_from_memory_without_copy", read_from_memory);
    load("heif_context_get_primary_image_handle", get_primary_image_handle);
    load("heif_image_handle_get_width", handle_width);
    load("heif_image_handle_get_height", handle_height);
    load("heif_image_handle_release", handle_release);
    load("heif_decode_image", decode_image);
    load("heif_image_get_plane_readonly", get_plane);
    load("heif_image_get_width", image_width);
    load("heif_image_get_height", image_height);
    load("heif_image_release", image_release);
  }

  template <typename Function>
  void load(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    if (function == nullptr) throw Error(fmt::format("libheif has no function {}", name));
  }

  void* handle;
  decltype(&heif_context_alloc) context_alloc;
  decltype(&heif_context_free) context_free;
  decltype(&heif_context_read_from_memory_without_copy) read_from_memory;
  decltype(&heif_context_get_primary_image_handle) get_primary_image_handle;
  decltype(&heif_image_handle_get_width) handle_width;
  decltype(&heif_image_handle_get_height) handle_height;
  decltype(&heif_image_handle_release) handle_release;
  decltype(&heif_decode_image) decode_image;
  decltype(&heif_image_get_plane_readonly) get_plane;
  decltype(&heif_image_get_width) image_width;
  decltype(&heif_image_get_height) image_height;
  decltype(&heif_image_release) image_release;
};

const Library& library() {
  static const Library loaded;
  return loaded;
}

struct Release {
  void operator()(heif_context* context) const { library().context_free(context); }
  void operator()(heif_image_handle* handle) const { library().handle_release(handle); }
  void operator()(heif_image* image) const { library().image_release(image); }
};

void require(const heif_error& error) {
  if (error.code != heif_error_Ok) throw Error(fmt::format("damaged: {}", error.message));
}

}  // namespace

Picture decode_heif(Bytes bytes, const std::function<void(PictureSize)>& check) {
  const Library& heif = library();
  const std::unique_ptr<heif_context, Release> context(heif.context_alloc());
  require(heif.read_from_memory(context.get(), bytes.data(), bytes.size(), nullptr));
  heif_image_handle* raw_handle = nullptr;
  require(heif.get_primary_image_handle(context.get(), &raw_handle));
  const std::unique_ptr<heif_image_handle, Release> handle(raw_handle);
  check({static_cast<std::size_t>(heif.handle_width(handle.get())),
         static_cast<std::size_t>(heif.handle_height(handle.get()))});
  heif_image* raw_image = nullptr;
  require(heif.decode_image(handle.get(), &raw_image, heif_colorspace_RGB,
                            heif_chroma_interleaved_RGBA, nullptr));
  const std::unique_ptr<heif_image, Release> image(raw_image);
  int stride = 0;
  const std::uint8_t* data = heif.get_plane(image.get(), heif_channel_interleaved, &stride);
  if (data == nullptr) throw Error("damaged: it has no pixels");
  Picture picture{heif.image_width(image.get(), heif_channel_interleaved),
                  heif.image_height(image.get(), heif_channel_interleaved),
                  3,
                  {}};
  picture.pixels.reserve(static_cast<std::size_t>(picture.width) * picture.height * 3);
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* in = data + static_cast<std::size_t>(y) * stride;
    for (int x = 0; x < picture.width; ++x, in += 4)
      for (int c = 0; c < 3; ++c) picture.pixels.push_back(lay_over_white(in[c], in[3]));
  }
  return picture;
}

#else

Picture decode_heif(Bytes, const std::function<void(PictureSize)>&) {
  throw Error("scrawl was built without libheif, which reads these; save it as JPEG or PNG");
}

#endif

}  // namespace scrawl
