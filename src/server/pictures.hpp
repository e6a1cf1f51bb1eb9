// Pictures that a request brings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "picture/picture.hpp"
#include "server/multipart.hpp"

namespace scrawl {

/// Throws HttpError with the status that says what is wrong with it: 400 (empty), 413 (more than
/// `max_pixels`), 415 (not a picture), 422 (damaged). `name` is what the message calls the picture;
/// empty: it begins with what is wrong.
Picture decode_body(std::string_view body, const std::string& name, std::size_t max_pixels);

/// A request may take no more work with many pictures than with one: throws HttpError 413 when what
/// their heads claim is more than `max_pixels` together. A picture that is too large alone takes
/// none.
void check_pixels(const std::vector<FormPart>& parts, std::size_t max_pixels);

/// What pictures take, as their heads claim; the largest counts where one follows another.
struct Needs {
  std::size_t pixels = 0;
  std::size_t memory = 0;  ///< bytes, to decode and read it
};

/// Nothing for what is no picture, or a larger one than `max_pixels`: it will not be decoded.
Needs picture_needs(std::string_view body, std::size_t max_pixels);

}  // namespace scrawl
