#include "server/multipart.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <fmt/format.h>

#include "network/trim.hpp"
#include "server/http.hpp"

namespace scrawl {

namespace {

constexpr std::size_t longest_head = 8192;    // of a part
constexpr std::size_t longest_boundary = 70;  // RFC 2046

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Whether `text` begins with `prefix`, in whatever case; `prefix` is in lower case.
bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char expected, char found) { return expected == lower(found); });
}

/// Takes the next ;-separated field off `rest`: its quotes protect semicolons.
std::string_view take_field(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != ';'); ++end) {
    if (quoted && rest[end] == '\\' && end + 1 < rest.size())
      ++end;
    else if (rest[end] == '"')
      quoted = !quoted;
  }
  end = std::min(end, rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  return trim(field);
}

/// The value of ;-separated `name`=value or `name`="value"; nothing where it is missing.
std::string parameter(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::string_view field = take_field(header);
    if (!begins_with(field, name) || field.size() <= name.size() || field[name.size()] != '=')
      continue;
    std::string_view value = field.substr(name.size() + 1);
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
    value = value.substr(1, value.size() - 2);
    std::string unquoted;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == '\\' && i + 1 < value.size()) ++i;
      unquoted += value[i];
    }
    return unquoted;
  }
  return "";
}

FormPart parse_part(std::string_view part) {
  const std::size_t end = part.substr(0, longest_head).find("\r\n\r\n");
  if (end == std::string_view::npos)
    throw HttpError(400, "multipart: a part's head has no end (an empty line)");
  FormPart parsed{"", "", part.substr(end + 4)};
  for (std::string_view head = part.substr(0, end + 2); !head.empty();) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    if (!begins_with(line, "content-disposition:")) continue;
    parsed.name = parameter(line, "name");
    parsed.filename = parameter(line, "filename");
  }
  if (parsed.name.empty())
    throw HttpError(400, "multipart: a part has no name in its Content-Disposition");
  return parsed;
}

}  // namespace

std::string multipart_boundary(std::string_view content_type) {
  if (!begins_with(content_type, "multipart/form-data")) return "";
  std::string boundary = parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > longest_boundary)
    throw HttpError(400, fmt::format("Content-Type: found a boundary of {} characters, expected 1 "
                                     "to {}",
                                     boundary.size(), longest_boundary));
  return boundary;
}

std::vector<FormPart> parse_multipart(std::string_view body, std::string_view boundary,
                                      std::size_t most) {
  const std::string delimiter = fmt::format("\r\n--{}", boundary);
  if (!body.starts_with(std::string_view(delimiter).substr(2)))
    throw HttpError(400, "multipart: the body does not begin with its boundary");
  body.remove_prefix(delimiter.size() - 2);
  std::vector<FormPart> parts;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n"))
      throw HttpError(400, "multipart: a boundary is followed by neither a line's end nor --");
    if (parts.size() == most)
      throw HttpError(413, fmt::format("multipart: more than {} parts", most));
    const std::size_t end = body.find(delimiter, 2);
    if (end == std::string_view::npos)
      throw HttpError(400, "multipart: the closing boundary is missing: not all has been sent");
    parts.push_back(parse_part(body.substr(2, end - 2)));
    body.remove_prefix(end + delimiter.size());
  }
  return parts;
}

}  // namespace scrawl
