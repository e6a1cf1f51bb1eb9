#include "server/pictures.hpp"

#include <fmt/format.h>
#include <span>

#include <scrawl/error.hpp>

#include "decoding/decoding_cost.hpp"
#include "decoding/format.hpp"
#include "decoding/inspect.hpp"
#include "server/http.hpp"

namespace scrawl {

namespace {

/// What a picture's head claims; 0 where that is damaged: then there is nothing to decode.
std::size_t claimed_pixels(std::string_view body) {
  const auto bytes = std::as_bytes(std::span(body));
  try {
    return pixels_of(read_picture_size(bytes, detect_format(bytes)));
  } catch (const Error&) {
    return 0;  // decoding it will say what is wrong with it
  }
}

}  // namespace

Picture decode_body(std::string_view body, const std::string& name, std::size_t max_pixels) {
  const auto bytes = std::as_bytes(std::span(body));
  const std::string called = name.empty() ? "" : name + ": ";
  if (bytes.empty()) throw HttpError(400, called + "empty; expected a picture file");
  try {
    detect_format(bytes);
  } catch (const Error& error) {
    throw HttpError(415, called + error.what());
  }
  try {
    return decode_picture(bytes, name, max_pixels);
  } catch (const TooLargeError& error) {
    throw HttpError(413, error.what());
  } catch (const Error& error) {
    throw HttpError(422, error.what());
  }
}

Needs picture_needs(std::string_view body, std::size_t max_pixels) {
  const std::size_t pixels = claimed_pixels(body);
  if (pixels == 0 || pixels > max_pixels) return {};
  try {
    return {pixels, decoding_cost(std::as_bytes(std::span(body)))};
  } catch (const Error&) {
    return {};  // decoding it will say what is wrong with it
  }
}

void check_pixels(const std::vector<FormPart>& parts, std::size_t max_pixels) {
  std::size_t together = 0;
  for (const FormPart& part : parts) {
    const std::size_t pixels = claimed_pixels(part.body);
    if (pixels > max_pixels) continue;
    together += pixels;
    if (together > max_pixels)
      throw HttpError(413, fmt::format("multipart: the pictures have more than {} million pixels "
                                       "together, the most of a request (--max-megapixels)",
                                       static_cast<double>(max_pixels) / 1e6));
  }
}

}  // namespace scrawl
