#include "server/pictures.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>

#include <scrawl/error.hpp>

#include "decoding/decoding_cost.hpp"
#include "decoding/format.hpp"
#include "decoding/inspect.hpp"
#include "decoding/pdf.hpp"
#include "decoding/tiff_pages.hpp"
#include "server/http.hpp"

namespace scrawl {

namespace {

/// What a picture's head claims; 0 where that is damaged: then there is nothing to decode.
std::size_t claimed_pixels(std::string_view body, std::size_t page) {
  const auto bytes = std::as_bytes(std::span(body));
  try {
    const Format format = detect_format(bytes);
    return pixels_of(read_picture_size(bytes, format, find_directory(bytes, format, page)));
  } catch (const Error&) {
    return 0;  // decoding it will say what is wrong with it
  }
}

Needs page_needs(std::string_view body, std::size_t max_pixels, std::size_t page) {
  const std::size_t pixels = claimed_pixels(body, page);
  if (pixels == 0 || pixels > max_pixels) return {};
  try {
    return {pixels, decoding_cost(std::as_bytes(std::span(body)), page)};
  } catch (const Error&) {
    return {};  // decoding it will say what is wrong with it
  }
}

}  // namespace

Picture decode_body(std::string_view body, const std::string& name, std::size_t max_pixels,
                    std::size_t page) {
  const auto bytes = std::as_bytes(std::span(body));
  const std::string called = name.empty() ? "" : name + ": ";
  if (bytes.empty()) throw HttpError(400, called + "empty; expected a picture file");
  if (is_pdf(bytes))  // another program, run for whoever asks, is more than a server should risk
    throw HttpError(415, called +
                             "a PDF, which this server does not read; send its pages as "
                             "pictures (pdftoppm -png), or read it by `scrawl read`");
  try {
    detect_format(bytes);
  } catch (const Error& error) {
    throw HttpError(415, called + error.what());
  }
  try {
    return decode_picture(bytes, name, max_pixels, page);
  } catch (const TooLargeError& error) {
    throw HttpError(413, error.what());
  } catch (const Error& error) {
    throw HttpError(422, error.what());
  }
}

std::size_t pages_of(std::string_view body) {
  const auto bytes = std::as_bytes(std::span(body));
  if (is_pdf(bytes)) return 1;
  try {
    return count_pages(bytes);
  } catch (const Error&) {
    return 1;
  }
}

Needs picture_needs(std::string_view body, std::size_t max_pixels, std::size_t max_count) {
  Needs most;
  const std::size_t count = std::min(pages_of(body), max_count);
  for (std::size_t page = 1; page <= count; ++page) {
    const Needs one = page_needs(body, max_pixels, page);
    most = {std::max(most.pixels, one.pixels), std::max(most.memory, one.memory)};
  }
  return most;
}

void check_pixels(const std::vector<std::string_view>& bodies, std::size_t max_pixels,
                  std::size_t max_count) {
  std::size_t pictures = 0;
  std::size_t together = 0;
  for (const std::string_view body : bodies) {
    const std::size_t count = pages_of(body);
    pictures += count;
    if (pictures > max_count)
      throw HttpError(413, fmt::format("body: more than {} pictures or pages, the most of a "
                                       "request; send several",
                                       max_count));
    for (std::size_t page = 1; page <= count; ++page) {
      const std::size_t pixels = claimed_pixels(body, page);
      if (pixels > max_pixels) continue;
      together += pixels;
      if (together > max_pixels)
        throw HttpError(413, fmt::format("body: the pictures have more than {} million pixels "
                                         "together, the most of a request (--max-megapixels)",
                                         static_cast<double>(max_pixels) / 1e6));
    }
  }
}

}  // namespace scrawl
