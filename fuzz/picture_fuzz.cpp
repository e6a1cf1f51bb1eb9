// Any bytes: weighed, decoded or refused with Error, and looked through for a glyph and for lines
// of digits; never a crash.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/error.hpp>
#include <scrawl/picture.hpp>

#include "decoding/decoding_cost.hpp"
#include "picture/cuts.hpp"
#include "picture/glyph.hpp"
#include "picture/lines.hpp"
#include "picture/page.hpp"
#include "picture/pieces.hpp"

namespace {

using namespace scrawl;

void look_through(const Picture& picture) {
  const auto found = find_glyph(picture);
  if (found) {
    assert(found->box.x >= 0 && found->box.x + found->box.width <= picture.width);
    assert(found->box.y >= 0 && found->box.y + found->box.height <= picture.height);
  }
  const auto page = find_page(picture);
  if (!page) return;
  for (const Line& line : find_lines(find_pieces(*page))) {
    for (const Piece& piece : line.pieces) {
      assert(piece.box.x >= 0 && piece.box.x + piece.box.width <= page->ink.width);
      for (const CutPiece& part : cut_piece(piece, line.height))
        make_glyph(part.piece.ink, page->levels);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    decoding_cost(bytes);
    look_through(decode_picture(bytes, "fuzz"));
  } catch (const Error&) {
  }
  return 0;
}
