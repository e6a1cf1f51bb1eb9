// Reads pictures from C++: read_picture 7.png ...
#include <exception>
#include <iostream>

#include <scrawl/recognizer.hpp>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: read_picture PICTURE...\n";
    return 2;
  }
  try {
    const scrawl::Recognizer recognizer;
    for (int i = 1; i < argc; ++i) {
      const scrawl::Reading reading = recognizer.read(scrawl::load_picture(argv[i]));
      std::cout << argv[i] << ": " << reading.text << " (" << reading.confidence << ")\n";
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
