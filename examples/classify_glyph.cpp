// Classifies a glyph as MNIST has them, and shows the three most probable digits.
#include <iostream>

#include <scrawl/recognizer.hpp>

int main() {
  std::uint8_t glyph[28][28] = {};  // 0 paper to 255 ink
  for (int y = 4; y < 24; ++y)
    for (int x = 13; x < 16; ++x) glyph[y][x] = 255;
  scrawl::Digit digit;
  digit.probabilities = scrawl::Recognizer().classify(glyph);
  for (const int value : digit.top(3))
    std::cout << value << ": " << digit.probabilities[static_cast<std::size_t>(value)] << '\n';
}
