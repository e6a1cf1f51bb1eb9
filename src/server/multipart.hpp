// multipart/form-data bodies (RFC 7578), as forms and curl -F send files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scrawl {

/// One file or field of a form. `body` is a part of the text that was parsed.
struct FormPart {
  std::string name;
  std::string filename;
  std::string_view body;
};

/// The boundary that a Content-Type names; empty when it is not multipart/form-data. Throws
/// HttpError 400 when it names none, or one that cannot be.
std::string multipart_boundary(std::string_view content_type);

/// The parts of a whole body, at most `most`. Throws HttpError 400 when it is not whole (the
/// closing boundary is missing), a part has no name or its head no end, and 413 when there are
/// more.
std::vector<FormPart> parse_multipart(std::string_view body, std::string_view boundary,
                                      std::size_t most);

}  // namespace scrawl
