#include "server/page.hpp"

#include <algorithm>
#include <vector>

namespace scrawl {

namespace {

std::string type_of(std::string_view name) {
  const std::string_view extension = name.substr(name.rfind('.'));
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".css") return "text/css; charset=utf-8";
  if (extension == ".js") return "text/javascript; charset=utf-8";
  if (extension == ".svg") return "image/svg+xml";
  if (extension == ".jpg") return "image/jpeg";
  if (extension == ".png") return "image/png";
  if (extension == ".json") return "application/json";
  return "application/octet-stream";
}

std::vector<PageFile> make_files() {
  std::vector<PageFile> files;
  for (const EmbeddedFile& file : embedded_files()) {
    const std::string_view content(file.begin, file.end);
    std::string path = "/";
    if (file.name != "index.html") path += file.name;
    files.push_back({path, content, type_of(file.name)});
  }
  return files;
}

const std::vector<PageFile>& files() {
  static const std::vector<PageFile> all = make_files();
  return all;
}

}  // namespace

const PageFile* find_page_file(std::string_view path) {
  const auto found = std::ranges::find(files(), path, &PageFile::path);
  return found == files().end() || path == "/openapi.json" ? nullptr : &*found;
}

Response page_response(const PageFile& file) {
  Response response{200, file.type, std::string(file.content), {}};
  // The page may ask this server alone, and run nothing but its own files.
  response.headers = {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
       "connect-src 'self'; media-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action "
       "'none'"},
      {"Cache-Control", "no-cache"},
      {"Referrer-Policy", "no-referrer"}};
  return response;
}

std::string_view openapi() {
  return std::ranges::find(files(), "/openapi.json", &PageFile::path)->content;
}

}  // namespace scrawl
