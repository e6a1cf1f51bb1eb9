#include "decoding/heif.hpp"

#include <fmt/format.h>

#include <scrawl/error.hpp>

#ifdef SCRAWL_HEIF
#include <algorithm>
#include <cstdint>
#include <dlfcn.h>
#include <libheif/heif.h>
#include <memory>
#include <string>

#include "picture/over_white.hpp"
#endif

namespace scrawl {

#ifdef SCRAWL_HEIF

namespace {

/// The beginning of heif_security_limits, which the header of libheif 1.19 and later has.
struct Limits {
  std::uint8_t version;
  std::uint64_t max_image_size_pixels;
};
using GetLimits = Limits* (*)(const heif_context*);

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
    load("heif_image_handle_has_alpha_channel", handle_has_alpha);
    load("heif_image_handle_release", handle_release);
    load("heif_decoding_options_alloc", options_alloc);
    load("heif_decoding_options_free", options_free);
    load("heif_decode_image", decode_image);
    load("heif_image_get_plane_readonly", get_plane);
    load("heif_image_get_width", image_width);
    load("heif_image_get_height", image_height);
    load("heif_image_release", image_release);
    get_limits = reinterpret_cast<GetLimits>(::dlsym(handle, "heif_context_get_security_limits"));
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
  decltype(&heif_image_handle_has_alpha_channel) handle_has_alpha;
  decltype(&heif_image_handle_release) handle_release;
  decltype(&heif_decoding_options_alloc) options_alloc;
  decltype(&heif_decoding_options_free) options_free;
  decltype(&heif_decode_image) decode_image;
  decltype(&heif_image_get_plane_readonly) get_plane;
  decltype(&heif_image_get_width) image_width;
  decltype(&heif_image_get_height) image_height;
  decltype(&heif_image_release) image_release;
  GetLimits get_limits;  // null before libheif 1.19
};

const Library& library() {
  static const Library loaded;
  return loaded;
}

struct Release {
  void operator()(heif_context* context) const { library().context_free(context); }
  void operator()(heif_image_handle* handle) const { library().handle_release(handle); }
  void operator()(heif_decoding_options* options) const { library().options_free(options); }
  void operator()(heif_image* image) const { library().image_release(image); }
};

/// Where libheif has limits of its own, they are ours: read_heif_size has looked at the sizes, and
/// this is a second look by other eyes.
void limit_pixels(const Library& heif, heif_context* context, std::size_t max_pixels) {
  if (heif.get_limits == nullptr) return;
  if (Limits* limits = heif.get_limits(context); limits != nullptr && limits->version >= 1)
    limits->max_image_size_pixels = max_pixels;
}

/// AV1 is decoded by libaom where libheif has it: dav1d, which it would choose, writes to standard
/// error what it thinks of damaged files. What is decoded is the same. Since 1.19, libheif refuses
/// to decode what the named one cannot, HEIC too.
std::unique_ptr<heif_decoding_options, Release> choose_options(const Library& heif) {
  std::unique_ptr<heif_decoding_options, Release> options(heif.options_alloc());
#if LIBHEIF_HAVE_VERSION(1, 15, 0)
  constexpr int with_decoder_id = 4;
  if (options && options->version >= with_decoder_id) options->decoder_id = "aom";
#endif
  return options;
}

void require(const heif_error& error) {
  if (error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature)
    throw Error(
        fmt::format("libheif here cannot decode it: {}; install libheif's plugins", error.message));
  if (error.code != heif_error_Ok) throw Error(fmt::format("damaged: {}", error.message));
}

}  // namespace

Picture decode_heif(Bytes bytes, std::size_t max_pixels) {
  const Library& heif = library();
  const std::unique_ptr<heif_context, Release> context(heif.context_alloc());
  limit_pixels(heif, context.get(), max_pixels);
  require(heif.read_from_memory(context.get(), bytes.data(), bytes.size(), nullptr));
  heif_image_handle* raw_handle = nullptr;
  require(heif.get_primary_image_handle(context.get(), &raw_handle));
  const std::unique_ptr<heif_image_handle, Release> handle(raw_handle);
  const bool has_alpha = heif.handle_has_alpha(handle.get()) != 0;
  heif_image* raw_image = nullptr;
  const auto decode = [&](const heif_decoding_options* options) {
    return heif.decode_image(handle.get(), &raw_image, heif_colorspace_RGB,
                             has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                             options);
  };
  heif_error error = decode(choose_options(heif).get());
  if (error.code == heif_error_Plugin_loading_error) error = decode(nullptr);
  require(error);
  const std::unique_ptr<heif_image, Release> image(raw_image);
  int stride = 0;
  const std::uint8_t* data = heif.get_plane(image.get(), heif_channel_interleaved, &stride);
  if (data == nullptr) throw Error("damaged: it has no pixels");
  Picture picture{heif.image_width(image.get(), heif_channel_interleaved),
                  heif.image_height(image.get(), heif_channel_interleaved),
                  3,
                  {}};
  const std::size_t row = static_cast<std::size_t>(picture.width) * 3;
  picture.pixels.resize(row * picture.height);
  std::uint8_t* out = picture.pixels.data();
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* in = data + static_cast<std::size_t>(y) * stride;
    if (!has_alpha) {
      out = std::copy_n(in, row, out);
      continue;
    }
    for (int x = 0; x < picture.width; ++x, in += 4)
      for (int c = 0; c < 3; ++c) *out++ = lay_over_white(in[c], in[3]);
  }
  return picture;
}

#else

Picture decode_heif(Bytes, std::size_t) {
  throw Error("scrawl was built without libheif, which reads these; save it as JPEG or PNG");
}

#endif

}  // namespace scrawl
