// Writes a file of cases for the core's trial: the built-in model, and pictures with what this
// build reads in them. usage: core_prepare CASES PICTURE...
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "case_file.hpp"
#include "recognition/recognizer.hpp"

int main(int count, char** arguments) try {
  using namespace scrawl;
  if (count < 3) {
    std::fputs("usage: core_prepare CASES PICTURE...\n", stderr);
    return 2;
  }
  CoreCases all{default_model(), default_page_reader(), {}};
  const Recognizer recognizer(all.model, all.page_reader);
  for (int i = 2; i < count; ++i) {
    const std::filesystem::path file = arguments[i];
    Picture picture = load_picture(file);
    std::string text = recognizer.read(picture).text;
    all.cases.push_back({file.filename(), std::move(picture), std::move(text)});
  }
  std::ofstream out(arguments[1], std::ios::binary);
  put(out, all);
  out.close();
  return out ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
