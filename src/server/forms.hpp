// Scans of a form that a request brings, read field by field.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "forms/read_form.hpp"
#include "server/http.hpp"

namespace scrawl {

/// A row for each scan, as form_table.hpp has them. Of a multipart body, `form` is the form's JSON,
/// `reference` the picture that it names as its reference, and all else a scan. Throws HttpError.
nlohmann::json read_forms(const Request& request, std::size_t max_pixels, std::size_t max_pictures,
                          const ReadPicture& read_picture);

}  // namespace scrawl
