#include "web_assembly/reading_json.hpp"

#include <fmt/format.h>
#include <iterator>
#include <span>

#include "files/base64.hpp"

namespace scrawl {

namespace {

/// Digits, spaces and newlines are all that a text is made of.
std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char letter : text) {
    if (letter == '\n')
      json += "\\n";
    else
      json += letter;
  }
  return json += '"';
}

void put(std::string& json, const Digit& digit) {
  fmt::format_to(std::back_inserter(json),
                 R"({{"digit":{},"confidence":{},"box":{{"x":{},"y":{},"width":{},"height":{}}},)"
                 R"("handwritten":{},"probabilities":[{}],"glyph":"{}"}})",
                 digit.digit, digit.confidence, digit.box.x, digit.box.y, digit.box.width,
                 digit.box.height, digit.handwritten, fmt::join(digit.probabilities, ","),
                 to_base64(std::as_bytes(std::span(digit.glyph))));
}

}  // namespace

std::string reading_json(const Reading& reading) {
  std::string json = fmt::format(R"({{"text":{},"confidence":{},"digits":[)", quoted(reading.text),
                                 reading.confidence);
  for (const Digit& digit : reading.digits) {
    if (&digit != reading.digits.data()) json += ',';
    put(json, digit);
  }
  return json += "]}";
}

}  // namespace scrawl
