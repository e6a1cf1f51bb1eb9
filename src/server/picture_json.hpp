// A picture in a JSON body, as web pages send what FileReader.readAsDataURL() and
// canvas.toDataURL() give them: {"image": "data:image/png;base64,..."}.
#pragma once

#include <string>

#include "server/http.hpp"

namespace scrawl {

/// Whether the body is JSON: its Content-Type says so, or it begins like a JSON object, which no
/// picture does.
bool is_picture_json(const Request& request);

/// The bytes of the picture file. Takes no more memory than the body, whatever is in it. Throws
/// HttpError 400, or 415 where it is a data URL of no picture, which says what was found.
std::string picture_of_json(const std::string& body);

/// Throws HttpError 415 where a body that is taken for a picture file is what web code sends by
/// mistake: a data URL or another address as text, base64 alone, the fields of a form as a query,
/// a text made of a File object.
void refuse_web_text(const Request& request);

}  // namespace scrawl
