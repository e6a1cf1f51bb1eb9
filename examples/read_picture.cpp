// Reads pictures from C++: read_picture model.safetensors 7.png ...
#include <exception>
#include <iostream>

#include <scrawl/recognizer.hpp>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: read_picture MODEL PICTURE...\n";
    return 2;
  }
  try {
    const scrawl::Recognizer recognizer(scrawl::load_model(argv[1]));
    for (int i = 2; i < argc; ++i) {
      const scrawl::Reading reading = recognizer.read(scrawl::load_picture(argv[i]));
      std::cout << argv[i] << ": " << reading.text << " (" << reading.confidence << ")\n";
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
