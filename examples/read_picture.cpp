// Reads pictures from C++: read_picture 7.png ...
#include <iostream>

#include <scrawl/recognizer.hpp>

int main(int argc, char** argv) {
  try {
    const scrawl::Recognizer recognizer;
    for (int i = 1; i < argc; ++i) {
      const scrawl::Reading reading = recognizer.read(argv[i]);
      std::cout << argv[i] << ": " << reading.text << " (" << reading.confidence << ")\n";
    }
  } catch (const scrawl::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
