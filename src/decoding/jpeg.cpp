#include "decoding/jpeg.hpp"

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fmt/core.h>
#include <jpeglib.h>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>

namespace scrawl {

namespace {

/// libjpeg's messages come here and nowhere else. It must not be left by an exception, so that it
/// is left by a jump.
struct DecoderError {
  jpeg_error_mgr manager;  // first: libjpeg knows only this
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> message;

  /// We say ourselves that it is damaged.
  std::string_view text() const {
    constexpr std::string_view begins = "Corrupt JPEG data: ";
    std::string_view all = message.data();
    if (all.starts_with(begins)) all.remove_prefix(begins.size());
    return all;
  }
};

[[noreturn]] void fail(j_common_ptr decoder) {
  auto* error = reinterpret_cast<DecoderError*>(decoder->err);
  error->manager.format_message(decoder, error->message.data());
  std::longjmp(error->jump, 1);
}

/// Levels below 0 are damaged data; those above are for people who debug libjpeg.
void fail_on_warning(j_common_ptr decoder, int level) {
  if (level < 0) fail(decoder);
}

/// Weights the color by black, without a color profile. Adobe's programs store all four inverted.
void convert_cmyk(const std::vector<JSAMPLE>& inks, bool is_inverted, std::uint8_t* out) {
  for (std::size_t at = 0; at < inks.size(); at += 4) {
    const int black = inks[at + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      const int light = is_inverted ? inks[at + c] : 255 - inks[at + c];
      *out++ = static_cast<std::uint8_t>(black * light / 255);
    }
  }
}

class Decoder {
 public:
  Decoder() {
    decoder_.err = jpeg_std_error(&error_.manager);
    error_.manager.error_exit = fail;
    error_.manager.emit_message = fail_on_warning;
    attempt([this] { jpeg_create_decompress(&decoder_); });
  }
  ~Decoder() { jpeg_destroy_decompress(&decoder_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  Picture decode(Bytes bytes, PictureSize size) {
    attempt([&] {
      jpeg_mem_src(&decoder_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
      jpeg_read_header(&decoder_, TRUE);
      jpeg_calc_output_dimensions(&decoder_);
    });
    if (decoder_.output_width != size.width || decoder_.output_height != size.height)
      throw Error(fmt::format("damaged: {} x {} pixels in one place, {} x {} in another",
                              size.width, size.height, decoder_.output_width,
                              decoder_.output_height));
    const int samples = decoder_.out_color_components;
    const bool is_cmyk = decoder_.out_color_space == JCS_CMYK && samples == 4;
    if (samples != 1 && samples != 3 && !is_cmyk)
      throw Error(fmt::format("{} channels, expected 1, 3 or 4; save it as PNG", samples));
    Picture picture{
        static_cast<int>(size.width), static_cast<int>(size.height), samples == 1 ? 1 : 3, {}};
    attempt([this] { jpeg_start_decompress(&decoder_); });
    picture.pixels.resize(size.width * size.height * picture.channels);
    std::vector<JSAMPLE> inks(is_cmyk ? 4 * size.width : 0);
    std::uint8_t* row = picture.pixels.data();
    for (std::size_t y = 0; y < size.height; ++y, row += size.width * picture.channels) {
      JSAMPLE* line = is_cmyk ? inks.data() : row;
      attempt([&] { jpeg_read_scanlines(&decoder_, &line, 1); });
      if (is_cmyk) convert_cmyk(inks, decoder_.saw_Adobe_marker != FALSE, row);
    }
    return picture;
  }

 private:
  /// Calls libjpeg. `call` must hold nothing that wants to be destroyed: a jump goes past it.
  template <typename Call>
  void attempt(Call call) {
    if (setjmp(error_.jump) != 0) throw Error(fmt::format("damaged: {}", error_.text()));
    call();
  }

  jpeg_decompress_struct decoder_{};
  DecoderError error_{};
};

}  // namespace

Picture decode_jpeg(Bytes bytes, PictureSize size) {
  return Decoder().decode(bytes, size);
}

}  // namespace scrawl
