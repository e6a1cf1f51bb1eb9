// Pictures that a request brings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "picture/picture.hpp"

namespace scrawl {

/// Throws HttpError with the status that says what is wrong with it: 400 (empty), 413 (more than
/// `max_pixels`), 415 (not a picture), 422 (damaged). `name` is what the message calls the picture;
/// empty: it begins with what is wrong.
/// `page` is one of the file's, from 1.
Picture decode_body(std::string_view body, const std::string& name, std::size_t max_pixels,
                    std::size_t page = 1);

/// How many pages a body has; 1 where it is no picture, or damaged: decoding it will say so.
std::size_t pages_of(std::string_view body);

/// A request may take no more work with many pictures than with one: throws HttpError 413 when what
/// the heads of all pages of all bodies claim is more than `max_pixels` together, or there are more
/// pages than `max_count`. A picture that is too large alone takes none.
void check_pixels(const std::vector<std::string_view>& bodies, std::size_t max_pixels,
                  std::size_t max_count);

/// What pictures take, as their heads claim; the largest counts where one follows another, and so
/// it does of a file's pages.
struct Needs {
  std::size_t pixels = 0;
  std::size_t memory = 0;  ///< bytes, to decode and read it
};

/// Nothing for what is no picture, or a larger one than `max_pixels`: it will not be decoded. Of a
/// file's pages, at most `max_count` are looked at.
Needs picture_needs(std::string_view body, std::size_t max_pixels, std::size_t max_count);

}  // namespace scrawl
