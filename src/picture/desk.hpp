// What is around the sheet in a picture.
#pragma once

#include "picture/picture.hpp"

namespace scrawl {

/// Lays paper over what is around the sheet, where that is of one level that differs much from the
/// paper's: a desk that the sheet lies on, straight or askew, the bars of a screen or a scanner, a
/// rim along the picture's edges. Leaves a picture without such a thing as it is.
void cover_desk(Picture& picture);

}  // namespace scrawl
