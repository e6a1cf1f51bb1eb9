// The C++ layer of reading, as a program of any compiler, standard library and debug mode has it:
// nothing but the standard library is used here. Each check says on its own line what failed.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <scrawl/recognizer.hpp>
#include <scrawl/version.hpp>

namespace {

int failures = 0;

void check(bool holds, const char* what, int line) {
  if (holds) return;
  std::cerr << "line " << line << ": not so: " << what << '\n';
  ++failures;
}

#define CHECK(...) check((__VA_ARGS__), #__VA_ARGS__, __LINE__)

template <typename Call>
bool throws(scrawl::ErrorCode code, const std::string& part, const Call& call) {
  try {
    call();
  } catch (const scrawl::Error& error) {
    return error.code() == code && std::string(error.what()).find(part) != std::string::npos;
  }
  return false;
}

const std::string pictures = SCRAWL_SOURCE "/examples/pictures/";
const std::string seven = pictures + "7-mnist.png";
const std::string page = pictures + "2026-squared-paper.jpg";

std::vector<std::byte> content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

void reads_what_there_is(const scrawl::Recognizer& recognizer) {
  const scrawl::Image image = scrawl::Image::load(seven);
  CHECK(recognizer.read(seven).text == "7");
  CHECK(recognizer.read("" SCRAWL_SOURCE "/examples/pictures/7-mnist.png").text == "7");
  CHECK(recognizer.read(content_of(seven)).text == "7");
  CHECK(recognizer.read(image).text == "7");
  CHECK(recognizer.read(image.view()).text == "7");
  const scrawl::Digit digit = recognizer.read(seven).digits.at(0);
  CHECK(digit.value == 7 && digit.confidence == digit.probabilities[7]);
  CHECK(digit.top(3).size() == 3 && digit.top(3)[0] == 7 && digit.top(99).size() == 10);
  CHECK(digit.box.width > 0 && digit.box.height > 0);
}

void reads_lines(const scrawl::Recognizer& recognizer) {
  const scrawl::Reading reading = recognizer.read(page);
  CHECK(reading.text == "2026 11\n31415926\n718 28");
  CHECK(reading.lines.size() == 3 && reading.lines[1].text == "31415926");
  CHECK(reading.lines[1].offset == 8 && reading.lines[1].first == 6 && reading.lines[1].count == 8);
  for (const scrawl::Digit& digit : reading.digits)
    CHECK(reading.text.at(digit.offset) == static_cast<char>('0' + digit.value));
}

void says_what_is_wrong(const scrawl::Recognizer& recognizer) {
  using scrawl::ErrorCode;
  CHECK(throws(ErrorCode::not_found, "nowhere.png", [&] { recognizer.read("nowhere.png"); }));
  CHECK(throws(ErrorCode::not_found, "nowhere.png", [] { scrawl::Image::load("nowhere.png"); }));
  CHECK(throws(ErrorCode::invalid_argument, "NULL", [&] { recognizer.read(scrawl::ImageView{}); }));
  CHECK(throws(ErrorCode::invalid_argument, "digits",
               [&] { recognizer.read(seven, {.digits = 5000}); }));
  CHECK(throws(ErrorCode::not_found, "m.safetensors",
               [] { scrawl::Recognizer({.model_file = "/nowhere/m.safetensors"}); }));
  CHECK(throws(ErrorCode::invalid_input, "", [] {
    const std::array<std::byte, 9> nonsense{};
    scrawl::Recognizer({.model = nonsense});
  }));
  const scrawl::Result<scrawl::Reading> failed = recognizer.try_read("nowhere.png");
  CHECK(!failed && failed.error() != nullptr && failed.error()->code() == ErrorCode::not_found);
  CHECK(throws(ErrorCode::not_found, "nowhere", [&] { static_cast<void>(failed.value()); }));
  const scrawl::Result<scrawl::Reading> well = recognizer.try_read(seven);
  CHECK(well && well.error() == nullptr && well->text == "7" && (*well).text == "7");
}

/// Says so after the first question.
struct StopAfterOne {
  mutable std::atomic<int> asked = 0;
  bool stop_requested() const { return asked.fetch_add(1) > 0; }
};

void reads_many_in_order(const scrawl::Recognizer& recognizer) {
  const std::vector<std::string> files{seven, "nowhere.png", page, seven, seven, seven, seven};
  for (const std::size_t threads : {0, 1, 3, 50}) {
    const auto results = recognizer.read_all(files, {}, {threads});
    CHECK(results.size() == files.size() && results[0]->text == "7" && !results[1]);
    CHECK(results[2]->lines.size() == 3);
  }
  CHECK(recognizer.read_all(std::vector<std::string>{}).empty());
  const auto stopped = recognizer.read_all(files, {}, {1}, StopAfterOne{});
  CHECK(stopped.size() == 1 && stopped[0]->text == "7");
}

void classifies(const scrawl::Recognizer& recognizer) {
  const scrawl::Glyph glyph = recognizer.read(seven).digits.at(0).glyph;
  std::uint8_t rows[28][28];
  std::uint8_t flat[784];
  std::copy(glyph.begin(), glyph.end(), &rows[0][0]);
  std::copy(glyph.begin(), glyph.end(), flat);
  const scrawl::Probabilities expected = recognizer.classify(glyph);
  CHECK(expected[7] > 0.5F);
  CHECK(recognizer.classify(rows) == expected && recognizer.classify(flat) == expected);
  std::vector<std::uint8_t> two(glyph.begin(), glyph.end());
  two.insert(two.end(), glyph.begin(), glyph.end());
  std::array<float, 20> probabilities{};
  recognizer.classify_batch(two, probabilities);
  CHECK(std::equal(expected.begin(), expected.end(), probabilities.begin() + 10));
  CHECK(throws(scrawl::ErrorCode::invalid_argument, "1568 bytes",
               [&] { recognizer.classify_batch(two, std::span(probabilities).first(19)); }));
}

void copies_and_moves(const scrawl::Recognizer& recognizer) {
  scrawl::Recognizer copy = recognizer;
  const scrawl::Recognizer moved = std::move(copy);
  CHECK(copy.read(seven).text == "7" &&
        moved.read(seven).text == "7");  // NOLINT(bugprone-use-after-move)
  static_assert(std::is_copy_assignable_v<scrawl::Recognizer>);
  scrawl::Image image = scrawl::Image::load(seven);
  const scrawl::Image other = image;
  CHECK(other.view().pixels == image.view().pixels);
}

void reads_with_ones_own_model(const std::string& model) {
  CHECK(scrawl::Recognizer({.model_file = model}).read(seven).text == "7");
  const std::vector<std::byte> bytes = content_of(model);
  CHECK(scrawl::Recognizer({.model = bytes, .f32 = true}).read(seven).text == "7");
}

void draws(const scrawl::Recognizer& recognizer) {
  const scrawl::Image image = scrawl::Image::load(page);
  const scrawl::Image drawn = scrawl::explain(image.view(), recognizer.read(image));
  CHECK(drawn.view().format == scrawl::PixelFormat::rgb && drawn.view().width > 100);
  std::ostringstream name;
  name << "cpp_interface_test_" << &drawn << ".png";
  const std::filesystem::path file = std::filesystem::temp_directory_path() / name.str();
  scrawl::save_png(drawn.view(), file);
  CHECK(scrawl::Image::load(file).view().height == drawn.view().height);
  std::filesystem::remove(file);
  CHECK(throws(scrawl::ErrorCode::invalid_input, "7-mnist.png/x.png: cannot write",
               [&] { scrawl::save_png(drawn.view(), std::filesystem::path(seven) / "x.png"); }));
}

}  // namespace

int main() {
  const scrawl::Recognizer recognizer;
  reads_what_there_is(recognizer);
  reads_lines(recognizer);
  says_what_is_wrong(recognizer);
  reads_many_in_order(recognizer);
  classifies(recognizer);
  copies_and_moves(recognizer);
  reads_with_ones_own_model(SCRAWL_SOURCE "/models/default.safetensors");
  draws(recognizer);
  const std::string version = std::to_string(SCRAWL_VERSION_MAJOR) + '.' +
                              std::to_string(SCRAWL_VERSION_MINOR) + '.' +
                              std::to_string(SCRAWL_VERSION_PATCH);
  CHECK(scrawl::version() == version);
  return failures == 0 ? 0 : 1;
}
