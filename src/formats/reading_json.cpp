#include "formats/reading_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

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

nlohmann::json to_json(const Table& table) {
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t row = 0; row < table.size.rows; ++row) {
    nlohmann::json cells = nlohmann::json::array();
    for (std::size_t column = 0; column < table.size.columns; ++column) {
      const TableCell& cell = table.at(row, column);
      cells.push_back({{"text", cell.text}, {"confidence", cell.confidence}});
    }
    rows.push_back(std::move(cells));
  }
  return {{"rows", table.size.rows}, {"columns", table.size.columns}, {"cells", std::move(rows)}};
}

/// In quotes where it has to be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + '"';
}

}  // namespace

std::string to_csv(const Table& table, const std::string& name) {
  std::string csv;
  for (std::size_t row = 0; row < table.size.rows; ++row) {
    if (!name.empty()) csv += csv_field(name) + ',';
    for (std::size_t column = 0; column < table.size.columns; ++column) {
      if (column > 0) csv += ',';
      csv += csv_field(table.at(row, column).text);
    }
    csv += '\n';
  }
  return csv;
}

nlohmann::json to_json(const Answer& answer, bool glyphs) {
  nlohmann::json json = {{"file", answer.file}};
  if (answer.pages > 1) {
    json["page"] = answer.page;
    json["pages"] = answer.pages;
  }
  if (!answer.error.empty() && answer.reading.digits.empty()) {
    json["error"] = answer.error;
    return json;
  }
  nlohmann::json digits = nlohmann::json::array();
  for (const Digit& digit : answer.reading.digits) digits.push_back(to_json(digit, glyphs));
  json["text"] = answer.reading.text;
  json["confidence"] = answer.reading.confidence;
  if (answer.reading.turn != Turn::none) json["turn"] = degrees_of(answer.reading.turn);
  json["digits"] = std::move(digits);
  if (answer.table) json["table"] = to_json(*answer.table);
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
