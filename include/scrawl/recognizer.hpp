// Reads pictures. Most programs need only this header:
//
//     const scrawl::Recognizer recognizer;
//     std::cout << recognizer.read("7.png").text << '\n';
//
// It is implemented in headers on top of <scrawl/scrawl.h>, so a program may be built with any
// compiler, standard library and debug mode, whichever the library was built with.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/image.hpp>
#include <scrawl/reading.hpp>
#include <scrawl/result.hpp>
#include <scrawl/scrawl.h>

namespace scrawl {
inline namespace v0 {

/// Options of a Recognizer. The spans are needed during its construction only.
struct RecognizerOptions {
  std::filesystem::path model_file{};  ///< a .safetensors file; if empty, the built-in model
  std::span<const std::byte> model{};  ///< the bytes of such a file, instead of model_file
  /// The bytes of a model that finds digits on pages; if empty, the built-in one.
  std::span<const std::byte> page_reader{};
  /// Calculate in f32: slower, but results on all CPUs are the same except for the last bits.
  bool f32 = false;
};

/// Number of threads of Recognizer::read_all().
struct Threads {
  std::size_t count = 0;  ///< 0 means one per core
};

namespace detail {

inline scrawl_read_options to_c(const ReadOptions& options) {
  scrawl_read_options c = SCRAWL_READ_OPTIONS;
  c.layout = static_cast<int>(options.layout);
  c.digits = options.digits;
  c.min_confidence = options.min_confidence;
  c.signs = options.signs ? 1 : 0;
  c.handwritten = options.handwritten ? 1 : 0;
  c.turn = static_cast<int>(options.turn);
  return c;
}

inline Digit to_digit(const scrawl_digit& c) {
  Digit digit;
  digit.value = c.value;
  digit.confidence = c.confidence;
  digit.box = {c.x, c.y, c.width, c.height};
  std::copy(std::begin(c.probabilities), std::end(c.probabilities), digit.probabilities.begin());
  std::copy(std::begin(c.glyph), std::end(c.glyph), digit.glyph.begin());
  digit.handwritten = c.handwritten;
  digit.offset = c.offset;
  return digit;
}

inline Result<Reading> to_reading(scrawl_reading* c, const scrawl_error& error) {
  if (c == nullptr) return to_error(error);
  Reading reading;
  reading.handle.reset(c, scrawl_reading_free);
  reading.text = scrawl_reading_text(c);
  reading.confidence = scrawl_reading_confidence(c);
  reading.turn = static_cast<Turn>(scrawl_reading_turn(c));
  for (std::size_t i = 0; i < scrawl_reading_count(c); ++i)
    reading.digits.push_back(to_digit(*scrawl_reading_digit(c, i)));
  for (std::size_t i = 0; i < scrawl_reading_line_count(c); ++i) {
    const scrawl_line& line = *scrawl_reading_line(c, i);
    reading.lines.push_back(
        {reading.text.substr(line.offset, line.length), line.offset, line.first, line.count});
  }
  return reading;
}

}  // namespace detail

/// Reads digits with models that are compiled for this machine. All members are const and safe to
/// call from several threads at once. Copies share the compiled models, so copying is cheap; moving
/// copies, so a recognizer that was moved from still works. Functions named try_... return errors;
/// the others throw them. An invalid option is the error invalid_argument.
class Recognizer {
 public:
  /// A recognizer with the built-in models. Takes about 20 ms.
  Recognizer() : Recognizer(RecognizerOptions{}) {}

  /// A recognizer with other models. Throws Error: not_found if the file does not exist;
  /// invalid_input if a file, or bytes, are not a model of the right kind.
  explicit Recognizer(const RecognizerOptions& options) {
    scrawl_recognizer_options c = SCRAWL_RECOGNIZER_OPTIONS;
    const std::string file = options.model_file.string();
    if (!file.empty()) c.model_file = file.c_str();
    if (!options.model.empty()) c.model = options.model.data();
    c.model_size = options.model.size();
    if (!options.page_reader.empty()) c.page_reader = options.page_reader.data();
    c.page_reader_size = options.page_reader.size();
    c.precision = options.f32 ? SCRAWL_F32 : SCRAWL_FASTEST;
    scrawl_error error = SCRAWL_ERROR;
    scrawl_recognizer* made = scrawl_recognizer_new(&c, &error);
    if (made == nullptr) throw detail::to_error(error);
    recognizer_.reset(made, scrawl_recognizer_free);
  }

  /// Shares the compiled models.
  Recognizer(const Recognizer&) = default;
  /// Shares the compiled models.
  Recognizer& operator=(const Recognizer&) = default;

  /// Reads a picture. A picture without digits gives a reading without digits, not an error; one
  /// with more than max_digits gives the error too_large.
  Reading read(const ImageView& view, const ReadOptions& options = {}) const {
    return try_read(view, options).value();
  }
  /// Reads a picture, and returns errors instead of throwing them.
  Result<Reading> try_read(const ImageView& view, const ReadOptions& options = {}) const {
    const scrawl_view c = detail::to_c(view);
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read(recognizer_.get(), &c, asked, error);
        },
        options);
  }

  /// Reads a decoded picture.
  Reading read(const Image& image, const ReadOptions& options = {}) const {
    return try_read(image, options).value();
  }
  /// Reads a decoded picture, and returns errors.
  Result<Reading> try_read(const Image& image, const ReadOptions& options = {}) const {
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read_image(recognizer_.get(), image.handle(), asked, error);
        },
        options);
  }

  /// Decodes and reads a file. Throws Error as Image::load() does. Needs scrawl::decoding.
  Reading read(const std::filesystem::path& file, const ReadOptions& options = {}) const {
    return try_read(file, options).value();
  }
  /// Decodes and reads a file, and returns errors. Needs scrawl::decoding.
  Result<Reading> try_read(const std::filesystem::path& file,
                           const ReadOptions& options = {}) const {
    const std::string name = file.string();
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read_file(recognizer_.get(), name.c_str(), asked, error);
        },
        options);
  }

  /// Decodes and reads the bytes of a file. Throws Error as Image::decode() does. Needs
  /// scrawl::decoding.
  Reading read(std::span<const std::byte> bytes, const ReadOptions& options = {}) const {
    return try_read(bytes, options).value();
  }
  /// Decodes and reads the bytes of a file, and returns errors. Needs scrawl::decoding.
  Result<Reading> try_read(std::span<const std::byte> bytes,
                           const ReadOptions& options = {}) const {
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read_memory(recognizer_.get(), bytes.data(), bytes.size(), asked, error);
        },
        options);
  }

  /// Reads many pictures, on several threads. `pictures` is a random-access range of paths, views
  /// or images; results are in the same order. Once `stop`, such as a std::stop_token, returns true
  /// from stop_requested(), no further picture is begun, and the results end with the last picture
  /// that was read.
  template <typename Pictures, typename Stop>
  std::vector<Result<Reading>> read_all(const Pictures& pictures, const ReadOptions& options,
                                        Threads threads, const Stop& stop) const {
    const std::size_t size = std::size(pictures);
    std::vector<Result<Reading>> results(size, Error("not read"));
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      while (!stop.stop_requested()) {
        const std::size_t i = next.fetch_add(1);
        if (i >= size) return;
        results[i] = try_read(std::begin(pictures)[static_cast<std::ptrdiff_t>(i)], options);
      }
    };
    const std::size_t wanted =
        threads.count != 0 ? threads.count : std::thread::hardware_concurrency();
    {
      std::vector<Joining> others;
      try {
        while (others.size() + 1 < std::min(std::max<std::size_t>(wanted, 1), size))
          others.emplace_back(work);
      } catch (const std::system_error&) {
        // No more threads are to be had; those that there are read all.
      }
      work();
    }
    results.erase(results.begin() + static_cast<std::ptrdiff_t>(std::min(next.load(), size)),
                  results.end());
    return results;
  }
  /// Reads many pictures, on several threads, to the end.
  template <typename Pictures>
  std::vector<Result<Reading>> read_all(const Pictures& pictures, const ReadOptions& options = {},
                                        Threads threads = {}) const {
    struct Never {
      static bool stop_requested() { return false; }
    };
    return read_all(pictures, options, threads, Never{});
  }

  /// Classifies a glyph (28, 28) as in MNIST, 0 paper to 255 ink.
  Probabilities classify(GlyphView glyph) const {
    Probabilities probabilities{};
    classify_batch(glyph, probabilities);
    return probabilities;
  }
  /// Classifies a glyph.
  Probabilities classify(const Glyph& glyph) const { return classify(GlyphView(glyph)); }
  /// Classifies a glyph in an array.
  Probabilities classify(const std::uint8_t (&glyph)[glyph_pixels]) const {
    return classify(GlyphView(glyph));
  }
  /// Classifies a glyph in a two-dimensional array.
  Probabilities classify(const std::uint8_t (&glyph)[glyph_side][glyph_side]) const {
    return classify(GlyphView(&glyph[0][0], glyph_pixels));
  }

  /// Classifies glyphs (n, 28, 28), and writes their probabilities (n, 10) to memory that the
  /// caller provides. Throws Error if the two sizes do not match.
  void classify_batch(std::span<const std::uint8_t> glyphs, std::span<float> probabilities) const {
    const std::size_t count = glyphs.size() / glyph_pixels;
    if (glyphs.size() % glyph_pixels != 0 || probabilities.size() != count * digit_count)
      throw Error("classify_batch: " + std::to_string(glyphs.size()) + " bytes of glyphs and " +
                      std::to_string(probabilities.size()) +
                      " probabilities, expected n * 784 and n * 10",
                  ErrorCode::invalid_argument);
    scrawl_error error = SCRAWL_ERROR;
    if (scrawl_classify(recognizer_.get(), glyphs.data(), count, probabilities.data(), &error) !=
        SCRAWL_OK)
      throw detail::to_error(error);
  }

 private:
  /// A std::jthread, which not every standard library has yet.
  class Joining {
   public:
    template <typename Work>
    explicit Joining(const Work& work) : thread_(work) {}
    Joining(Joining&&) = default;
    ~Joining() {
      if (thread_.joinable()) thread_.join();
    }

   private:
    std::thread thread_;
  };

  template <typename Read>
  static Result<Reading> finish(const Read& read, const ReadOptions& options) try {
    scrawl_error error = SCRAWL_ERROR;
    const scrawl_read_options c = detail::to_c(options);
    return detail::to_reading(read(&c, &error), error);
  } catch (const std::bad_alloc&) {
    return Error("out of memory", ErrorCode::out_of_memory);
  }

  std::shared_ptr<const scrawl_recognizer> recognizer_;
};

/// Draws a reading: the picture with a box around each digit and a base line through each line, and
/// below it each glyph with its confidence in percent. `reading` has to be a Recognizer's reading
/// of the same picture. Throws Error if it was not made by one, or if `view` is invalid.
inline Image explain(const ImageView& view, const Reading& reading) {
  scrawl_error error = SCRAWL_ERROR;
  const scrawl_view c = detail::to_c(view);
  scrawl_image* image = scrawl_explain(&c, reading.handle.get(), &error);
  if (image == nullptr) throw detail::to_error(error);
  return Image(image);
}

/// Version of the library that is running, such as "1.2.3". It may be newer than these headers.
inline std::string version() {
  return scrawl_version();
}

}  // namespace v0
}  // namespace scrawl
