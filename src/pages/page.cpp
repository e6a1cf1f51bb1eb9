#include "pages/page.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "pages/chance.hpp"
#include "pages/clutter.hpp"
#include "pages/degrade.hpp"
#include "pages/draft.hpp"
#include "pages/layout.hpp"
#include "pages/letters.hpp"

namespace scrawl::pages {

namespace {

Kind random_kind(const PageOptions& options, Random& random) {
  const Recipe& r = options.recipe;
  std::array<float, kind_count> weights{r.lone_digit, r.tight, r.line,      r.cells, r.grid,
                                        r.columns,    r.lines, r.scattered, r.form,  r.texture};
  float sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (((options.kinds >> i) & 1) == 0) weights[i] = 0;
    sum += weights[i];
  }
  float at = random.uniform() * sum;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    at -= weights[i];
    if (at < 0) break;
  }
  return static_cast<Kind>(last);
}

/// Turns, bends and tips the page about its middle.
void look_at(Draft& draft, const Recipe& recipe) {
  Random& random = draft.random;
  View& view = draft.canvas.view;
  const float sx = view.xx, sy = view.yy;
  float angle = 0;
  if (chance(random, recipe.turned)) {
    angle = normal(random, 0.02F);
    if (chance(random, 0.2F)) angle += normal(random, 0.1F);
  }
  const float mx = 0.5F * draft.width, my = 0.5F * draft.height;
  const float cos = std::cos(angle), sin = std::sin(angle);
  view.xx = sx * cos;
  view.xy = -sx * sin;
  view.yx = sy * sin;
  view.yy = sy * cos;
  view.x0 = sx * mx - view.xx * mx - view.xy * my;
  view.y0 = sy * my - view.yx * mx - view.yy * my;
  if (chance(random, recipe.bent)) {
    view.bow = normal(random, 0.06F) / draft.width;
    view.middle = between(random, 0, draft.width);
  }
  if (chance(random, recipe.perspective)) {
    view.px = std::clamp(normal(random, 0.08F), -0.2F, 0.2F) / draft.width;
    view.py = std::clamp(normal(random, 0.08F), -0.2F, 0.2F) / draft.height;
    const float w = 1 + view.px * mx + view.py * my;  // keeps the middle's size
    view.xx *= w, view.xy *= w, view.x0 *= w;
    view.yx *= w, view.yy *= w, view.y0 *= w;
  }
}

/// Makes faint or hair-thin ink strong enough to be seen with its digits `pixels` high on `paper`.
/// Returns how much darker than the paper its strokes are in the end.
float make_visible(Hand& hand, float paper, float pixels, float least) {
  const float radius = hand.outlined > 0.5F ? 0.07F + hand.thicker : hand.pen;
  const float covered = std::min(1.0F, 2 * std::max(radius * pixels, 0.3F));  // of a pixel
  const float full = paper - hand.ink.level;
  const float grain = 1 - 0.5F * hand.ink.grain;
  hand.ink.opacity = std::clamp(least / (full * covered * grain), hand.ink.opacity, 1.0F);
  if (full * hand.ink.opacity * covered * grain < least) {
    hand.ink.level = std::max(0.0F, paper - least / (covered * grain));
    hand.pen = std::max(hand.pen, 0.45F / pixels);
  }
  return (paper - hand.ink.level) * hand.ink.opacity * covered * grain;
}

/// Strikes a number out; its digits are ignored from then on.
void strike_out(Draft& draft, const Hand& hand) {
  if (draft.marks.empty()) return;
  Random& random = draft.random;
  const int number = draft.marks[random.below(draft.marks.size())].number;
  Rectangle all;
  for (const Mark& mark : draft.marks)
    if (mark.number == number && is_digit(mark.symbol)) all = hull(all, mark.box);
  if (all.empty()) return;
  std::erase_if(draft.marks, [&](const Mark& mark) { return mark.number == number; });
  draft.ignored.push_back(all);
  const View view = draft.canvas.view;
  draft.canvas.view = {};
  const float radius = std::max(0.4F, all.height() * std::max(hand.pen, 0.03F));
  draft.shape.clear();
  if (chance(random, 0.35F)) {  // scribbled over
    Stroke way;
    const float step = std::max(2.0F, all.height() * between(random, 0.1F, 0.3F));
    for (float x = all.left; x < all.right; x += step)
      way.push_back({x + normal(random, 0.3F * step), way.size() % 2 == 0
                                                          ? all.top - normal(random, 1)
                                                          : all.bottom + normal(random, 1)});
    for (const Point& p : smooth(way)) draft.shape.add(p, radius);
    draft.shape.end();
  }
  const int strokes = draft.shape.points.empty() ? whole(random, 1, 3) : 0;
  for (int i = 0; i < strokes; ++i) {
    const float y = all.top + all.height() * between(random, 0.2F, 0.8F);
    draft.shape.add({all.left - between(random, 0, 4), y}, radius);
    draft.shape.add({all.right + between(random, 0, 4), y + normal(random, 0.2F) * all.height()},
                    radius);
    draft.shape.end();
  }
  draft.canvas.draw(draft.shape, hand.ink);
  draft.canvas.view = view;
}

void light(Draft& draft, const Recipe& recipe, std::vector<Rectangle>& hidden) {
  Random& random = draft.random;
  Canvas& canvas = draft.canvas;
  if (chance(random, recipe.fold)) add_fold(canvas, random);
  if (chance(random, recipe.gradient)) add_gradient(canvas, random);
  if (chance(random, recipe.shadow)) add_shadow(canvas, random);
  if (chance(random, recipe.vignette)) add_vignette(canvas, random);
  if (chance(random, recipe.background)) add_background(canvas, random, hidden);
  if (chance(random, recipe.finger)) add_finger(canvas, random, hidden);
}

/// What the camera and the file add. Noise stays below a part of the ink's `contrast` in gray
/// levels.
void photograph(Draft& draft, const Recipe& recipe, float contrast, float height) {
  Random& random = draft.random;
  Canvas& canvas = draft.canvas;
  if (chance(random, recipe.blur)) {
    const float deviation = std::min(std::abs(normal(random, 0.75F)), 0.07F * height);
    if (deviation > 0.3F) blur(canvas, deviation);
  }
  if (chance(random, recipe.motion)) blur_by_motion(canvas, random);
  const float most = std::min(1.0F, contrast / 90);
  if (chance(random, recipe.grain))
    add_noise(canvas, between(random, 0.5F, 9) * most, pick(random, {2, 3, 4, 6, 10, 16}), random);
  if (chance(random, recipe.noise)) add_noise(canvas, between(random, 0.3F, 6) * most, 1, random);
  if (chance(random, recipe.salt)) add_salt(canvas, random);
}

Rectangle scaled(const Rectangle& box, float x, float y) {
  return {box.left * x, box.top * y, box.right * x, box.bottom * y};
}

float share_within(const Rectangle& box, const Rectangle& of) {
  const float area = std::max(box.width(), 0.5F) * std::max(box.height(), 0.5F);
  return intersection(box, of).area() / area;
}

/// Lines from the top, numbers of a line from the left.
void put_in_reading_order(std::vector<Mark>& marks) {
  struct Group {
    float sum = 0;
    float count = 0;
    float mean() const { return sum / std::max(count, 1.0F); }
  };
  int last = 0;
  for (const Mark& mark : marks) last = std::max({last, mark.line, mark.number});
  std::vector<Group> lines(static_cast<std::size_t>(last + 1));
  std::vector<Group> numbers(lines);
  for (const Mark& mark : marks) {
    Group& line = lines[static_cast<std::size_t>(mark.line)];
    line.sum += 0.5F * (mark.box.top + mark.box.bottom);
    line.count += 1;
    Group& number = numbers[static_cast<std::size_t>(mark.number)];
    number.sum += 0.5F * (mark.box.left + mark.box.right);
    number.count += 1;
  }
  std::ranges::stable_sort(marks, [&](const Mark& a, const Mark& b) {
    if (a.line != b.line) {
      const float ya = lines[static_cast<std::size_t>(a.line)].mean();
      const float yb = lines[static_cast<std::size_t>(b.line)].mean();
      return ya != yb ? ya < yb : a.line < b.line;
    }
    if (a.number != b.number) {
      const float xa = numbers[static_cast<std::size_t>(a.number)].mean();
      const float xb = numbers[static_cast<std::size_t>(b.number)].mean();
      return xa != xb ? xa < xb : a.number < b.number;
    }
    return false;
  });
  int line = -1, number = -1, old_line = -1, old_number = -1;
  for (Mark& mark : marks) {
    if (mark.line != old_line) ++line;
    if (mark.number != old_number || mark.line != old_line) ++number;
    old_line = std::exchange(mark.line, line);
    old_number = std::exchange(mark.number, number);
  }
}

/// The standard deviation of levels in a box, which lies within the picture.
float deviation_in(const Plane& picture, const Rectangle& box) {
  float sum = 0, squares = 0, count = 0;
  const int right = std::min(picture.width, static_cast<int>(std::ceil(box.right)));
  const int bottom = std::min(picture.height, static_cast<int>(std::ceil(box.bottom)));
  for (int y = static_cast<int>(box.top); y < bottom; ++y)
    for (int x = static_cast<int>(box.left); x < right; ++x) {
      const auto level = static_cast<float>(picture.row(y)[x]);
      sum += level;
      squares += level * level;
      count += 1;
    }
  const float mean = sum / std::max(count, 1.0F);
  return std::sqrt(std::max(0.0F, squares / std::max(count, 1.0F) - mean * mean));
}

/// What of a mark is seen decides whether it is learned, ignored, or no more than other ink.
void settle_marks(Draft& draft, const std::vector<Rectangle>& hidden, float sx, float sy,
                  Page& page) {
  constexpr float whole_from = 0.9F;
  constexpr float part_from = 0.4F;
  constexpr float min_deviation = 4;  // gray levels
  constexpr float min_digit = 6.5F;   // pixels; smaller ones cannot be read
  const Rectangle picture{0, 0, static_cast<float>(page.picture.width),
                          static_cast<float>(page.picture.height)};
  const auto ignore = [&](const Rectangle& box) {
    const Rectangle seen = intersection(box, picture);
    if (!seen.empty()) page.ignored.push_back(seen);
  };
  for (const Rectangle& box : draft.ignored) ignore(scaled(box, sx, sy));
  for (const Mark& mark : draft.marks) {
    const Rectangle box = scaled(mark.box, sx, sy);
    float seen = share_within(box, picture);
    for (const Rectangle& area : hidden)
      seen -= share_within(box, intersection(picture, scaled(area, sx, sy)));
    const float size = std::max(box.height(), 0.8F * box.width());
    const bool digit = is_digit(mark.symbol);
    if (seen < part_from) continue;
    if (seen < whole_from || (digit && size < min_digit)) {
      ignore(box);
      if (digit && size < min_digit) page.too_small.push_back(intersection(box, picture));
      continue;
    }
    Mark kept = mark;
    kept.box = intersection(box, picture);
    if (deviation_in(page.picture, kept.box) < min_deviation)  // drowned in a shadow
      page.ignored.push_back(kept.box);
    else
      page.marks.push_back(kept);
  }
  put_in_reading_order(page.marks);
}

}  // namespace

std::string_view to_string(Symbol symbol) {
  constexpr std::string_view names[] = {"0", "1", "2", "3", "4", "5", "6", "7",
                                        "8", "9", ".", ",", "-", "/", ":", "other"};
  return names[static_cast<std::size_t>(symbol)];
}

std::string_view to_string(Kind kind) {
  constexpr std::string_view names[] = {"lone digit", "tight", "line",      "cells", "grid",
                                        "columns",    "lines", "scattered", "form",  "texture"};
  return names[static_cast<std::size_t>(kind)];
}

constexpr float min_contrast = 38;  // gray levels, before light and camera

Page make_page(const GlyphBank& bank, const PageOptions& options, Random random) {
  const Recipe& recipe = options.recipe;
  Page page{Plane(options.width, options.height), {}, {}, {}, random_kind(options, random)};
  const float most =
      std::max(options.min_digit_height,
               std::min(options.max_digit_height, 0.85F * static_cast<float>(options.height)));
  float height = log_between(random, options.min_digit_height, most);
  if (chance(random, recipe.oversize))
    height = log_between(random, most, 1.5F * static_cast<float>(options.height));
  else if (chance(random, recipe.too_small))
    height = log_between(random, 3, options.min_digit_height);
  if (page.kind == Kind::lone_digit) height = 0.7F * static_cast<float>(options.height);

  const bool black_and_white = chance(random, recipe.black_and_white);
  const bool clean = !black_and_white && chance(random, recipe.clean);
  float resolution = 1;
  if (!clean && chance(random, recipe.low_resolution))
    resolution = between(random, std::clamp(8.5F / height, 0.33F, 1.0F), 1);

  const float paper =
      clean || black_and_white || chance(random, 0.3F) ? 255 : between(random, 120, 250);
  Draft draft(bank, random, options.width, options.height, paper, resolution);
  look_at(draft, clean ? Recipe{.turned = 0, .bent = 0, .perspective = 0} : recipe);
  std::vector<Hand> hands(chance(draft.random, recipe.second_hand) ? 2 : 1);
  float contrast = 255;  // of the faintest hand
  for (Hand& hand : hands) {
    hand = random_hand(bank, draft.random);
    hand.ink.level *= paper / 255;
    if (clean) hand.ink = {hand.ink.level * (chance(draft.random, 0.5F) ? 0.0F : 1.0F), 1, 0, 0};
    if (black_and_white) hand.ink = {0, 1, 0.6F * hand.ink.grain, 0};
    contrast = std::min(contrast, make_visible(hand, paper, height * resolution,
                                               black_and_white ? 230 : min_contrast));
  }

  if (!clean) {
    if (chance(draft.random, recipe.pattern))
      add_pattern(draft, paper, between(draft.random, 0.15F, 0.75F) * contrast);
    if (chance(draft.random, recipe.watermark)) add_watermark(draft);
    if (chance(draft.random, recipe.shine_through)) add_shine_through(draft, hands[0], height);
  }
  if (page.kind != Kind::lone_digit && chance(draft.random, recipe.holes)) add_holes(draft, height);
  lay_out(draft, page.kind, hands, height, options);
  if (page.kind != Kind::lone_digit && chance(draft.random, recipe.struck_out))
    strike_out(draft, hands[0]);

  if (page.kind == Kind::texture) add_texture(draft.canvas, draft.random);

  std::vector<Rectangle> hidden;
  // Who makes a picture black and white has mostly evened its light out.
  if (!clean && (!black_and_white || chance(draft.random, 0.25F))) light(draft, recipe, hidden);
  const float sx = static_cast<float>(options.width) / static_cast<float>(draft.canvas.width());
  const float sy = static_cast<float>(options.height) / static_cast<float>(draft.canvas.height());
  if (resolution < 1) {
    if (chance(draft.random, 0.5F))
      add_noise(draft.canvas, between(draft.random, 0.5F, 5) * std::min(1.0F, contrast / 90), 1,
                draft.random);
    if (chance(draft.random, 0.4F)) quantize_blocks(draft.canvas, whole(draft.random, 20, 90));
    const View view = draft.canvas.view;
    const auto way = static_cast<Between>(choose(draft.random, {0.07F, 0.4F, 0.53F}));
    draft.canvas = resize(draft.canvas, options.width, options.height, way);
    draft.canvas.view = view;
  }
  if (!clean) photograph(draft, recipe, contrast, height);
  if (black_and_white) threshold(draft.canvas, between(draft.random, 90, 190));
  if (!clean && chance(draft.random, recipe.quantized))
    quantize_blocks(draft.canvas, whole(draft.random, 15, 95));
  const bool inverted = chance(draft.random, recipe.inverted);
  to_bytes(draft.canvas.row(0), inverted ? 255.5F : 0.5F, inverted ? -1.0F : 1.0F,
           page.picture.pixels.size(), page.picture.pixels.data());
  settle_marks(draft, hidden, sx, sy, page);
  return page;
}

}  // namespace scrawl::pages
