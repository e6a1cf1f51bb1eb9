// Which of a TIFF file's directories are pages.
#pragma once

#include <cstddef>
#include <vector>

#include "decoding/bytes.hpp"
#include "decoding/format.hpp"

namespace scrawl {

/// A file of more pages than this is refused.
inline constexpr std::size_t max_pages = 10'000;

/// The numbers of the directories, from 0, that are pages of their own, and not a smaller version
/// or a mask of one (TIFF 6.0, NewSubfileType); of all where none is. Damaged directories end it:
/// where even the first is, it is the only page. Throws Error where there are more than max_pages.
std::vector<std::size_t> find_tiff_pages(Bytes tiff);

/// The directory, from 0, of a page, from 1; 0 in formats other than TIFF. Throws Error where there
/// is no such page.
std::size_t find_directory(Bytes bytes, Format format, std::size_t page);

/// Throws Error where a file of `count` pages has none of that number.
void check_page(std::size_t page, std::size_t count);

}  // namespace scrawl
