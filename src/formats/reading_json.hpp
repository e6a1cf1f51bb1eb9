// What a picture says, as the JSON that `scrawl read --json` prints and the server answers.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "recognition/recognizer.hpp"

namespace scrawl {

/// What one picture says, or why nothing could be read.
struct Answer {
  std::string file;
  Reading reading;
  std::string error;    ///< empty: none
  std::string warning;  ///< what was read is not all that was asked for; empty: it is
};

/// file, text, confidence, digits: an array of digit, confidence, box, probabilities; or file and
/// error; warning where there is one. With `glyphs`, each digit's glyph too: its 784 bytes in
/// base64.
nlohmann::json to_json(const Answer& answer, bool glyphs = false);

/// Empty, unless other than options.digits were found, but some.
std::string what_is_missing(const Reading& reading, const ReadOptions& options);

/// JSON as text; indent -1: on one line. File names need not be UTF-8, JSON has to be.
std::string dump(const nlohmann::json& json, int indent = -1);

}  // namespace scrawl
