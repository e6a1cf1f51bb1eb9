// The files of the page, which are part of the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http.hpp"

namespace scrawl {

struct PageFile {
  std::string path;  ///< /app.js; / is index.html
  std::string_view content;
  std::string type;  ///< text/javascript; charset=utf-8
};

/// A file of web/. The function is written by CMake.
struct EmbeddedFile {
  std::string_view name;
  const char* begin;
  const char* end;
};
std::vector<EmbeddedFile> embedded_files();

/// Nothing when there is none at this path.
const PageFile* find_page_file(std::string_view path);

Response page_response(const PageFile& file);

/// The description of the server's paths (OpenAPI 3.0), as JSON.
std::string_view openapi();

}  // namespace scrawl
