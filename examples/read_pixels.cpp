// Reads pixels that a program has: here a drawn 1, else those of a camera, OpenCV or Qt.
#include <iostream>

#include <scrawl/recognizer.hpp>

int main() {
  std::vector<std::uint8_t> pixels(80 * 60, 250);  // (height, width), 0 black to 255 white
  for (std::size_t y = 10; y < 50; ++y)
    for (std::size_t x = 38; x < 43; ++x) pixels[y * 80 + x] = 20;
  const scrawl::ImageView view{.pixels = pixels.data(), .width = 80, .height = 60};
  for (const scrawl::Digit& digit : scrawl::Recognizer().read(view).digits)
    std::cout << digit.value << " at " << digit.box.x << ", " << digit.box.y << '\n';
}
