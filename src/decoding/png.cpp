#include "decoding/png.hpp"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <png.h>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/alpha.hpp"

namespace scrawl {

namespace {

/// libpng's messages come here and nowhere else. It must not be left by an exception, so that it
/// is left by a jump.
struct DecoderError {
  std::jmp_buf jump;
  std::array<char, 128> message;
};

[[noreturn]] void fail(png_structp decoder, png_const_charp message) {
  auto* error = static_cast<DecoderError*>(png_get_error_ptr(decoder));
  const std::size_t size =
      std::min(std::char_traits<char>::length(message), error->message.size() - 1);
  std::copy_n(message, size, error->message.begin());
  error->message[size] = '\0';
  std::longjmp(error->jump, 1);
}

/// What libpng can do without.
void stay_quiet(png_structp, png_const_charp) {}

void hand_over(png_structp decoder, png_bytep out, std::size_t size) {
  auto* rest = static_cast<Bytes*>(png_get_io_ptr(decoder));
  if (size > rest->size()) png_error(decoder, "the file ends too early");
  std::copy_n(reinterpret_cast<const png_byte*>(rest->data()), size, out);
  *rest = rest->subspan(size);
}

/// The colors of a picture that has a palette.
struct Palette {
  std::vector<Rgba> colors;
  bool has_alpha = false;
};

/// Pixels of colors, each the number of one.
void paint(Picture& picture, Palette palette) {
  std::array<std::size_t, 256> counts{};
  for (const std::uint8_t number : picture.pixels) ++counts[number];
  for (std::size_t number = palette.colors.size(); number < counts.size(); ++number)
    if (counts[number] > 0)
      throw Error(
          fmt::format("damaged: color {} of a palette of {}", number, palette.colors.size()));
  VisibleInk ink;
  for (std::size_t i = 0; i < palette.colors.size(); ++i) ink.add(palette.colors[i], counts[i]);
  const OverBackground over(ink.background(picture.pixels.size()));
  for (Rgba& color : palette.colors)
    for (std::size_t c = 0; c < 3; ++c) color[c] = over(color[c], color[3]);
  if (!palette.has_alpha && !has_color(palette.colors)) {
    for (std::uint8_t& pixel : picture.pixels) pixel = palette.colors[pixel][0];
    return;
  }
  const std::vector<std::uint8_t> numbers = std::exchange(picture.pixels, {});
  picture.channels = 3;
  picture.pixels.resize(3 * numbers.size());
  std::uint8_t* out = picture.pixels.data();
  for (const std::uint8_t number : numbers)
    out = std::copy_n(palette.colors[number].begin(), 3, out);
}

class Decoder {
 public:
  explicit Decoder(Bytes bytes)
      : rest_(bytes),
        decoder_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &error_, fail, stay_quiet)),
        info_(decoder_ == nullptr ? nullptr : png_create_info_struct(decoder_)) {
    if (info_ == nullptr) {
      png_destroy_read_struct(&decoder_, nullptr, nullptr);
      throw Error("not enough memory for it");
    }
    png_set_read_fn(decoder_, &rest_, hand_over);
  }
  ~Decoder() { png_destroy_read_struct(&decoder_, &info_, nullptr); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  Picture decode(PictureSize size) {
    attempt([this] { png_read_info(decoder_, info_); });
    const std::size_t width = png_get_image_width(decoder_, info_);
    const std::size_t height = png_get_image_height(decoder_, info_);
    if (width != size.width || height != size.height)
      throw Error(fmt::format("damaged: {} x {} pixels in one place, {} x {} in another",
                              size.width, size.height, width, height));
    const int kind = png_get_color_type(decoder_, info_);
    attempt([&] {
      png_set_strip_16(decoder_);
      if (kind == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(decoder_);
      if (kind == PNG_COLOR_TYPE_PALETTE) png_set_packing(decoder_);
      if (kind == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_gray_to_rgb(decoder_);
      passes_ = png_set_interlace_handling(decoder_);
      png_read_update_info(decoder_, info_);
    });
    Picture picture{static_cast<int>(width), static_cast<int>(height), 1, {}};
    const std::size_t samples = png_get_channels(decoder_, info_);
    picture.pixels.resize(width * height * samples);
    attempt([&] {
      for (int pass = 0; pass < passes_; ++pass)
        for (std::size_t y = 0; y < height; ++y)
          png_read_row(decoder_, picture.pixels.data() + y * width * samples, nullptr);
      png_read_end(decoder_, nullptr);
    });
    if (kind == PNG_COLOR_TYPE_PALETTE) paint(picture, palette());
    if (samples == 4) lay_over_background(picture.pixels);
    if (samples > 1) picture.channels = 3;
    return picture;
  }

 private:
  Palette palette() {
    png_color* colors = nullptr;
    int count = 0;
    png_get_PLTE(decoder_, info_, &colors, &count);
    png_byte* alphas = nullptr;
    int alpha_count = 0;
    const bool has_alpha = png_get_tRNS(decoder_, info_, &alphas, &alpha_count, nullptr) != 0;
    Palette palette{{}, has_alpha};
    for (int i = 0; i < count; ++i)
      palette.colors.push_back({colors[i].red, colors[i].green, colors[i].blue,
                                i < alpha_count ? alphas[i] : std::uint8_t{255}});
    return palette;
  }

  /// Calls libpng. `call` must hold nothing that wants to be destroyed: a jump goes past it.
  template <typename Call>
  void attempt(Call call) {
    if (setjmp(error_.jump) != 0) throw Error(fmt::format("damaged: {}", error_.message.data()));
    call();
  }

  DecoderError error_{};
  Bytes rest_;
  png_structp decoder_;
  png_infop info_;
  int passes_ = 1;
};

}  // namespace

Picture decode_png(Bytes bytes, PictureSize size) {
  return Decoder(bytes).decode(size);
}

}  // namespace scrawl
