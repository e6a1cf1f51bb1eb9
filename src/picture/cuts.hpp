// Places where touching digits could be parted.
#pragma once

#include <vector>

#include "picture/component.hpp"

namespace scrawl {

struct CutPiece {
  Piece piece;
  int crossed = 0;  ///< strokes that the cut on its right goes through: digits touch in one place
};

/// Parts a piece that is wider than one digit of `height` pixels wherever two digits could touch:
/// into pieces from left to right, too many rather than too few. One that is slim stays whole.
std::vector<CutPiece> cut_piece(const Piece& piece, double height);

}  // namespace scrawl
