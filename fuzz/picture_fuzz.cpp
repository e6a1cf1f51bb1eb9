// Any bytes: weighed, decoded or refused with Error, and looked through for one digit and for
// pages of them; never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "decoding/decoding_cost.hpp"
#include "decoding/pdf.hpp"
#include "picture/glyph.hpp"
#include "picture/picture.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/read_picture.hpp"

namespace {

using namespace scrawl;

void require(bool holds) {
  if (!holds) std::abort();
}

/// A small one that has learned nothing: it finds digits of all sizes everywhere.
PageReader untrained_reader() {
  return PageReader(initialize(
      parse_architecture("input 1 32 32, conv 4 3 stride 2, relu, conv 23 3 stride 2"), 1));
}

Probabilities guess(GlyphView glyph) {
  Probabilities probabilities{};
  probabilities[glyph[400] % digit_count] = 1;
  return probabilities;
}

void look_through(const Picture& picture, const PageReader& reader) {
  const auto found = find_glyph(picture);
  if (found) {
    require(found->box.x >= 0 && found->box.x + found->box.width <= picture.width);
    require(found->box.y >= 0 && found->box.y + found->box.height <= picture.height);
  }
  const Reading reading = read_picture(picture, {}, reader, guess);
  for (const Digit& digit : reading.digits) {
    require(digit.box.x >= 0 && digit.box.x + digit.box.width <= picture.width);
    require(digit.box.y >= 0 && digit.box.y + digit.box.height <= picture.height);
    require(digit.confidence >= 0 && digit.confidence <= 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const PageReader reader = untrained_reader();
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    if (is_pdf(bytes)) return 0;  // another program's work
    decoding_cost(bytes);
    look_through(decode_picture(bytes, "fuzz"), reader);
  } catch (const Error&) {
  }
  return 0;
}
