// What an augmentation may be.
#pragma once

#include <scrawl/augmentation.hpp>

namespace scrawl {

/// Throws OptionError naming the field that is out of its range, which parse_augmentation takes
/// from nobody, but a program may have put there.
void check_augmentation(const Augmentation& augmentation);

}  // namespace scrawl
