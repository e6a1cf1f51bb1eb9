// Which digits stand in a field, by what they look like and by what is expected there.
#pragma once

#include <span>
#include <string>

#include <scrawl/probabilities.hpp>

#include "forms/form.hpp"

namespace scrawl {

struct Plausible {
  std::string digits;
  /// That these are what is written; where they are not expected, by their looks alone.
  double probability = 0;
  bool is_expected = false;
  double unexpected = 0;  ///< how probable it is, by its looks, that it is not expected
};

/// The most probable digits (Bayes), given what each looks like. Who fills in a form writes what is
/// expected but for once in 50 times; so what almost looks so is taken for it, and what does not is
/// kept as it is. A reader's doubt that is the same for all other digits speaks for none of them.
Plausible find_most_plausible(std::span<const Probabilities> looks, const Expected& expected);

}  // namespace scrawl
