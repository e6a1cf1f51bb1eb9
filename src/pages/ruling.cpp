#include "pages/ruling.hpp"

#include <algorithm>
#include <cmath>

#include "pages/chance.hpp"

namespace scrawl::pages {

Rule random_rule(Random& random) {
  Rule rule;
  rule.dash = static_cast<Dash>(choose(random, {0.6F, 0.2F, 0.12F, 0.08F}));
  rule.width =
      chance(random, 0.8F) ? log_between(random, 0.5F, 2.2F) : log_between(random, 1.5F, 5);
  rule.period = log_between(random, 2.5F, 11);
  if (rule.dash == Dash::dotted) rule.width = std::min(rule.width, 0.6F * rule.period);
  if (rule.dash == Dash::twofold) rule.period = rule.width * between(random, 2, 4);
  rule.broken = chance(random, 0.2F) ? between(random, 0, 0.4F) : 0;
  rule.ink.level = chance(random, 0.6F) ? between(random, 0, 80) : between(random, 60, 190);
  rule.ink.opacity =
      chance(random, 0.55F) ? between(random, 0.6F, 1) : between(random, 0.12F, 0.6F);
  return rule;
}

void draw_rule(Draft& draft, const Rule& rule, Point a, Point b) {
  const float length = std::hypot(b.x - a.x, b.y - a.y);
  if (length < 0.5F) return;
  const auto at = [&](float along) {
    return Point{a.x + (b.x - a.x) * along / length, a.y + (b.y - a.y) * along / length};
  };
  if (rule.dash == Dash::dotted || rule.dash == Dash::dashed) {
    const float on = rule.dash == Dash::dotted ? 0 : 0.55F * rule.period;
    Shape& shape = draft.shape;
    shape.clear();
    const int count = std::min(2000, static_cast<int>(length / rule.period));
    for (int i = 0; i < count; ++i) {
      const float along = static_cast<float>(i) * rule.period;
      shape.add(at(along), 0.5F * rule.width);
      if (on > 0) shape.add(at(along + on), 0.5F * rule.width);
      shape.end();
    }
    draft.canvas.draw(shape, rule.ink);
    return;
  }
  if (rule.dash == Dash::twofold) {
    const float nx = -(b.y - a.y) / length * rule.period;
    const float ny = (b.x - a.x) / length * rule.period;
    draft.canvas.draw_line({a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, rule.width, rule.ink);
  }
  if (rule.broken <= 0) {
    draft.canvas.draw_line(a, b, rule.width, rule.ink);
    return;
  }
  for (float along = 0; along < length;) {
    const float piece = log_between(draft.random, 4, 60);
    draft.canvas.draw_line(at(along), at(std::min(length, along + piece)), rule.width, rule.ink);
    along += piece + piece * rule.broken * between(draft.random, 0, 2);
  }
}

void draw_box(Draft& draft, const Rule& rule, const Rectangle& box) {
  const float over = chance(draft.random, 0.2F) ? normal(draft.random, 2) : 0;
  draw_rule(draft, rule, {box.left - over, box.top}, {box.right + over, box.top});
  draw_rule(draft, rule, {box.left - over, box.bottom}, {box.right + over, box.bottom});
  draw_rule(draft, rule, {box.left, box.top - over}, {box.left, box.bottom + over});
  draw_rule(draft, rule, {box.right, box.top - over}, {box.right, box.bottom + over});
}

void draw_ruled_paper(Draft& draft, float pitch, float first_line) {
  const Rule rule = random_rule(draft.random);
  for (float y = first_line - pitch * std::ceil(first_line / pitch); y < draft.height + pitch;
       y += pitch)
    draw_rule(draft, rule, {-0.5F * draft.width, y}, {1.5F * draft.width, y});
  if (chance(draft.random, 0.3F)) {  // a margin
    const float x = between(draft.random, 0, draft.width);
    draw_rule(draft, random_rule(draft.random), {x, -draft.height}, {x, 2 * draft.height});
  }
}

void draw_squared_paper(Draft& draft, float pitch) {
  Rule rule = random_rule(draft.random);
  if (chance(draft.random, 0.7F)) rule.dash = Dash::solid;
  rule.width = std::min(rule.width, 0.15F * pitch);
  for (float y = between(draft.random, -1, 0) * pitch; y < draft.height + pitch; y += pitch)
    draw_rule(draft, rule, {-0.5F * draft.width, y}, {1.5F * draft.width, y});
  for (float x = between(draft.random, -1, 0) * pitch; x < draft.width + pitch; x += pitch)
    draw_rule(draft, rule, {x, -0.5F * draft.height}, {x, 1.5F * draft.height});
}

}  // namespace scrawl::pages
