#include "server/forms.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "forms/form_table.hpp"
#include "server/multipart.hpp"
#include "server/parameters.hpp"
#include "server/pictures.hpp"

namespace scrawl {

namespace {

constexpr auto form_part = "form";
constexpr auto reference_part = "reference";

/// Takes the part of that name out of them.
std::optional<FormPart> take(std::vector<FormPart>& parts, const std::string& name) {
  const auto found = std::ranges::find(parts, name, &FormPart::name);
  if (found == parts.end()) return std::nullopt;
  FormPart part = *found;
  parts.erase(found);
  return part;
}

FormReader make_reader(std::vector<FormPart>& parts, std::size_t max_pixels) {
  const std::optional<FormPart> described = take(parts, form_part);
  if (!described) throw HttpError(400, "multipart: there is no part 'form', the form's JSON");
  const std::optional<FormPart> reference = take(parts, reference_part);
  parse_json(std::string(described->body));  // within bounds
  try {
    Form form = parse_form(described->body, form_part);
    if (!reference && !form.reference.empty())
      throw HttpError(400, "multipart: there is no part 'reference', though the form names one");
    if (!reference) return FormReader(std::move(form));
    return FormReader(std::move(form), decode_body(reference->body, reference_part, max_pixels));
  } catch (const HttpError&) {
    throw;
  } catch (const Error& error) {
    throw HttpError(400, error.what());
  }
}

FormRow read_scan(const FormReader& reader, const FormPart& part, std::size_t page,
                  std::size_t max_pixels, const ReadPicture& read_picture,
                  const FormOptions& options) {
  FormRow row{part.filename.empty() ? part.name : part.filename, {}, ""};
  const std::size_t count = pages_of(part.body);
  if (count > 1) row.file += fmt::format(" page {}", page);
  try {
    const Picture scan = decode_body(part.body, "", max_pixels, page);
    check_stop(options.stop);
    row.reading = reader.read(scan, read_picture, options);
  } catch (const Error& error) {
    row.error = error.what();
  }
  return row;
}

}  // namespace

nlohmann::json read_forms(const Request& request, std::size_t max_pixels, std::size_t max_pictures,
                          const ReadPicture& read_picture) {
  refuse_unknown(request, {"min_confidence", "pictures", "glyphs"});
  FormOptions options;
  options.stop = request.stop;
  if (request.query.contains("min_confidence"))
    options.min_confidence = read_options(request).min_confidence;
  const FormJson what{query_flag(request, "pictures"), query_flag(request, "glyphs")};
  const std::string boundary = multipart_boundary(request.content_type);
  if (boundary.empty())
    throw HttpError(400, "Content-Type: expected multipart/form-data: a form and scans of it");
  std::vector<FormPart> parts = parse_multipart(request.body, boundary, max_pictures);
  std::vector<std::string_view> bodies;
  for (const FormPart& part : parts) bodies.push_back(part.body);
  check_pixels(bodies, max_pixels, max_pictures);
  const FormReader reader = make_reader(parts, max_pixels);
  if (parts.empty()) throw HttpError(400, "multipart: there is no scan besides the form");
  nlohmann::json rows = nlohmann::json::array();
  for (const FormPart& part : parts)
    for (std::size_t page = 1; page <= pages_of(part.body); ++page)
      rows.push_back(to_json(
          reader.form(), read_scan(reader, part, page, max_pixels, read_picture, options), what));
  return rows;
}

}  // namespace scrawl
