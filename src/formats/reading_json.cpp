#include "formats/reading_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>

#include "files/base64.hpp"

namespace scrawl {

namespace {

nlohmann::json to_json(const Digit& digit, bool glyph) {
  nlohmann::json json = {{"digit", digit.digit},
                         {"confidence", digit.confidence},
                         {"box",
                          {{"x", digit.box.x},
                           {"y", digit.box.y},
                           {"width", digit.box.width},
                           {"height", digit.box.height}}},
                         {"handwritten", digit.handwritten},
                         {"probabilities", digit.probabilities}};
  if (glyph) json["glyph"] = to_base64(std::as_bytes(std::span(digit.glyph)));
  return json;
}

}  // namespace

nlohmann::json to_json(const Answer& answer, bool glyphs) {
  if (!answer.error.empty() && answer.reading.digits.empty())
    return {{"file", answer.file}, {"error", answer.error}};
  nlohmann::json digits = nlohmann::json::array();
  for (const Digit& digit : answer.reading.digits) digits.push_back(to_json(digit, glyphs));
  nlohmann::json json = {{"file", answer.file},
                         {"text", answer.reading.text},
                         {"confidence", answer.reading.confidence},
                         {"digits", digits}};
  if (!answer.error.empty()) json["error"] = answer.error;
  if (!answer.warning.empty()) json["warning"] = answer.warning;
  return json;
}

std::string what_is_missing(const Reading& reading, const ReadOptions& options) {
  const std::size_t found = reading.digits.size();
  if (found == 0 || options.digits == 0 || found == options.digits) return "";
  return fmt::format("{} digits were asked for, but there is ink for {} alone", options.digits,
                     found);
}

std::string dump(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace scrawl
