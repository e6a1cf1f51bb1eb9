#include "pages/layout.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "pages/chance.hpp"
#include "pages/clutter.hpp"
#include "pages/print.hpp"
#include "pages/ruling.hpp"
#include "pages/writing.hpp"

namespace scrawl::pages {

namespace {

Baseline random_baseline(Draft& draft, float y) {
  Random& random = draft.random;
  Baseline line{0, y, 0, 0};
  line.slope = chance(random, 0.75F) ? normal(random, 0.02F) : normal(random, 0.09F);
  if (chance(random, 0.2F)) line.bow = normal(random, 0.06F) / draft.width;
  return line;
}

/// A short stroke by hand below a number, as people do.
void underline(Draft& draft, const Hand& hand, float left, float right, const Baseline& line,
               float height) {
  Random& random = draft.random;
  const float slope = normal(random, 0.06F);
  const float inset = between(random, -0.2F, 0.3F) * (right - left);
  const float y = line.at(left) + height * between(random, 0.08F, 0.4F);
  for (int i = chance(random, 0.15F) ? 2 : 1; i > 0; --i) {
    Shape& shape = draft.shape;
    shape.clear();
    const float off = static_cast<float>(i - 1) * 0.15F * height;
    shape.add({left + inset, y + off});
    shape.add({right - inset * random.uniform(), y + off + slope * (right - left)});
    shape.end();
    const float radius = std::max(0.3F, hand.pen * height);
    for (PenPoint& p : shape.points) p.radius = radius;
    draft.canvas.draw(shape, hand.ink);
  }
}

/// A ring that the hand draws around a number.
void encircle(Draft& draft, const Hand& hand, float left, float right, const Baseline& line,
              float height) {
  Random& random = draft.random;
  const Point middle{0.5F * (left + right), line.at(0.5F * (left + right)) - 0.5F * height};
  const float half_width = 0.5F * (right - left) + height * between(random, 0.3F, 0.6F);
  const float half_height = height * between(random, 0.8F, 1.1F);
  const float start = between(random, 0, 6.28F);
  const float radius = std::max(0.3F, hand.pen * height);
  constexpr int steps = 36;
  draft.shape.clear();
  for (int i = 0; i <= steps + 3; ++i) {
    const float angle = start + 6.28F * static_cast<float>(i) / steps;
    const float size = 1 + 0.03F * std::sin(3 * angle + start) - 0.001F * static_cast<float>(i);
    draft.shape.add({middle.x + half_width * size * std::cos(angle),
                     middle.y + half_height * size * std::sin(angle)},
                    radius);
  }
  draft.shape.end();
  draft.canvas.draw(draft.shape, hand.ink);
}

/// A rule near the feet or over the heads of what is written, or through it.
void rule_the_line(Draft& draft, const Baseline& line, float height, float left, float right) {
  Random& random = draft.random;
  Rule rule = random_rule(random);
  const auto ruled_at = [&](float off) {
    draw_rule(draft, rule, {left, line.at(left) + off}, {right, line.at(right) + off});
  };
  ruled_at(height * between(random, -0.1F, 0.3F));
  if (chance(random, 0.3F)) ruled_at(-height * between(random, 0.85F, 1.3F));
  if (chance(random, 0.06F)) {
    rule = random_rule(random);
    ruled_at(-height * between(random, 0.2F, 0.8F));
  }
}

/// What is printed before a number.
std::string random_label(Random& random) {
  return chance(random, 0.6F)
             ? pick(random, {"No.", "$", "Rs.", "Nr", "#", "EUR", "Date:", "=", "Total", "(a)",
                             "1.", "12)", "DM", "19", "20", "T", "***"})
             : random_print_text(random);
}

void lay_out_lone_digit(Draft& draft, const Hand& hand) {
  Random& random = draft.random;
  const float fills = between(random, 0.45F, 0.95F);
  const float height = fills * std::min(draft.height, 1.4F * draft.width);
  const float x = 0.5F * draft.width + normal(random, 0.06F) * draft.width;
  const Baseline line{0, 0.5F * (draft.height + height) + normal(random, 0.05F) * draft.height, 0,
                      0};
  const std::string text =
      chance(random, 0.72F)  ? random_digits(random, 1)
      : chance(random, 0.6F) ? "a"
      : chance(random, 0.6F)
          ? std::string(1, pick(random, {'+', '-', 'x', '=', '/', '.', 'v', 's', '('}))
          : "l";
  if (chance(random, 0.04F)) {
    const Print print = random_print(draft);
    print_text(draft, print, text, x - 0.5F * print_length(print, text, height), line.y, height);
    return;
  }
  write(draft, hand, text, x - 0.5F * length_of(hand, text, height) * 0.9F, line, height);
}

void lay_out_tight(Draft& draft, const Hand& hand, float height, const Recipe& recipe) {
  Random& random = draft.random;
  const float middle = 0.5F * draft.height + normal(random, 0.06F) * draft.height;
  Baseline line = random_baseline(draft, middle + 0.5F * height);
  line.x0 = 0.5F * draft.width;
  if (chance(random, recipe.printed_rules))
    rule_the_line(draft, line, height, -10, draft.width + 10);
  if (chance(random, recipe.side_rule)) {
    const float x = chance(random, 0.3F)   ? between(random, 0, draft.width)
                    : chance(random, 0.5F) ? between(random, 0, 5)
                                           : draft.width - between(random, 0, 5);
    draw_rule(draft, random_rule(random), {x, -5}, {x + normal(random, 2), draft.height + 5});
  }
  const std::string text = random_number(random);
  float x = chance(random, 0.75F) ? between(random, -0.08F, 0.3F) * height
                                  : between(random, 0, 0.4F) * draft.width;
  if (chance(random, 0.1F)) x -= between(random, 0.1F, 0.5F) * height;  // the first is cut
  if (chance(random, 0.12F))
    x = write(draft, hand, pick(random, {"a", "aa", "-", "_", "(", "l", "#"}), x, line,
              height * between(random, 0.6F, 1)) +
        0.2F * height;
  if (chance(random, recipe.labeled)) {
    const float size = height * between(random, 0.4F, 0.9F);
    x = print_text(draft, random_print(draft), random_label(random), x, line.at(x), size) +
        0.2F * height;
  }
  const float left = x;
  x = write(draft, hand, text, x, line, height, draft.width - 0.2F * height);
  if (chance(random, recipe.underlined)) underline(draft, hand, left, x, line, height);
  if (chance(random, recipe.encircled)) encircle(draft, hand, left, x, line, height);
  if (chance(random, recipe.leader)) {
    Rule leader = random_rule(random);
    leader.dash = chance(random, 0.6F) ? Dash::dotted : Dash::solid;
    const float y = line.at(0) - height * between(random, 0, 0.6F);
    draw_rule(draft, leader, {-5, y}, {left - 0.1F * height, y});
  }
  if (chance(random, 0.25F))
    write(draft, hand,
          pick(random, {"-", "-", "=", "-", "_", "=", "a", "aa", ".", "al", "s", "~", "~"}),
          x + 0.2F * height, line, height * between(random, 0.6F, 1), draft.width);
}

/// Numbers and words, one after the other, from `x` on.
void write_line(Draft& draft, const Hand& hand, const Baseline& line, float height, float x,
                float words) {
  Random& random = draft.random;
  while (x < draft.width) {
    if (chance(random, 0.2F * words)) {
      x = print_text(draft, random_print(draft), random_print_text(random), x, line.at(x),
                     height * between(random, 0.4F, 1));
    } else if (chance(random, words)) {
      x = chance(random, 0.5F)
              ? write_words(draft, hand, x, line, height * between(random, 0.7F, 1.2F),
                            height * between(random, 1, 6))
              : write(draft, hand,
                      pick(random, {"aaa", "a", "ala", "aaal", "la", "s", "v", "aaaaa"}), x, line,
                      height * between(random, 0.6F, 1.1F), draft.width);
    } else {
      const float left = x;
      x = write(draft, hand, random_number(random), x, line, height, draft.width);
      if (chance(random, 0.05F)) encircle(draft, hand, left, x, line, height);
      if (chance(random, 0.05F)) underline(draft, hand, left, x, line, height);
    }
    draft.next_number();
    x += between(random, 0.5F, 3) * height;
  }
}

void lay_out_lines(Draft& draft, std::span<const Hand> hands, float height, const Recipe& recipe,
                   float words) {
  Random& random = draft.random;
  const float pitch = height * between(random, 1.2F, 2.6F);
  const float first = height * between(random, 0.3F, 1.6F);
  const int paper = choose(random, {0.5F, 0.3F, 0.2F});
  if (paper == 1)
    draw_ruled_paper(draft, chance(random, 0.7F) ? pitch : pitch * between(random, 0.5F, 1.5F),
                     first + height * between(random, -0.1F, 0.3F));
  if (paper == 2) draw_squared_paper(draft, height * between(random, 0.4F, 1.3F));
  const Baseline shared = random_baseline(draft, 0);
  const bool column = chance(random, 0.4F);  // numbers alone, below each other
  const float left = between(random, -0.3F, 1.5F) * height;
  for (float y = first; y < draft.height + height; y += pitch * between(random, 0.95F, 1.1F)) {
    Baseline line = shared;
    line.y = y;
    line.slope += normal(random, 0.01F);
    const Hand& hand = pick(random, hands);
    const float x =
        column ? left + normal(random, 0.2F) * height : between(random, -0.5F, 2) * height;
    if (column) {
      const float end = write(draft, hand, random_number(random), x, line, height, draft.width);
      if (chance(random, 0.1F)) underline(draft, hand, left, end, line, height);  // as in sums
    } else
      write_line(draft, hand, line, height, x, words);
    draft.next_line();
  }
  (void)recipe;
}

void lay_out_one_line(Draft& draft, const Hand& hand, float height, const Recipe& recipe) {
  Random& random = draft.random;
  Baseline line =
      random_baseline(draft, 0.5F * (draft.height + height) + normal(random, 0.12F) * draft.height);
  line.x0 = 0.5F * draft.width;
  if (chance(random, recipe.printed_rules))
    rule_the_line(draft, line, height, -10, draft.width + 10);
  write_line(draft, hand, line, height, between(random, -0.5F, 1.5F) * height, 0.35F);
}

/// What somebody writes into a box.
void fill_cell(Draft& draft, const Hand& hand, const Rectangle& cell, float height,
               const std::string& text) {
  Random& random = draft.random;
  const float length = length_of(hand, text, height);
  const float x = 0.5F * (cell.left + cell.right - length) + normal(random, 0.07F) * cell.width() +
                  0.5F * hand.gap * height;
  const float y = 0.5F * (cell.top + cell.bottom + height) + normal(random, 0.06F) * cell.height();
  write(draft, hand, text, x, {x, y, 0, 0}, height);
  draft.next_number();
}

/// Those that write into columns stay in them.
std::vector<Hand> with_gaps_up_to(float most, std::span<const Hand> hands) {
  std::vector<Hand> inside(hands.begin(), hands.end());
  for (Hand& hand : inside) hand.gap = std::min(hand.gap, most);
  return inside;
}

void lay_out_cells(Draft& draft, const Hand& hand, float height, const Recipe& recipe) {
  Random& random = draft.random;
  const int in_each = chance(random, 0.75F) ? 1 : whole(random, 2, 3);
  float wide = height * (between(random, 0.75F, 1.9F) + 0.65F * static_cast<float>(in_each - 1));
  float tall = height * between(random, 1.05F, 1.8F);
  float middle = 0.5F * draft.height + normal(random, 0.08F) * draft.height;
  const bool cut_out = chance(random, recipe.cut_at_walls);  // its walls are at the edges
  if (cut_out) {
    const float cells = std::max(1.0F, std::round(draft.width / wide));
    wide = draft.width * between(random, 0.92F, 1) / cells;
    tall = std::max(height, draft.height * between(random, 0.85F, 1.05F));
    middle = draft.height * between(random, 0.47F, 0.53F);
  }
  const float top = middle - 0.5F * tall;
  const float bottom = top + tall;
  const Rule rule = random_rule(random);
  Rule outer = rule;
  if (chance(random, 0.4F)) outer.width *= between(random, 1.5F, 4);
  const int style = choose(random, {0.5F, 0.2F, 0.2F, 0.1F});  // cells, separate, ticks, a frame
  float x =
      cut_out ? between(random, -0.02F, 0.06F) * draft.width : between(random, -0.3F, 1) * wide;
  const float left = x;
  const Print print = random_print(draft);
  const int labels = choose(random, {0.7F, 0.15F, 0.15F});  // none, below, above
  const float label = height * between(random, 0.3F, 0.55F);
  Hand inside = hand;
  inside.gap = std::min(hand.gap, 0.3F);
  const auto goes_on = [&] {
    if (cut_out) return x < draft.width - 0.6F * wide;
    return x < draft.width - (chance(random, 0.3F) ? wide : 0);
  };
  while (goes_on()) {
    const Rectangle cell{x, top, x + wide, bottom};
    if (style == 1) draw_box(draft, rule, {x + 0.06F * wide, top, x + 0.94F * wide, bottom});
    if (style == 0) draw_rule(draft, x == left ? outer : rule, {x, top}, {x, bottom});
    if (style == 2) draw_rule(draft, rule, {x, middle + 0.2F * tall}, {x, bottom});
    switch (choose(random, {0.8F, 0.06F, 0.08F, 0.04F, 0.02F})) {
      case 0:
        fill_cell(draft, inside, cell, height, random_digits(random, in_each));
        break;
      case 2:
        fill_cell(draft, inside, cell, height, "x");
        break;
      case 3:
        fill_cell(draft, inside, cell, height, "-");
        break;
      case 4:
        fill_cell(draft, inside, cell, height, "a");
        break;
      default:
        break;
    }
    if (labels != 0) {
      const std::string text(1, pick(random, {'D', 'M', 'Y', 'J', 'A', 'T', '1', '2', '8'}));
      const float y = labels == 1 ? bottom + 1.5F * label : top - 0.4F * label;
      print_text(draft, print, text, x + 0.5F * (wide - print_length(print, text, label)), y,
                 label);
    }
    x += wide;
  }
  if (style != 1) {
    draw_rule(draft, outer, {left, bottom}, {x, bottom});
    if (style != 2) draw_rule(draft, outer, {left, top}, {x, top});
    draw_rule(draft, outer, {x, style == 2 ? middle : top}, {x, bottom});
  }
}

void lay_out_grid(Draft& draft, std::span<const Hand> hands, float height) {
  Random& random = draft.random;
  const int in_each = chance(random, 0.6F) ? 1 : whole(random, 1, 3);
  const float wide =
      height * (between(random, 1.0F, 2.6F) + 0.6F * static_cast<float>(in_each - 1));
  const float tall = height * between(random, 1.1F, 2.2F);
  const Rule rule = random_rule(random);
  Rule bold = rule;
  bold.width *= between(random, 1.5F, 3);
  const int every = chance(random, 0.4F) ? 3 : 1000;
  const float x0 = between(random, -1, 0.6F) * wide;
  const float y0 = between(random, -1, 0.6F) * tall;
  const int columns = static_cast<int>((draft.width - x0) / wide) + (chance(random, 0.5F) ? 1 : 0);
  const int rows = static_cast<int>((draft.height - y0) / tall) + (chance(random, 0.5F) ? 1 : 0);
  const float filled =
      chance(random, 0.6F) ? between(random, 0.7F, 1) : between(random, 0.15F, 0.7F);
  const float right = x0 + wide * static_cast<float>(columns);
  const float bottom = y0 + tall * static_cast<float>(rows);
  for (int i = 0; i <= rows; ++i) {
    const float y = y0 + tall * static_cast<float>(i);
    draw_rule(draft, i % every == 0 ? bold : rule, {x0, y}, {right, y});
  }
  for (int i = 0; i <= columns; ++i) {
    const float x = x0 + wide * static_cast<float>(i);
    draw_rule(draft, i % every == 0 ? bold : rule, {x, y0}, {x, bottom});
  }
  const std::vector<Hand> inside = with_gaps_up_to(0.25F, hands);
  const Print print = random_print(draft);
  const float printed = chance(random, 0.3F) ? between(random, 0.1F, 0.6F) : 0;  // as in sudokus
  for (int i = 0; i < rows; ++i) {
    for (int k = 0; k < columns; ++k) {
      if (!chance(random, filled)) continue;
      draft.next_cell(i, k);
      const float x = x0 + wide * static_cast<float>(k);
      const float y = y0 + tall * static_cast<float>(i);
      if (chance(random, printed)) {
        const std::string given = random_digits(random, in_each);
        const float size = height * 0.85F;
        print_text(draft, print, given, x + 0.5F * (wide - print_length(print, given, size)),
                   y + 0.5F * (tall + size), size);
        draft.next_number();
        continue;
      }
      const std::string text = chance(random, 0.95F)  ? random_digits(random, in_each)
                               : chance(random, 0.5F) ? "-"
                                                      : pick(random, {"x", "a", "v", "s", "l"});
      fill_cell(draft, pick(random, inside), {x, y, x + wide, y + tall}, height, text);
    }
    draft.next_line();
  }
  draft.next_cell();
}

void lay_out_columns(Draft& draft, std::span<const Hand> hands, float height) {
  Random& random = draft.random;
  const int count = whole(random, 1, 5);  // digits of a number, at most
  const std::vector<Hand> inside = with_gaps_up_to(0.35F, hands);
  const float wide =
      height * (0.75F * static_cast<float>(count) *
                    std::max(0.7F, inside[0].aspect + std::min(0.3F, inside[0].gap)) +
                between(random, 0.2F, 1.5F));
  const float pitch = height * between(random, 1.15F, 2.2F);
  const float x0 = between(random, -0.8F, 0.5F) * wide;
  const Rule rule = random_rule(random);
  for (float x = x0; x < draft.width + wide; x += wide)
    draw_rule(draft, rule, {x, -20}, {x + normal(random, 0.5F), draft.height + 20});
  const float first = between(random, 0.2F, 1.2F) * height;
  if (chance(random, 0.7F)) {
    const Rule across = chance(random, 0.6F) ? rule : random_rule(random);
    const float off = between(random, 0, 0.3F) * height;
    for (float y = first; y < draft.height + pitch; y += pitch)
      draw_rule(draft, across, {-20, y + off}, {draft.width + 20, y + off});
  }
  const bool right_aligned = chance(random, 0.5F);
  const bool fixed = chance(random, 0.6F);
  const bool zeros = chance(random, 0.2F);  // 000, 012, 003
  int row = 0;
  for (float y = first; y < draft.height + height; y += pitch, ++row) {
    int column = 0;
    for (float x = x0; x < draft.width; x += wide, ++column) {
      if (chance(random, 0.1F)) continue;
      draft.next_cell(row, column);
      std::string text = random_digits(random, fixed ? count : whole(random, 1, count));
      if (zeros)
        for (std::size_t i = 0; i + 1 < text.size() && chance(random, 0.7F); ++i) text[i] = '0';
      if (chance(random, 0.06F)) text = pick(random, {"-", "_", "x", "v", "=", "s"});
      if (chance(random, 0.05F)) text.insert(text.begin(), '-');
      const Hand& hand = pick(random, inside);
      const float length = length_of(hand, text, height);
      const float room = std::max(0.0F, wide - length);
      const float left =
          right_aligned ? x + room * between(random, 0.6F, 1) : x + room * between(random, 0, 0.6F);
      write(draft, hand, text, left,
            {left, y + normal(random, 0.05F) * height, normal(random, 0.02F), 0}, height);
      draft.next_number();
    }
    draft.next_line();
  }
  draft.next_cell();
}

void lay_out_scattered(Draft& draft, std::span<const Hand> hands, float height) {
  Random& random = draft.random;
  const int count = whole(random, 2, 12);
  for (int i = 0; i < count; ++i) {
    const Hand& hand = pick(random, hands);
    const float size = height * std::exp(normal(random, 0.3F));
    const float x = between(random, 0, draft.width);
    const float y = between(random, 0, draft.height + height);
    const std::string text = chance(random, 0.72F) ? random_digits(random, 1)
                             : chance(random, 0.5F)
                                 ? random_number(random)
                                 : pick(random, {"a", "a", "l", "x", "+", "s", "v", "=", "-", "/"});
    write(draft, hand, text, x, {x, y, normal(random, 0.1F), 0}, size);
    draft.next_line();
  }
}

void print_line(Draft& draft, const Print& print, float x, float y, float height) {
  for (int i = whole(draft.random, 1, 5); i > 0 && x < draft.width; --i)
    x = print_text(draft, print, random_print_text(draft.random), x, y, height) + 0.5F * height;
}

void lay_out_form(Draft& draft, const Hand& hand, float height) {
  Random& random = draft.random;
  const int what = choose(random, {0.3F, 0.3F, 0.4F});
  const float pitch = height * between(random, 1, 3);
  if (what == 0) draw_ruled_paper(draft, pitch, pitch);
  if (what == 1) draw_squared_paper(draft, height * between(random, 0.4F, 1.5F));
  if (what == 2) {
    const Rule rule = random_rule(random);
    for (int i = whole(random, 1, 5); i > 0; --i) {
      const float x = between(random, -0.1F, 0.8F) * draft.width;
      const float y = between(random, -0.1F, 0.8F) * draft.height;
      draw_box(draft, rule,
               {x, y, x + between(random, 0.05F, 0.6F) * draft.width,
                y + between(random, 0.1F, 0.5F) * draft.height});
    }
  }
  if (!chance(random, 0.75F)) return;
  const Print print = random_print(draft);
  for (float y = pitch; y < draft.height + height; y += pitch) {
    if (chance(random, 0.4F)) continue;
    const float x = between(random, -0.1F, 0.5F) * draft.width;
    if (chance(random, 0.35F))
      write_line(draft, hand, random_baseline(draft, y), height, x, 1);
    else
      print_line(draft, print, x, y, between(random, 0.6F, 1) * height);
  }
}

}  // namespace

void lay_out(Draft& draft, Kind kind, std::span<const Hand> hands, float height,
             const PageOptions& options) {
  const Hand& hand = hands[0];
  const Recipe& recipe = options.recipe;
  switch (kind) {
    case Kind::lone_digit:
      lay_out_lone_digit(draft, hand);
      break;
    case Kind::tight:
      lay_out_tight(draft, hand, height, recipe);
      break;
    case Kind::line:
      lay_out_one_line(draft, hand, height, recipe);
      break;
    case Kind::cells:
      lay_out_cells(draft, hand, height, recipe);
      break;
    case Kind::grid:
      lay_out_grid(draft, hands, height);
      break;
    case Kind::columns:
      lay_out_columns(draft, hands, height);
      break;
    case Kind::lines:
      lay_out_lines(draft, hands, height, recipe, between(draft.random, 0, 0.6F));
      break;
    case Kind::scattered:
      lay_out_scattered(draft, hands, height);
      break;
    case Kind::form:
      lay_out_form(draft, hand, height);
      break;
    case Kind::texture:
      break;
  }
  const bool small = kind == Kind::tight || kind == Kind::line || kind == Kind::cells;
  if (small && chance(draft.random, recipe.neighbors)) add_neighbors(draft, hand, height);
  if (kind != Kind::lone_digit && kind != Kind::texture &&
      chance(draft.random, kind == Kind::form ? 0.7F : recipe.clutter))
    add_clutter(draft, hand, height);
}

}  // namespace scrawl::pages
