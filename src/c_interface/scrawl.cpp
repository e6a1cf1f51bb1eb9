// The C interface: each function calls the C++ one, and turns what that throws into an error text.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <fmt/core.h>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/recognizer.hpp>
#include <scrawl/scrawl.h>

struct scrawl_recognizer {  // NOLINT(readability-identifier-naming)
  scrawl::Recognizer recognizer;
};

struct scrawl_reading {  // NOLINT(readability-identifier-naming)
  std::string text;
  float confidence = 0;
  std::vector<scrawl_digit> digits;
};

namespace scrawl {

namespace {

/// Why this thread's last call failed: as errno, what is of a thread is no argument of a call.
std::string& last_error() {
  thread_local std::string error;
  return error;
}

scrawl_status fail(scrawl_status status, const char* message) noexcept {
  try {
    last_error() = message;
  } catch (...) {
    last_error().clear();  // no memory for a text
  }
  return status;
}

/// Calls `body`, and says what became of it.
template <typename Body>
scrawl_status guarded(const Body& body) noexcept {
  try {
    body();
    return SCRAWL_OK;
  } catch (const std::bad_alloc&) {
    return fail(SCRAWL_OUT_OF_MEMORY, "out of memory");
  } catch (const std::logic_error& error) {  // invalid_argument, length_error
    return fail(SCRAWL_INVALID_ARGUMENT, error.what());
  } catch (const std::exception& error) {
    return fail(SCRAWL_ERROR, error.what());
  } catch (...) {
    return fail(SCRAWL_ERROR, "an unknown exception");
  }
}

template <typename T>
T& require(T* pointer, const char* name) {
  if (pointer == nullptr) throw std::invalid_argument(fmt::format("{} is NULL", name));
  return *pointer;
}

/// Fields that the caller's struct does not have yet keep their defaults; those that we do not have
/// yet must be zero.
ReadOptions to_options(const scrawl_read_options* given) {
  if (given == nullptr) return {};
  scrawl_read_options options = SCRAWL_READ_OPTIONS;
  const auto* bytes = reinterpret_cast<const std::byte*>(given);
  const std::size_t size = given->size;
  constexpr std::size_t largest = 4096;  // what no version will have: not initialized
  if (size < sizeof size || size > largest)
    throw std::invalid_argument(
        fmt::format("options.size is {}: begin with SCRAWL_READ_OPTIONS", size));
  std::memcpy(&options, given, std::min(size, sizeof options));
  if (size > sizeof options && std::any_of(bytes + sizeof options, bytes + size,
                                           [](std::byte byte) { return byte != std::byte{0}; }))
    throw std::invalid_argument("options has fields that this version of scrawl does not know");
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
  return {static_cast<Layout>(options.layout), options.digits,
          static_cast<float>(options.min_confidence), options.signs == 1, options.handwritten == 1};
}

scrawl_digit to_c(const Digit& digit) {
  scrawl_digit c{};
  c.digit = digit.digit;
  c.confidence = digit.confidence;
  c.box = {digit.box.x, digit.box.y, digit.box.width, digit.box.height};
  std::ranges::copy(digit.probabilities, c.probabilities);
  std::ranges::copy(digit.glyph, c.glyph);
  c.handwritten = digit.handwritten;
  return c;
}

/// Reads the picture that `load` gives; null when that is not to be.
template <typename Load>
scrawl_reading* read(const scrawl_recognizer* recognizer, const scrawl_read_options* options,
                     const Load& load) noexcept {
  std::unique_ptr<scrawl_reading> c;
  const scrawl_status status = guarded([&] {
    const Recognizer& asked = require(recognizer, "recognizer").recognizer;
    const ReadOptions wanted = to_options(options);
    Reading reading = asked.read(load(), wanted);
    auto made = std::make_unique<scrawl_reading>();
    made->text = std::move(reading.text);
    made->confidence = reading.confidence;
    std::ranges::transform(reading.digits, std::back_inserter(made->digits), to_c);
    c = std::move(made);
  });
  return status == SCRAWL_OK ? c.release() : nullptr;
}

/// A new recognizer with the model that `load` gives; null when that is not to be.
template <typename Load>
scrawl_recognizer* make_recognizer(const Load& load) noexcept {
  std::unique_ptr<scrawl_recognizer> made;
  guarded(
      [&] { made = std::make_unique<scrawl_recognizer>(scrawl_recognizer{Recognizer(load())}); });
  return made.release();
}

}  // namespace

}  // namespace scrawl

extern "C" {

const char* scrawl_version(void) {
  return SCRAWL_VERSION;
}

const char* scrawl_last_error(void) {
  return scrawl::last_error().c_str();
}

scrawl_recognizer* scrawl_recognizer_new(void) {
  return scrawl::make_recognizer(scrawl::default_model);
}

scrawl_recognizer* scrawl_recognizer_load(const char* file) {
  return scrawl::make_recognizer(
      [&] { return scrawl::load_model(&scrawl::require(file, "file")); });
}

void scrawl_recognizer_free(scrawl_recognizer* recognizer) {
  delete recognizer;
}

scrawl_reading* scrawl_read_file(const scrawl_recognizer* recognizer, const char* file,
                                 const scrawl_read_options* options) {
  return scrawl::read(recognizer, options,
                      [&] { return scrawl::load_picture(&scrawl::require(file, "file")); });
}

scrawl_reading* scrawl_read_memory(const scrawl_recognizer* recognizer, const void* bytes,
                                   size_t size, const scrawl_read_options* options) {
  return scrawl::read(recognizer, options, [&] {
    const auto* first = &scrawl::require(static_cast<const std::byte*>(bytes), "bytes");
    return scrawl::decode_picture(std::span(first, size), "memory");
  });
}

scrawl_reading* scrawl_read_pixels(const scrawl_recognizer* recognizer, const uint8_t* pixels,
                                   size_t width, size_t height, size_t channels, size_t stride,
                                   const scrawl_read_options* options) {
  return scrawl::read(recognizer, options, [&] {
    // How many bytes there are, nobody but the caller knows.
    const auto* first = &scrawl::require(pixels, "pixels");
    const std::span<const std::uint8_t> all(first, std::numeric_limits<std::ptrdiff_t>::max());
    return scrawl::make_picture(all, width, height, channels, stride);
  });
}

void scrawl_reading_free(scrawl_reading* reading) {
  delete reading;
}

const char* scrawl_reading_text(const scrawl_reading* reading) {
  return reading == nullptr ? nullptr : reading->text.c_str();
}

float scrawl_reading_confidence(const scrawl_reading* reading) {
  return reading == nullptr ? 0 : reading->confidence;
}

size_t scrawl_reading_count(const scrawl_reading* reading) {
  return reading == nullptr ? 0 : reading->digits.size();
}

const scrawl_digit* scrawl_reading_digit(const scrawl_reading* reading, size_t index) {
  return index < scrawl_reading_count(reading) ? &reading->digits[index] : nullptr;
}

scrawl_status scrawl_classify(const scrawl_recognizer* recognizer, const uint8_t* glyphs,
                              size_t count, float* probabilities) {
  return scrawl::guarded([&] {
    const scrawl::Recognizer& asked = scrawl::require(recognizer, "recognizer").recognizer;
    if (count == 0) return;
    const std::uint8_t* in = &scrawl::require(glyphs, "glyphs");
    float* out = &scrawl::require(probabilities, "probabilities");
    for (std::size_t i = 0; i < count; ++i, in += scrawl::glyph_pixels)
      out = std::ranges::copy(asked.classify(scrawl::GlyphView(in, scrawl::glyph_pixels)), out).out;
  });
}

}  // extern "C"
