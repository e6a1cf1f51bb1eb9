// libscrawl.so: pixels in, digits out. Each function calls the C++ one.
#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/core.h>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/model.hpp>
#include <scrawl/scrawl.h>

#include "c_interface/c_objects.hpp"
#include "recognition/recognizer.hpp"

struct scrawl_recognizer {  // NOLINT(readability-identifier-naming)
  scrawl::Recognizer recognizer;
};

struct scrawl_reading {  // NOLINT(readability-identifier-naming)
  scrawl::Reading reading;
  std::vector<scrawl_digit> digits;
  std::vector<scrawl_line> lines;
};

namespace scrawl {

namespace {

Turn turn_of_degrees(int degrees) {
  if (degrees == SCRAWL_TURN_AUTO) return Turn::automatic;
  if (const auto turn = to_turn(degrees)) return *turn;
  throw std::invalid_argument(fmt::format(
      "options.turn is {}, expected 0, 90, 180, 270 or -1 (SCRAWL_TURN_AUTO)", degrees));
}

ReadOptions to_options(const scrawl_read_options* given) {
  if (given == nullptr) return {};
  const scrawl_read_options options =
      from_c(*given, SCRAWL_READ_OPTIONS, "options", "SCRAWL_READ_OPTIONS");
  if (options.layout < SCRAWL_PAGE || options.layout > SCRAWL_ONE)
    throw std::invalid_argument(fmt::format(
        "options.layout is {}, expected 0 (page), 1 (line) or 2 (one)", options.layout));
  if (options.digits > max_read_digits)
    throw std::invalid_argument(
        fmt::format("options.digits is {}, expected 0 to {}", options.digits, max_read_digits));
  if (!(options.min_confidence >= 0 && options.min_confidence <= 1))
    throw std::invalid_argument(
        fmt::format("options.min_confidence is {}, expected 0 to 1", options.min_confidence));
  for (const int flag : {options.signs, options.handwritten}) {
    if (flag != 0 && flag != 1)
      throw std::invalid_argument(
          fmt::format("options.signs or .handwritten is {}, expected 0 or 1", flag));
  }
  ReadOptions wanted;
  wanted.layout = static_cast<Layout>(options.layout);
  wanted.digits = options.digits;
  wanted.min_confidence = static_cast<float>(options.min_confidence);
  wanted.signs = options.signs == 1;
  wanted.handwritten = options.handwritten == 1;
  wanted.turn = turn_of_degrees(options.turn);
  return wanted;
}

std::span<const std::byte> bytes_of(const void* bytes, std::size_t size) {
  return {static_cast<const std::byte*>(bytes), size};
}

Recognizer make_recognizer(const scrawl_recognizer_options* given) {
  if (given == nullptr) return {};
  const scrawl_recognizer_options options =
      from_c(*given, SCRAWL_RECOGNIZER_OPTIONS, "options", "SCRAWL_RECOGNIZER_OPTIONS");
  if (options.model_file != nullptr && options.model != nullptr)
    throw std::invalid_argument("options has a model and a model_file: leave one of them out");
  if (options.precision != SCRAWL_FASTEST && options.precision != SCRAWL_F32)
    throw std::invalid_argument(
        fmt::format("options.precision is {}, expected 0 (fastest) or 1 (f32)", options.precision));
  const Model model = options.model_file != nullptr ? load_model(options.model_file)
                      : options.model != nullptr
                          ? load_model(bytes_of(options.model, options.model_size), "model")
                          : default_model();
  const Model page_reader =
      options.page_reader != nullptr
          ? load_model(bytes_of(options.page_reader, options.page_reader_size), "page_reader")
          : default_page_reader();
  return {model, page_reader,
          options.precision == SCRAWL_F32 ? Precision::f32 : Precision::automatic};
}

scrawl_digit to_c(const Digit& digit) {
  scrawl_digit c{};
  c.value = digit.digit;
  c.confidence = digit.confidence;
  c.x = digit.box.x;
  c.y = digit.box.y;
  c.width = digit.box.width;
  c.height = digit.box.height;
  std::ranges::copy(digit.probabilities, c.probabilities);
  std::ranges::copy(digit.glyph, c.glyph);
  c.handwritten = digit.handwritten;
  return c;
}

/// Finds the lines of the text, and which character is whose digit: signs and spaces are nobody's.
void place_in_text(scrawl_reading& c) {
  constexpr std::string_view of_digits = "0123456789?";
  const std::string& text = c.reading.text;
  std::size_t digit = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    scrawl_line line{begin, end - begin, digit, 0};
    for (std::size_t at = begin; at < end; ++at) {
      if (of_digits.find(text[at]) != std::string_view::npos && digit < c.digits.size())
        c.digits[digit++].offset = at;
    }
    line.count = digit - line.first;
    c.lines.push_back(line);
    begin = end + 1;
  }
}

/// Reads the picture that `get` gives; null when that is not to be.
template <typename Get>
scrawl_reading* read(const scrawl_recognizer* recognizer, const scrawl_read_options* options,
                     scrawl_error* error, const Get& get) noexcept {
  if (recognizer == nullptr) {  // whose error says more
    if (error == nullptr || error->size <= sizeof error->size || error->status == SCRAWL_OK)
      fail(error, SCRAWL_INVALID_ARGUMENT, "recognizer is NULL");
    return nullptr;
  }
  std::unique_ptr<scrawl_reading> c;
  const scrawl_status status = guarded(error, [&] {
    const ReadOptions wanted = to_options(options);
    auto made = std::make_unique<scrawl_reading>();
    made->reading = recognizer->recognizer.read(get(), wanted);
    std::ranges::transform(made->reading.digits, std::back_inserter(made->digits), to_c);
    place_in_text(*made);
    c = std::move(made);
  });
  return status == SCRAWL_OK ? c.release() : nullptr;
}

}  // namespace

}  // namespace scrawl

extern "C" {

const char* scrawl_version(void) {
  return SCRAWL_VERSION;
}

scrawl_status scrawl_image_view(const scrawl_image* image, scrawl_view* view, scrawl_error* error) {
  return scrawl::guarded(error, [&] {
    const scrawl::Picture& picture = scrawl::require(image, "image").picture;
    scrawl_view filled =
        scrawl::from_c(scrawl::require(view, "view"), SCRAWL_VIEW, "view", "SCRAWL_VIEW");
    filled.pixels = picture.pixels.data();
    filled.width = static_cast<std::size_t>(picture.width);
    filled.height = static_cast<std::size_t>(picture.height);
    filled.stride = static_cast<std::ptrdiff_t>(picture.width) * picture.channels;
    filled.format = picture.channels == 1 ? SCRAWL_GRAY : SCRAWL_RGB;
    std::memcpy(view, &filled, std::min(view->size, sizeof filled));
  });
}

void scrawl_image_free(scrawl_image* image) {
  delete image;
}

scrawl_recognizer* scrawl_recognizer_new(const scrawl_recognizer_options* options,
                                         scrawl_error* error) {
  std::unique_ptr<scrawl_recognizer> made;
  scrawl::guarded(error, [&] {
    made = std::make_unique<scrawl_recognizer>(scrawl_recognizer{scrawl::make_recognizer(options)});
  });
  return made.release();
}

void scrawl_recognizer_free(scrawl_recognizer* recognizer) {
  delete recognizer;
}

scrawl_reading* scrawl_read(const scrawl_recognizer* recognizer, const scrawl_view* view,
                            const scrawl_read_options* options, scrawl_error* error) {
  return scrawl::read(recognizer, options, error,
                      [&] { return scrawl::make_picture(scrawl::to_view(view)); });
}

scrawl_reading* scrawl_read_image(const scrawl_recognizer* recognizer, const scrawl_image* image,
                                  const scrawl_read_options* options, scrawl_error* error) {
  return scrawl::read(recognizer, options, error, [&]() -> const scrawl::Picture& {
    return scrawl::require(image, "image").picture;
  });
}

void scrawl_reading_free(scrawl_reading* reading) {
  delete reading;
}

const char* scrawl_reading_text(const scrawl_reading* reading) {
  return reading == nullptr ? nullptr : reading->reading.text.c_str();
}

float scrawl_reading_confidence(const scrawl_reading* reading) {
  return reading == nullptr ? 0 : reading->reading.confidence;
}

int scrawl_reading_turn(const scrawl_reading* reading) {
  return reading == nullptr ? 0 : scrawl::degrees_of(reading->reading.turn);
}

size_t scrawl_reading_count(const scrawl_reading* reading) {
  return reading == nullptr ? 0 : reading->digits.size();
}

const scrawl_digit* scrawl_reading_digit(const scrawl_reading* reading, size_t index) {
  return index < scrawl_reading_count(reading) ? &reading->digits[index] : nullptr;
}

size_t scrawl_reading_line_count(const scrawl_reading* reading) {
  return reading == nullptr ? 0 : reading->lines.size();
}

const scrawl_line* scrawl_reading_line(const scrawl_reading* reading, size_t index) {
  return index < scrawl_reading_line_count(reading) ? &reading->lines[index] : nullptr;
}

scrawl_status scrawl_classify(const scrawl_recognizer* recognizer, const uint8_t* glyphs,
                              size_t count, float* probabilities, scrawl_error* error) {
  return scrawl::guarded(error, [&] {
    const scrawl::Recognizer& asked = scrawl::require(recognizer, "recognizer").recognizer;
    if (count == 0) return;
    const std::uint8_t* in = &scrawl::require(glyphs, "glyphs");
    float* out = &scrawl::require(probabilities, "probabilities");
    for (std::size_t i = 0; i < count; ++i, in += scrawl::glyph_pixels)
      out = std::ranges::copy(asked.classify(scrawl::GlyphView(in, scrawl::glyph_pixels)), out).out;
  });
}

scrawl_image* scrawl_explain(const scrawl_view* view, const scrawl_reading* reading,
                             scrawl_error* error) {
  std::unique_ptr<scrawl_image> image;
  scrawl::guarded(error, [&] {
    const scrawl::Reading& read = scrawl::require(reading, "reading").reading;
    image = std::make_unique<scrawl_image>(
        scrawl_image{scrawl::explain(scrawl::make_picture(scrawl::to_view(view)), read)});
  });
  return image.release();
}

}  // extern "C"
