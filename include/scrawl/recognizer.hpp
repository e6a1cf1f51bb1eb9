// Reads pictures: the class that most programs need, and the only one.
//
//     const scrawl::Recognizer recognizer;
//     std::cout << recognizer.read("7.png").text << '\n';
//
// All of it stands in this header and those that it includes, on top of <scrawl/scrawl.h>: whatever
// compiler, standard library and debug mode the program is built with, the library fits.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
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

struct RecognizerOptions {
  std::filesystem::path model_file{};  ///< a .safetensors file; empty: the built-in model
  std::span<const std::byte> model{};  ///< the bytes of one, instead
  std::span<const std::byte>
      page_reader{};  ///< of a network that finds digits; empty: the built-in
  bool f32 = false;   ///< multiply in f32: slower, and the same on all CPUs but for the last bits
};

/// How many pictures are read at once; 0: as many as there are cores.
struct Threads {
  std::size_t count = 0;
};

namespace detail {

inline scrawl_read_options to_c(const ReadOptions& options) {
  scrawl_read_options c = SCRAWL_READ_OPTIONS;
  c.layout = static_cast<int>(options.layout);
  c.digits = options.digits;
  c.min_confidence = options.min_confidence;
  c.signs = options.signs ? 1 : 0;
  c.handwritten = options.handwritten ? 1 : 0;
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

/// Models, compiled for this machine. All members are const and safe to call from several threads
/// at once. Copies share what was compiled, and so cost nothing; to move is to copy, so that what
/// was moved from still reads. Functions named try_... return errors, the others throw them; both
/// say invalid_argument where an option cannot be.
class Recognizer {
 public:
  /// Reads with the built-in models. Takes some 20 ms.
  Recognizer() : Recognizer(RecognizerOptions{}) {}

  /// Throws Error: not_found, or invalid_input when a file or bytes are not a model of its kind.
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

  Recognizer(const Recognizer&) = default;
  Recognizer& operator=(const Recognizer&) = default;

  /// Reads pixels that somebody else owns. No digits where none are seen, which is no error.
  Reading read(const ImageView& view, const ReadOptions& options = {}) const {
    return try_read(view, options).value();
  }
  Result<Reading> try_read(const ImageView& view, const ReadOptions& options = {}) const {
    const scrawl_view c = detail::to_c(view);
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read(recognizer_.get(), &c, asked, error);
        },
        options);
  }

  /// Reads a picture that is decoded already.
  Reading read(const Image& image, const ReadOptions& options = {}) const {
    return try_read(image, options).value();
  }
  Result<Reading> try_read(const Image& image, const ReadOptions& options = {}) const {
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read_image(recognizer_.get(), image.handle(), asked, error);
        },
        options);
  }

  /// Decodes and reads a picture's file. Throws Error as Image::load() does. Needs
  /// scrawl::decoding, as does the next one.
  Reading read(const std::filesystem::path& file, const ReadOptions& options = {}) const {
    return try_read(file, options).value();
  }
  Result<Reading> try_read(const std::filesystem::path& file,
                           const ReadOptions& options = {}) const {
    const std::string name = file.string();
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read_file(recognizer_.get(), name.c_str(), asked, error);
        },
        options);
  }

  /// The same from the file's bytes.
  Reading read(std::span<const std::byte> bytes, const ReadOptions& options = {}) const {
    return try_read(bytes, options).value();
  }
  Result<Reading> try_read(std::span<const std::byte> bytes,
                           const ReadOptions& options = {}) const {
    return finish(
        [&](const scrawl_read_options* asked, scrawl_error* error) {
          return scrawl_read_memory(recognizer_.get(), bytes.data(), bytes.size(), asked, error);
        },
        options);
  }

  /// Reads each of `pictures`, a random-access range of paths, views or images, several at once;
  /// results are in their order. Where `stop`, such as a std::stop_token, says stop_requested(),
  /// no further picture is begun, and what is then missing at the end is left out.
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
      while (others.size() + 1 < std::min(std::max<std::size_t>(wanted, 1), size))
        others.emplace_back(work);
      work();
    }
    results.erase(results.begin() + static_cast<std::ptrdiff_t>(std::min(next.load(), size)),
                  results.end());
    return results;
  }
  template <typename Pictures>
  std::vector<Result<Reading>> read_all(const Pictures& pictures, const ReadOptions& options = {},
                                        Threads threads = {}) const {
    struct Never {
      static bool stop_requested() { return false; }
    };
    return read_all(pictures, options, threads, Never{});
  }

  /// The probabilities of a glyph as MNIST has them: (28, 28), 0 paper to 255 ink.
  Probabilities classify(GlyphView glyph) const {
    Probabilities probabilities{};
    classify_batch(glyph, probabilities);
    return probabilities;
  }
  Probabilities classify(const Glyph& glyph) const { return classify(GlyphView(glyph)); }
  Probabilities classify(const std::uint8_t (&glyph)[glyph_pixels]) const {
    return classify(GlyphView(glyph));
  }
  Probabilities classify(const std::uint8_t (&glyph)[glyph_side][glyph_side]) const {
    return classify(GlyphView(&glyph[0][0], glyph_pixels));
  }

  /// glyphs (n, 28, 28) -> probabilities (n, 10), into memory of the caller's. Throws Error where
  /// the sizes do not fit one another.
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
  static Result<Reading> finish(const Read& read, const ReadOptions& options) {
    scrawl_error error = SCRAWL_ERROR;
    const scrawl_read_options c = detail::to_c(options);
    return detail::to_reading(read(&c, &error), error);
  }

  std::shared_ptr<const scrawl_recognizer> recognizer_;
};

/// What was read, to be looked at: the picture with a box around each digit, a base line through
/// each line, and below it each glyph with its confidence in percent. `reading` is one that a
/// Recognizer gave, of this picture.
inline Image explain(const ImageView& view, const Reading& reading) {
  scrawl_error error = SCRAWL_ERROR;
  const scrawl_view c = detail::to_c(view);
  scrawl_image* image = scrawl_explain(&c, reading.handle.get(), &error);
  if (image == nullptr) throw detail::to_error(error);
  return Image(image);
}

/// Of the library that is running, which may be newer than these headers: "1.2.3".
inline std::string version() {
  return scrawl_version();
}

}  // namespace v0
}  // namespace scrawl
