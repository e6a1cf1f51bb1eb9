// Trains a little, and reads with what was trained.
#include <cstdio>
#include <filesystem>
#include <iostream>

#include <scrawl/model.hpp>
#include <scrawl/recognizer.hpp>
#include <scrawl/training.hpp>

int main() {
  scrawl::Dataset glyphs;  // squares of ink, which are nothing
  for (int i = 0; i < 256; ++i) {
    glyphs.labels.push_back(static_cast<std::uint8_t>(i % 10));
    for (std::size_t at = 0; at < scrawl::glyph_pixels; ++at)
      glyphs.images.push_back(static_cast<std::uint8_t>(at % 28 < 8 + 2 * (i % 10) ? 255 : 0));
  }
  scrawl::TrainingOptions options;
  options.epochs = 1;
  options.validation = 56;
  const auto trained = scrawl::train(glyphs, scrawl::parse_architecture("dense 10"), options);
  const std::filesystem::path file = "train_and_read.safetensors";
  scrawl::save_model(*trained.best, file);
  const scrawl::Recognizer recognizer({.model_file = file});
  std::filesystem::remove(file);
  try {
    std::cout << recognizer.classify(scrawl::Glyph{}).size() << '\n';
    static_cast<void>(scrawl::load_model("nowhere.safetensors"));
  } catch (const scrawl::Error& error) {  // one kind of error, of both libraries
    std::cout << error.what() << '\n';
  }
}
