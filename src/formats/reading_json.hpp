// What a picture says, as the JSON that `scrawl read --json` prints and the server answers.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "recognition/recognizer.hpp"
#include "recognition/table.hpp"

namespace scrawl {

/// What one picture says, or why nothing could be read.
struct Answer {
  std::string file;
  Reading reading;
  std::string error;                ///< empty: none
  std::string warning;              ///< what was read is not all that was asked for; empty: it is
  std::size_t page = 1;             ///< of the file, from 1
  std::size_t pages = 1;            ///< that the file has
  std::optional<Table> table = {};  ///< of a reading that was asked for as one
};

/// file, text, confidence, digits: an array of digit, confidence, box, probabilities; or file and
/// error; warning where there is one; page and pages where the file has several;
/// turn where the picture was turned; table where there is one: rows and columns, and cells, an
/// array of rows, which are arrays of text and confidence. With `glyphs`, each digit's glyph too:
/// its 784 bytes in base64.
nlohmann::json to_json(const Answer& answer, bool glyphs = false);

/// A table as CSV (RFC 4180): a line for each row, with `name`, where it is not empty, before its
/// cells.
std::string to_csv(const Table& table, const std::string& name = "");

/// Empty, unless other than options.digits were found, but some.
std::string what_is_missing(const Reading& reading, const ReadOptions& options);

/// JSON as text; indent -1: on one line. File names need not be UTF-8, JSON has to be.
std::string dump(const nlohmann::json& json, int indent = -1);

}  // namespace scrawl
