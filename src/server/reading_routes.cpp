// Pictures, forms and glyphs are read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "formats/reading_json.hpp"
#include "picture/picture.hpp"
#include "picture/stop.hpp"
#include "recognition/digit.hpp"
#include "recognition/read_picture.hpp"
#include "server/api.hpp"
#include "server/forms.hpp"
#include "server/multipart.hpp"
#include "server/parameters.hpp"
#include "server/picture_json.hpp"
#include "server/pictures.hpp"

namespace scrawl {

namespace {

constexpr auto nameless = "-";  // a picture that is a body, in an answer

}  // namespace

Reading Api::read_page(const Request& request, const Body& body, std::size_t page) {
  check_stop(request.stop);
  const Picture picture = decode_body(body.bytes, body.name, options_.max_pixels, page);
  check_stop(request.stop);
  const auto served = served_for(request);
  const auto classify = [&](GlyphView glyph) {
    check_stop(request.stop);
    return served->classifier.classify(glyph);
  };
  try {
    Reading reading =
        read_picture(picture, read_options(request), page_reader_, classify, request.stop);
    metrics_.count_digits(reading.digits.size());
    return reading;
  } catch (const TooLargeError& error) {
    throw HttpError(413, error.what());
  }
}

std::vector<Answer> Api::read_pages(const Request& request, const Body& body) {
  const std::size_t pages = pages_of(body.bytes);
  std::vector<Answer> answers;
  for (std::size_t page = 1; page <= pages; ++page) {
    Answer answer{body.name.empty() ? nameless : body.name, {}, "", "", page, pages};
    try {
      answer.reading = read_page(request, body, page);
      answer.warning = what_is_missing(answer.reading, read_options(request));
    } catch (const HttpError& error) {
      if (body.is_alone && pages == 1) throw;  // the status says what is wrong with it
      answer.error = error.what();
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

Response Api::read(const Request& request) {
  refuse_unknown(request, {"layout", "digits", "min_confidence", "signs", "handwritten", "turn",
                           "glyphs", "network"});
  read_options(request);  // wrong ones are said before anything is read
  served_for(request);
  const bool glyphs = query_flag(request, "glyphs");
  std::string decoded;  // of JSON
  std::vector<Body> bodies;
  if (const std::string boundary = multipart_boundary(request.content_type); !boundary.empty()) {
    for (const FormPart& part : parse_multipart(request.body, boundary, max_pictures))
      bodies.push_back({part.body, part.filename.empty() ? part.name : part.filename, false});
    if (bodies.empty()) throw HttpError(400, "multipart: there is no picture in the form");
  } else if (is_picture_json(request)) {
    decoded = picture_of_json(request.body);
    bodies.push_back({decoded, "", true});
  } else {
    refuse_web_text(request);
    bodies.push_back({request.body, "", true});
  }
  std::vector<std::string_view> pictures;
  for (const Body& body : bodies) pictures.push_back(body.bytes);
  check_pixels(pictures, options_.max_pixels, max_pictures);
  nlohmann::json answers = nlohmann::json::array();
  for (const Body& body : bodies)
    for (const Answer& answer : read_pages(request, body))
      answers.push_back(to_json(answer, glyphs));
  const bool is_one = bodies.front().is_alone && answers.size() == 1;
  return json_response(is_one ? answers.front() : answers);
}

Response Api::forms(const Request& request) {
  const auto served = this->served();
  const auto classify = [&](GlyphView glyph) {
    check_stop(request.stop);
    return served->classifier.classify(glyph);
  };
  const ReadPicture read_field = [&](const Picture& picture, const ReadOptions& options) {
    Reading reading = read_picture(picture, options, page_reader_, classify, request.stop);
    metrics_.count_digits(reading.digits.size());
    return reading;
  };
  return json_response(read_forms(request, options_.max_pixels, max_pictures, read_field));
}

Response Api::classify(const Request& request) {
  refuse_unknown(request, {"network"});
  const std::string& body = request.body;
  if (body.empty() || body.size() % glyph_pixels != 0)
    throw HttpError(
        400,
        fmt::format(
            "body: found {} bytes, expected n x 784: glyphs of 28x28 bytes, 0 paper to 255 ink",
            body.size()));
  const std::span glyphs(reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
  nlohmann::json digits = nlohmann::json::array();
  for (const Probabilities& probabilities :
       served_for(request)->classifier.classify_all(glyphs, request.stop)) {
    const auto best = std::ranges::max_element(probabilities);
    digits.push_back({{"digit", best - probabilities.begin()},
                      {"confidence", *best},
                      {"probabilities", probabilities}});
  }
  return json_response({{"digits", digits}});
}

}  // namespace scrawl
