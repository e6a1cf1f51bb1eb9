#include "server/parameters.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "files/base64.hpp"
#include "files/excerpt.hpp"
#include "files/number_of_json.hpp"
#include "files/number_of_text.hpp"
#include "formats/reading_json.hpp"

namespace scrawl {

namespace {

constexpr std::size_t longest_json = 65536;  // bytes
constexpr std::size_t deepest_json = 16;     // arrays and objects in one another

/// A number in the query, or `missing` when it is not there.
template <typename Number>
Number query_number(const Request& request, const std::string& name, Number least, Number most,
                    Number missing) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return missing;
  const auto value = number_of_text<Number>(found->second, least, most);
  if (!value)
    throw HttpError(400, fmt::format("query: {} is '{}', expected {} to {}", name,
                                     excerpt(found->second), least, most));
  return *value;
}

/// How many arrays and objects are in one another in the text, up to `most` and one more. What is
/// no JSON has some depth too.
std::size_t json_depth(std::string_view text, std::size_t most) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size() && deepest <= most; ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\') ++i;
    if (quoted) continue;
    if (text[i] == '[' || text[i] == '{') deepest = std::max(deepest, ++depth);
    if ((text[i] == ']' || text[i] == '}') && depth > 0) --depth;
  }
  return deepest;
}

}  // namespace

void refuse_unknown(const Request& request, const std::set<std::string>& known) {
  for (const auto& [name, value] : request.query) {
    if (!known.contains(name))
      throw HttpError(400,
                      fmt::format("query: '{}' is not known here; expected {}", excerpt(name),
                                  known.empty() ? "none" : fmt::to_string(fmt::join(known, ", "))));
  }
}

ReadOptions read_options(const Request& request) {
  ReadOptions options;
  if (const auto found = request.query.find("layout"); found != request.query.end()) {
    if (found->second == "line")
      options.layout = Layout::line;
    else if (found->second == "one")
      options.layout = Layout::one;
    else if (found->second != "page")
      throw HttpError(400, fmt::format("query: layout is '{}', expected page, line or one",
                                       excerpt(found->second)));
  }
  options.digits = query_number<std::size_t>(request, "digits", 0, max_read_digits, 0);
  options.min_confidence = query_number<float>(request, "min_confidence", 0, 1, 0);
  options.signs = query_flag(request, "signs");
  options.handwritten = query_flag(request, "handwritten");
  if (const auto found = request.query.find("turn");
      found != request.query.end() && found->second != "auto") {
    const auto degrees = number_of_text<int>(found->second, 0, 270);
    const auto turn = degrees ? to_turn(*degrees) : std::nullopt;
    if (!turn)
      throw HttpError(400, fmt::format("query: turn is '{}', expected auto, 0, 90, 180 or 270",
                                       excerpt(found->second)));
    options.turn = *turn;
  }
  if (options.layout == Layout::one && options.digits > 1)
    throw HttpError(400, "query: layout=one is one digit, digits asks for more; leave one out");
  return options;
}

bool query_flag(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second == "false") return false;
  if (found->second == "true" || found->second.empty()) return true;
  throw HttpError(
      400, fmt::format("query: {} is '{}', expected true or false", name, excerpt(found->second)));
}

std::size_t query_count(const Request& request, const std::string& name, std::size_t least,
                        std::size_t most, std::size_t missing) {
  return query_number<std::size_t>(request, name, least, most, missing);
}

std::optional<int> query_digit(const Request& request, const std::string& name) {
  const int digit = query_number<int>(request, name, 0, 9, -1);
  return digit < 0 ? std::nullopt : std::optional(digit);
}

nlohmann::json parse_json(const std::string& body) {
  if (body.size() > longest_json)
    throw HttpError(413, fmt::format("body: {} bytes of JSON; at most {} are taken", body.size(),
                                     longest_json));
  // nlohmann-json could check the depth itself, by a callback; but then it goes over all of an
  // array for each object in it.
  if (json_depth(body, deepest_json) > deepest_json)
    throw HttpError(400, fmt::format("body: JSON of more than {} arrays and objects in one another",
                                     deepest_json));
  nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) throw HttpError(400, "body: expected a JSON object");
  return json;
}

int json_number(const nlohmann::json& json, const char* name, int least, int most,
                std::optional<int> missing) {
  const auto found = json.find(name);
  if (found == json.end() && missing) return *missing;
  const auto number = found == json.end() ? std::nullopt : number_of_json<int>(*found, least, most);
  if (!number)
    throw HttpError(
        400, fmt::format("body: {}: found {}, expected {} to {}", name,
                         found == json.end() ? "nothing" : excerpt(dump(*found)), least, most));
  return *number;
}

Glyph json_glyph(const nlohmann::json& json) {
  const auto found = json.find("glyph");
  std::optional<std::vector<std::byte>> bytes;
  if (found != json.end() && found->is_string())
    bytes = from_base64(found->get_ref<const std::string&>());
  if (!bytes || bytes->size() != glyph_pixels)
    throw HttpError(400, "body: glyph: expected 784 bytes, 28x28, in base64");
  Glyph glyph;
  std::ranges::transform(*bytes, glyph.begin(),
                         [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return glyph;
}

}  // namespace scrawl
