// All that could be digits on a page, or parts of them.
#pragma once

#include <vector>

#include "picture/component.hpp"
#include "picture/page.hpp"

namespace scrawl {

/// The page's connected pieces of ink; no specks, and nothing that lies along the picture's edge.
std::vector<Piece> find_pieces(const Page& page);

/// The ink of both.
Piece join(const Piece& a, const Piece& b);

}  // namespace scrawl
