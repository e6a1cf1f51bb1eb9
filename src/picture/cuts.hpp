// Places where touching digits could be parted.
#pragma once

#include <vector>

#include "picture/component.hpp"

namespace scrawl {

/// Parts a piece that is wider than one digit of `height` pixels wherever two digits could touch:
/// into pieces from left to right, too many rather than too few. One that is slim stays whole.
std::vector<Piece> cut_piece(const Piece& piece, double height);

}  // namespace scrawl
