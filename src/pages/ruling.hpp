// Rules, boxes and tables: what is printed on paper before anybody writes on it.
#pragma once

#include "network/random.hpp"
#include "pages/draft.hpp"

namespace scrawl::pages {

enum class Dash { solid, dotted, dashed, twofold };

/// How the rules of a page look.
struct Rule {
  Dash dash = Dash::solid;
  float width = 1;
  float period = 6;  ///< of dots and dashes; of twofold rules the distance
  float broken = 0;  ///< share of it that has not been printed
  Ink ink;
};

Rule random_rule(Random& random);
/// The same as it differs within one page.
void draw_rule(Draft& draft, const Rule& rule, Point a, Point b);
void draw_box(Draft& draft, const Rule& rule, const Rectangle& box);

/// Ruled or squared paper all over.
void draw_ruled_paper(Draft& draft, float pitch, float first_line);
void draw_squared_paper(Draft& draft, float pitch);

}  // namespace scrawl::pages
