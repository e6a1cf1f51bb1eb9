// What is put into HTML: text that may hold anything, and pictures.
#pragma once

#include <string>
#include <string_view>

#include "picture/picture.hpp"

namespace scrawl::report {

/// As text or as an attribute's value: <>&"' become entities; what is not UTF-8, and control
/// characters, become U+FFFD; what is longer than `most` bytes is cut.
std::string escape(std::string_view text, std::size_t most = 400);

/// The picture as a PNG file in a data: address.
std::string data_uri(const Picture& picture);

/// The beginning of the document up to its heading, with all of its style, and the end.
std::string page_begin(std::string_view title);
std::string page_end(std::string_view footer);

}  // namespace scrawl::report
