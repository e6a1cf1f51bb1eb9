// Reads a picture with a model of one's own: own_model MODEL.safetensors PICTURE
#include <iostream>

#include <scrawl/recognizer.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) throw scrawl::Error("usage: own_model MODEL.safetensors PICTURE");
  const scrawl::Recognizer recognizer({.model_file = argv[1]});
  std::cout << recognizer.read(argv[2], {.min_confidence = 0.5}).text << '\n';
} catch (const scrawl::Error& error) {
  std::cerr << error.what() << '\n';
  return error.code() == scrawl::ErrorCode::not_found ? 2 : 1;
}
