// Pages of PDF files, by the programs of poppler-utils where these are installed. They are not
// linked, as poppler is under the GPL, and a PDF from anywhere is read in a process of its own.
#pragma once

#include <cstddef>

#include "decoding/bytes.hpp"
#include "picture/picture.hpp"

namespace scrawl {

bool is_pdf(Bytes bytes);

/// Whether there are the programs.
bool can_read_pdf();

/// Throws Error where there are not, it is damaged or locked, or has more than max_pages.
std::size_t count_pdf_pages(Bytes pdf);

/// Page `page`, from 1, at the resolution of the picture that covers most of it, as scanners make
/// pages, at most 600 dots per inch; at 300 where there is none. At less where it would have
/// more than `max_pixels`. Throws Error as count_pdf_pages() does, and where there is no such page.
Picture decode_pdf(Bytes pdf, std::size_t page, std::size_t max_pixels);

}  // namespace scrawl
