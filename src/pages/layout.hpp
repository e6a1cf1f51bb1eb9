// What stands where on a page, by kind.
#pragma once

#include "pages/draft.hpp"
#include "pages/hand.hpp"
#include "pages/page.hpp"

namespace scrawl::pages {

/// Rules and writing of a page of this kind, digits about `height` high.
void lay_out(Draft& draft, Kind kind, const Hand& hand, float height, const PageOptions& options);

}  // namespace scrawl::pages
