// The core alone, on a machine that may be another: reads the pictures of a file of cases
// (prepare.cpp) and says where it reads anything else than was read there, how long a glyph and a
// picture take, and exits with 1 where it does. usage: core_read CASES
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "case_file.hpp"
#include "recognition/recognizer.hpp"

namespace {

/// By C's functions: there may be no file streams.
std::string read_whole(const char* name) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name, "rb"), std::fclose);
  if (!file) throw std::runtime_error(std::string(name) + " cannot be opened");
  std::string content;
  std::string part(1 << 16, '\0');
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file.get()))
    content.append(part, 0, size);
  return content;
}

double milliseconds(const std::chrono::steady_clock::time_point& begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

double milliseconds_a_glyph(const scrawl::Recognizer& recognizer) {
  constexpr int glyphs = 50;
  const scrawl::Glyph glyph{};
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < glyphs; ++i) recognizer.classify(glyph);
  return milliseconds(begin) / glyphs;
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) {
    std::fputs("usage: core_read CASES\n", stderr);
    return 2;
  }
  std::istringstream in(read_whole(arguments[1]));
  const scrawl::CoreCases all = scrawl::get_cases(in);
  const scrawl::Recognizer recognizer(all.model, all.page_reader);
  std::printf("%.2f ms a glyph\n", milliseconds_a_glyph(recognizer));
  int wrong = 0;
  for (const scrawl::CoreCase& one : all.cases) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string text = recognizer.read(one.picture).text;
    const bool same = text == one.text;
    if (!same) ++wrong;
    std::printf("%s: '%s' in %.0f ms%s%s%s\n", one.name.c_str(), text.c_str(), milliseconds(begin),
                same ? "" : ", expected '", same ? "" : one.text.c_str(), same ? "" : "'");
  }
  return all.cases.empty() || wrong > 0 ? 1 : 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
