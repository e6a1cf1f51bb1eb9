// What the programs of poppler-utils print about a PDF: text that a file from anywhere has a hand
// in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace scrawl {

/// Of a page, in inches.
struct PageSize {
  double width = 0;
  double height = 0;
};

/// How many pages pdfinfo says that there are.
std::optional<std::size_t> page_count_in(const std::string& info);

/// The size of the one page that pdfinfo was asked about.
std::optional<PageSize> page_size_in(const std::string& info);

/// Dots per inch of the finest picture in the list of pdfimages that covers half of the page or
/// more.
std::optional<double> resolution_in(const std::string& images, const PageSize& size);

/// At how many dots per inch, 1 to 600, to draw a page of that size: as the picture that covers it
/// has been scanned, at 300 where there is none, at less where there would be more than
/// `max_pixels`. Nothing where even 1 is too many.
std::optional<int> drawn_resolution(const std::optional<double>& scanned, const PageSize& size,
                                    std::size_t max_pixels);

}  // namespace scrawl
