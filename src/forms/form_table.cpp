#include "forms/form_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>

#include "decoding/write_png.hpp"
#include "files/base64.hpp"
#include "formats/reading_json.hpp"

namespace scrawl {

namespace {

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

nlohmann::json to_json(const Field& field, const FieldReading& reading, const FormJson& what) {
  nlohmann::json corners = nlohmann::json::array();
  for (const PagePoint& corner : reading.corners) corners.push_back({corner.x, corner.y});
  Answer answer;
  answer.reading.digits = reading.digits;
  nlohmann::json json = {{"name", field.name},
                         {"text", reading.text},
                         {"state", to_string(reading.state)},
                         {"confidence", reading.confidence},
                         {"corners", std::move(corners)},
                         {"digits", to_json(answer, what.glyphs)["digits"]}};
  if (!reading.reason.empty()) json["reason"] = reading.reason;
  if (what.pictures) json["picture"] = to_base64(format_png(as_picture(reading.picture)));
  return json;
}

}  // namespace

std::string csv_header(const Form& form) {
  std::string line = file_column;
  for (const Field& field : form.fields) line += fmt::format(",{}", csv_cell(field.name));
  for (const Field& field : form.fields)
    line += fmt::format(",{},{}", csv_cell(field.name + state_suffix),
                        csv_cell(field.name + confidence_suffix));
  return line + "\n";
}

std::string csv_row(const Form& form, const FormRow& row) {
  std::string line = csv_cell(row.file);
  if (!row.error.empty()) return line + std::string(3 * form.fields.size(), ',') + "\n";
  for (const FieldReading& field : row.reading.fields)
    line += fmt::format(",{}", csv_cell(field.text));
  for (const FieldReading& field : row.reading.fields)
    line += fmt::format(",{},{:.4f}", to_string(field.state), field.confidence);
  return line + "\n";
}

nlohmann::json to_json(const Form& form, const FormRow& row, const FormJson& what) {
  if (!row.error.empty()) return {{"file", row.file}, {"error", row.error}};
  nlohmann::json fields = nlohmann::json::array();
  for (std::size_t i = 0; i < form.fields.size(); ++i)
    fields.push_back(to_json(form.fields[i], row.reading.fields[i], what));
  nlohmann::json json = {{"file", row.file}, {"fields", std::move(fields)}};
  if (const auto& found = row.reading.registration) {
    json["agreement"] = found->agreement;
    json["turn"] = found->to_scan.turn();
    json["scale"] = found->to_scan.scale();
  }
  return json;
}

}  // namespace scrawl
