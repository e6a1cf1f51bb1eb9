// What a request asks for: its query, and its body where that is JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>

#include <scrawl/glyph.hpp>

#include "recognition/recognizer.hpp"
#include "server/http.hpp"

// All throw HttpError, mostly 400, which says what was found and what was expected.
namespace scrawl {

/// Throws when the query has a name that is not among those `known`.
void refuse_unknown(const Request& request, const std::set<std::string>& known);

/// `layout`, `digits`, `min_confidence`, `signs`, `handwritten` and `turn` of the query.
ReadOptions read_options(const Request& request);

/// true, false, or a name without a value: true. False when the query does not have it.
bool query_flag(const Request& request, const std::string& name);

/// A whole number in the query, `missing` when it is not there.
std::size_t query_count(const Request& request, const std::string& name, std::size_t least,
                        std::size_t most, std::size_t missing);

/// A digit in the query; nothing when it is not there.
std::optional<int> query_digit(const Request& request, const std::string& name);

/// A JSON object. Bounded before and while it is parsed (else 413): a value takes many times the
/// bytes of its text.
nlohmann::json parse_json(const std::string& body);

/// A whole number of a JSON object from `least` to `most`, or `missing` when it is not there.
int json_number(const nlohmann::json& json, const char* name, int least, int most,
                std::optional<int> missing = {});

/// `glyph` of a JSON object: 784 bytes in base64.
Glyph json_glyph(const nlohmann::json& json);

}  // namespace scrawl
