// A reading as the JSON that formats/reading_json.hpp makes, without the library for it, which
// would be larger than all of the core.
#pragma once

#include <string>

#include "recognition/recognizer.hpp"

namespace scrawl {

/// text, confidence, digits, each with its glyph in base64, as POST /v1/read?glyphs=true answers.
std::string reading_json(const Reading& reading);

}  // namespace scrawl
