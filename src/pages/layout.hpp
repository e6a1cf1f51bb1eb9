// What stands where on a page, by kind.
#pragma once

#include <span>

#include "pages/draft.hpp"
#include "pages/hand.hpp"
#include "pages/page.hpp"

namespace scrawl::pages {

/// Rules and writing of a page of this kind, digits about `height` high. Lines may be written by
/// any of the hands, what is one line by the first.
void lay_out(Draft& draft, Kind kind, std::span<const Hand> hands, float height,
             const PageOptions& options);

}  // namespace scrawl::pages
