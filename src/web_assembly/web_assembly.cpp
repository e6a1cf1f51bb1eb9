// The core for a WebAssembly host: pixels in, the reading as JSON out. web/recognizer.js calls it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/model.hpp>

#include "decoding/alpha.hpp"
#include "network/weights.hpp"
#include "picture/picture.hpp"
#include "recognition/recognizer.hpp"
#include "web_assembly/reading_json.hpp"

#define SCRAWL_FOR_THE_HOST(name) __attribute__((export_name(#name)))

namespace scrawl {

namespace {

char* copy_of(const std::string& text) {
  char* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

/// Takes the picture.
char* read_as(Layout layout, const Recognizer& recognizer, Picture* picture) {
  const std::unique_ptr<Picture> taken(picture);
  lay_over_background(taken->pixels);
  ReadOptions options;
  options.layout = layout;
  options.turn = Turn::none;  // to look at the other ways up too takes time, and the page draws
  return copy_of(reading_json(recognizer.read(*taken, options)));
}

}  // namespace

/// The names of an architecture's weights, each with a newline behind it, in the order in which
/// make_model takes them. The text ends with a 0; free() it.
SCRAWL_FOR_THE_HOST(weight_names)
char* weight_names(const char* architecture, std::size_t length) {
  std::string names;
  for (const Tensor& tensor : weight_shapes(parse_architecture({architecture, length})))
    names += tensor.name + '\n';
  return copy_of(names);
}

/// A model of an architecture as text, and all its weights one after the other. The caller owns it
/// until it is given to make_recognizer.
SCRAWL_FOR_THE_HOST(make_model)
Model* make_model(const char* architecture, std::size_t length, float mean, float std,
                  float temperature, const float* weights, std::size_t count) {
  auto model = std::make_unique<Model>();
  model->architecture = parse_architecture(std::string_view(architecture, length));
  model->normalization = {mean, std};
  model->temperature = temperature;
  model->weights = weight_shapes(model->architecture);
  for (Tensor& tensor : model->weights) {
    const std::size_t size = element_count(tensor);
    if (size > count) throw std::invalid_argument("the model has fewer weights than its layers");
    tensor.values.assign(weights, weights + size);
    weights += size;
    count -= size;
  }
  if (count > 0) throw std::invalid_argument("the model has more weights than its layers");
  return model.release();
}

/// Takes both models.
SCRAWL_FOR_THE_HOST(make_recognizer)
Recognizer* make_recognizer(Model* model, Model* page_reader) {
  const std::unique_ptr<Model> first(model);
  const std::unique_ptr<Model> second(page_reader);
  return std::make_unique<Recognizer>(*first, *second).release();
}

/// A picture to be filled: (height, width, red green blue alpha).
SCRAWL_FOR_THE_HOST(make_picture)
Picture* make_picture(std::size_t width, std::size_t height) {
  if (width == 0 || height == 0 || width > max_picture_pixels / height)
    throw std::invalid_argument("a picture of no pixels, or of too many");
  auto picture = std::make_unique<Picture>();
  picture->width = static_cast<int>(width);
  picture->height = static_cast<int>(height);
  picture->channels = 3;
  picture->pixels.resize(width * height * 4);
  return picture.release();
}

SCRAWL_FOR_THE_HOST(pixels_of) std::uint8_t* pixels_of(Picture* picture) {
  return picture->pixels.data();
}

/// Takes the picture. The text ends with a 0; free() it.
SCRAWL_FOR_THE_HOST(read) char* read(const Recognizer* recognizer, Picture* picture) {
  return read_as(Layout::page, *recognizer, picture);
}

/// The same of a picture of one digit.
SCRAWL_FOR_THE_HOST(read_one) char* read_one(const Recognizer* recognizer, Picture* picture) {
  return read_as(Layout::one, *recognizer, picture);
}

/// `glyph` (28, 28); `probabilities` (10).
SCRAWL_FOR_THE_HOST(classify)
void classify(const Recognizer* recognizer, const std::uint8_t* glyph, float* probabilities) {
  std::ranges::copy(recognizer->classify(GlyphView(glyph, glyph_pixels)), probabilities);
}

}  // namespace scrawl
