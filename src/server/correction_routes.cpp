// The user's corrections.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "files/base64.hpp"
#include "personalization/pictures_by_digit.hpp"
#include "picture/stop.hpp"
#include "server/api.hpp"
#include "server/parameters.hpp"
#include "server/pictures.hpp"

namespace scrawl {

namespace {

constexpr std::size_t usual_items = 200;  // of the collection, in one answer
constexpr std::size_t max_items = 2000;

nlohmann::json collection_json(const CollectionCounts& counts) {
  return {{"size", counts.size}, {"digits", counts.digits}};
}

/// Some corrections, in the order of their ids.
struct CollectionPage {
  std::vector<Correction> items;
  bool is_last;
};

/// The first `limit` behind the id `after`. Those of one id, which others have put there, are not
/// split.
CollectionPage page_of(const std::filesystem::path& folder, const std::string& after,
                       std::size_t limit) {
  std::vector<Correction> items = list_corrections(folder, after, limit + 1);
  if (items.size() <= limit) return {std::move(items), true};
  const auto rest = std::ranges::find(items, items[limit].id, &Correction::id);
  if (rest != items.begin()) items.erase(rest, items.end());
  return {std::move(items), false};
}

/// What `change` returns. Throws HttpError 507 where the disk will not have it, without saying
/// where on the disk that is.
template <typename Change>
auto change_collection(const Change& change) {
  try {
    return change();
  } catch (const std::filesystem::filesystem_error& error) {
    throw HttpError(507, "the collection cannot be changed: " + error.code().message());
  } catch (const Error& error) {
    throw HttpError(507, "the collection cannot be changed: " + without_folders(error.what()));
  }
}

/// The glyph and digit of a correction, sent as JSON or as a picture with ?digit.
std::pair<Glyph, int> correction_of(const Request& request, std::size_t max_pixels) {
  if (request.content_type.starts_with("application/json")) {
    refuse_unknown(request, {});
    const nlohmann::json json = parse_json(request.body);
    return {json_glyph(json), json_number(json, "digit", 0, 9)};
  }
  refuse_unknown(request, {"digit"});
  const std::optional<int> digit = query_digit(request, "digit");
  if (!digit) throw HttpError(400, "query: digit is missing: what does the picture show?");
  const auto found = find_glyph(decode_body(request.body, "body", max_pixels));
  if (!found) throw HttpError(422, "body: there is no ink in the picture");
  return {found->glyph, *digit};
}

}  // namespace

Response Api::corrections(const Request& request) {
  const bool with_glyphs = query_flag(request, "glyphs");
  if (with_glyphs)
    refuse_unknown(request, {"glyphs", "after", "limit"});
  else
    refuse_unknown(request, {"glyphs"});
  const std::filesystem::path folder = corrections_folder();
  CollectionCounts counts = collection_.count(folder);
  if (!with_glyphs) return json_response(collection_json(counts));
  const auto after = request.query.find("after");
  const auto [page, is_last] = page_of(folder, after == request.query.end() ? "" : after->second,
                                       query_count(request, "limit", 1, max_items, usual_items));
  nlohmann::json items = nlohmann::json::array();
  for (const Correction& correction : page) {
    check_stop(request.stop);
    if (const std::optional<Glyph> glyph = load_glyph(correction.file)) {
      items.push_back({{"id", correction.id},
                       {"digit", correction.digit},
                       {"glyph", to_base64(std::as_bytes(std::span(*glyph)))}});
    } else {  // somebody has removed it meanwhile
      --counts.size;
      --counts.digits[static_cast<std::size_t>(correction.digit)];
    }
  }
  nlohmann::json json = collection_json(counts);
  json["items"] = std::move(items);
  if (!is_last) json["next"] = page.back().id;
  return json_response(json);
}

Response Api::add_correction(const Request& request) {
  const std::pair<Glyph, int> correction = correction_of(request, options_.max_pixels);
  const Glyph& glyph = correction.first;
  const int digit = correction.second;
  if (!has_ink(glyph))
    throw HttpError(422, "body: there is too little ink in the glyph: nothing of 128 or more");
  const CollectionCounts counts =
      change_collection([&] { return collection_.add(corrections_folder(), glyph, digit); });
  return json_response(
      {{"id", glyph_id(glyph)}, {"digit", digit}, {"collection", collection_json(counts)}}, 201);
}

Response Api::remove_correction(const Request& request) {
  refuse_unknown(request, {});
  const std::optional<CollectionCounts> counts =
      change_collection([&] { return collection_.remove(corrections_folder(), request.id); });
  if (!counts) throw HttpError(404, "there is no such glyph in the collection");
  return json_response(collection_json(*counts));
}

}  // namespace scrawl
