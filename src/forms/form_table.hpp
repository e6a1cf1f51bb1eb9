// Readings of forms as a table for a spreadsheet, and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "forms/read_form.hpp"

namespace scrawl {

/// One page of a form, or why it could not be read.
struct FormRow {
  std::string file;
  FormReading reading;
  std::string error;  ///< empty: none
};

/// The header: file; a column for each field; then for each its state and its confidence. As
/// RFC 4180 has it, but with bare newlines.
std::string csv_header(const Form& form);

/// A row; empty behind the file where there is an error.
std::string csv_row(const Form& form, const FormRow& row);

struct FormJson {
  bool pictures = false;  ///< each field's picture, a PNG in base64
  bool glyphs = false;    ///< each digit's glyph
};

/// file, fields: name, text, state, confidence, reason, corners, digits; agreement, turn, scale
/// where the form has a reference; or file and error.
nlohmann::json to_json(const Form& form, const FormRow& row, const FormJson& what = {});

}  // namespace scrawl
