#include "pages/clutter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "pages/chance.hpp"
#include "pages/letters.hpp"
#include "pages/print.hpp"
#include "pages/ruling.hpp"
#include "pages/writing.hpp"

namespace scrawl::pages {

namespace {

constexpr float round = 2 * std::numbers::pi_v<float>;

void add_ring(Shape& shape, Point middle, float half_width, float half_height, float radius) {
  constexpr int steps = 40;
  for (int i = 0; i <= steps; ++i) {
    const float angle = round * static_cast<float>(i) / steps;
    shape.add({middle.x + half_width * std::cos(angle), middle.y + half_height * std::sin(angle)},
              radius);
  }
  shape.end();
}

void draw_stamp(Draft& draft, Point middle, float size) {
  Random& random = draft.random;
  const Ink ink{between(random, 0, 120), between(random, 0.2F, 0.9F), between(random, 0, 0.8F),
                static_cast<std::uint32_t>(random.next())};
  Shape& shape = draft.shape;
  shape.clear();
  const float pen = between(random, 0.4F, 2);
  const bool oval = chance(random, 0.3F);
  const int rings = whole(random, 1, 2);
  for (int i = 0; i < rings; ++i) {
    const float half = size * (1 - 0.25F * static_cast<float>(i));
    add_ring(shape, middle, half, oval ? 0.6F * half : half, pen);
  }
  draft.canvas.draw(shape, ink);
  Print print = random_print(draft);
  if (print.font == nullptr || chance(random, 0.3F)) return;
  print.ink = ink;
  const std::string text = random_print_text(random).substr(0, 8);
  const float height = std::min(0.6F * size, size / (0.3F + print_length(print, text, 1)) * 1.5F);
  print_text(draft, print, text, middle.x - 0.5F * print_length(print, text, height),
             middle.y + 0.5F * height, height);
}

void draw_barcode(Draft& draft, Point at, float length, float height) {
  Random& random = draft.random;
  const Ink ink{between(random, 0, 60), between(random, 0.7F, 1), 0, 0};
  const float end = at.x + length;
  const float unit = between(random, 0.8F, 2);
  for (float x = at.x; x < end;) {
    const float width = unit * static_cast<float>(whole(random, 1, 3));
    draft.canvas.draw_line({x, at.y - height}, {x, at.y}, width, ink);
    x += width + unit * static_cast<float>(whole(random, 1, 3));
  }
}

void draw_long_stroke(Draft& draft, const Hand& hand, Point from, float height) {
  Random& random = draft.random;
  Stroke way{from};
  for (int i = whole(random, 1, 3); i > 0; --i)
    way.push_back(
        {between(random, -0.2F, 1.2F) * draft.width, between(random, -0.2F, 1.2F) * draft.height});
  draft.shape.clear();
  const float radius =
      std::max(0.3F, height * (chance(random, 0.6F) ? hand.pen : between(random, 0.02F, 0.3F)));
  for (const Point& p : smooth(way)) draft.shape.add(p, radius);
  draft.shape.end();
  draft.canvas.draw(draft.shape, hand.ink);
}

}  // namespace

void add_neighbors(Draft& draft, const Hand& hand, float height) {
  Random& random = draft.random;
  const int sides = whole(random, 1, 15);
  const auto line_of = [&](float y) {
    const float x = between(random, -0.5F, 0.4F) * draft.width;
    const Baseline line{x, y, normal(random, 0.02F), 0};
    draft.next_line();
    switch (choose(random, {0.5F, 0.25F, 0.25F})) {
      case 0:
        write(draft, hand, random_number(random), x, line, height, draft.width);
        break;
      case 1:
        write_words(draft, hand, x, line, height, between(random, 0.2F, 1) * draft.width);
        break;
      default:
        print_text(draft, random_print(draft), random_print_text(random), std::max(x, 0.0F), y,
                   height * between(random, 0.4F, 1));
    }
  };
  const float seen = height * between(random, 0.08F, 0.4F);  // of what is cut
  if ((sides & 1) != 0 && chance(random, 0.7F)) line_of(seen);
  if ((sides & 2) != 0 && chance(random, 0.7F)) line_of(draft.height + height - seen);
  const auto beside = [&](float x) {
    const Baseline line{x, 0.5F * (draft.height + height) + normal(random, 0.1F) * height, 0, 0};
    draft.next_number();
    write(draft, hand, pick(random, {"0", "1", "3", "7", "4", "9", "a", "l", "a"}), x, line,
          height);
  };
  if ((sides & 4) != 0 && chance(random, 0.5F)) beside(seen - 0.6F * height);
  if ((sides & 8) != 0 && chance(random, 0.5F)) beside(draft.width - seen);
}

namespace {

/// Where something `width` by `height` (its left end, on its line) covers no mark, or any place
/// where there is none: it happens on real pages too.
Point find_room(Draft& draft, float width, float height) {
  Random& random = draft.random;
  constexpr int attempts = 5;
  Point at;
  for (int i = 0; i < attempts; ++i) {
    at = {between(random, -0.1F, 1) * draft.width, between(random, 0, 1.1F) * draft.height};
    const Point low = draft.canvas.view({at.x, at.y - height});
    const Point high = draft.canvas.view({at.x + width, at.y});
    const Rectangle room{low.x, low.y, high.x, high.y};
    const auto is_covered = [&](const Mark& mark) { return !intersection(mark.box, room).empty(); };
    if (std::ranges::none_of(draft.marks, is_covered)) break;
  }
  return at;
}

/// A circle as a pen draws it; returns its box.
Rectangle draw_ring(Draft& draft, const Hand& hand, Point middle, float radius, float pen) {
  Random& random = draft.random;
  const float across = radius * between(random, 0.85F, 1.15F);
  const float start = between(random, 0, 6.28F);
  constexpr int steps = 30;
  draft.shape.clear();
  for (int i = 0; i <= steps; ++i) {
    const float angle = start + 6.4F * static_cast<float>(i) / steps;
    draft.shape.add({middle.x + across * std::cos(angle), middle.y + radius * std::sin(angle)},
                    pen);
  }
  draft.shape.end();
  return draft.canvas.draw(draft.shape, hand.ink);
}

/// Circles that are no 0, since others cross them or a face is in them.
void draw_rings(Draft& draft, const Hand& hand, Point middle, float radius) {
  Random& random = draft.random;
  const float pen = std::max(0.4F, hand.pen * radius);
  Rectangle all = draw_ring(draft, hand, middle, radius, pen);
  if (chance(random, 0.5F)) {
    for (int i = whole(random, 1, 3); i > 0; --i) {
      const Point other{middle.x + between(random, -1, 1) * radius,
                        middle.y + between(random, -0.7F, 0.7F) * radius};
      all = hull(all, draw_ring(draft, hand, other, radius * between(random, 0.6F, 1.1F), pen));
    }
  } else {
    for (const float side : {-0.35F, 0.35F})
      draw_ring(draft, hand, {middle.x + side * radius, middle.y - 0.3F * radius},
                radius * between(random, 0.03F, 0.2F), pen);
    draft.shape.clear();
    const float deep = between(random, -0.2F, 0.35F);
    for (const float x : {-0.45F, -0.2F, 0.0F, 0.2F, 0.45F})
      draft.shape.add(
          {middle.x + x * radius, middle.y + (0.35F + deep * (1 - x * x / 0.2F)) * radius}, pen);
    draft.shape.end();
    draft.canvas.draw(draft.shape, hand.ink);
  }
  draft.mark(Symbol::other, all);
}

void add_one(Draft& draft, const Hand& hand, float height) {
  Random& random = draft.random;
  const float size = height * between(random, 0.5F, 1.3F);
  const float length = height * between(random, 1, 5);
  const auto line_at = [&](Point at) { return Baseline{at.x, at.y, normal(random, 0.05F), 0}; };
  draft.next_line();
  switch (choose(random, {0.36F, 0.13F, 0.07F, 0.1F, 0.1F, 0.1F, 0.14F})) {
    case 0: {
      const Point at = find_room(draft, size, size);
      write(draft, hand,
            pick(random,
                 {"-", "/", ".", ",", "=", ":", "+", "x", "v", "(", ")", "s", "a", "_", "s", "s"}),
            at.x, line_at(at), size);
      break;
    }
    case 1: {
      const Point at = find_room(draft, length, size);
      write_words(draft, hand, at.x, line_at(at), size, length);
      break;
    }
    case 2:
      draw_barcode(draft, find_room(draft, length, size), length, size);
      break;
    case 3: {
      const float radius = height * between(random, 0.8F, 3);
      const Point at = find_room(draft, 2 * radius, 2 * radius);
      draw_stamp(draft, {at.x + radius, at.y - radius}, radius);
      break;
    }
    case 4:
      draw_long_stroke(draft, hand, find_room(draft, size, size), height);
      break;
    case 5: {
      const float radius = size * between(random, 0.4F, 1.2F);
      const Point at = find_room(draft, 2 * radius, 2 * radius);
      draw_rings(draft, hand, {at.x + radius, at.y - radius}, radius);
      break;
    }
    default: {
      const Print print = random_print(draft);
      const std::string text = random_print_text(random);
      const Point at = find_room(draft, print_length(print, text, size), size);
      print_text(draft, print, text, at.x, at.y, size);
    }
  }
}

}  // namespace

void add_clutter(Draft& draft, const Hand& hand, float height) {
  for (int i = whole(draft.random, 1, 3); i > 0; --i) add_one(draft, hand, height);
}

namespace {

/// Text too small to be read, all over: one line of it, again and again.
void add_microprint(Draft& draft, const Ink& ink) {
  Random& random = draft.random;
  Canvas& canvas = draft.canvas;
  const float height = between(random, 2, 4.5F);
  const int period = static_cast<int>(height * 14);
  Draft line(draft.bank, Random({random.next()}), 2 * period, static_cast<int>(1.6F * height) + 1,
             0, 1);
  const std::string text = random_print_text(random).substr(0, 18);
  Print print = random_print(line);
  print.ink = {1, ink.opacity, 0, 0};
  if (print.font == nullptr) return;
  for (const float x : {0.0F, static_cast<float>(period)})
    print_text(line, print, text, x, 1.2F * height, height);
  const int pitch = line.canvas.height();
  const int step = whole(random, 0, period);
  for (int y = 0; y < canvas.height(); ++y) {
    const int shift = y / pitch * step;
    const float* from = line.canvas.row(y % pitch);
    float* row = canvas.row(y);
    for (int x = 0; x < canvas.width(); ++x)
      row[x] += from[(x + shift) % period] * (ink.level - row[x]);
  }
}

}  // namespace

void add_pattern(Draft& draft, float paper, float contrast) {
  Random& random = draft.random;
  Ink ink{between(random, 0.25F, 0.8F) * paper, between(random, 0.15F, 0.8F), 0, 0};
  ink.opacity = std::min(ink.opacity, contrast / (paper - ink.level));
  if (chance(random, 0.12F)) return add_microprint(draft, ink);
  const float pitch = log_between(random, 2.5F, 12);
  Shape& shape = draft.shape;
  shape.clear();
  const float pen = pitch * between(random, 0.06F, 0.2F);
  const float angle = chance(random, 0.5F) ? normal(random, 0.1F) : between(random, 0, round);
  const float cos = std::cos(angle), sin = std::sin(angle);
  const float reach = 0.6F * (draft.width + draft.height);
  if (chance(random, 0.2F)) {  // dots
    for (float v = -reach; v < reach; v += pitch)
      for (float u = -reach; u < reach; u += pitch) {
        const Point p{0.5F * draft.width + cos * u - sin * v,
                      0.5F * draft.height + sin * u + cos * v};
        if (p.x < 0 || p.y < 0 || p.x > draft.width || p.y > draft.height) continue;
        shape.add(p, 1.5F * pen);
        shape.end();
      }
  } else {  // waves; two sets of them cross
    const int sets = chance(random, 0.3F) ? 2 : 1;
    for (int set = 0; set < sets; ++set) {
      const float wave = between(random, 0, 1.2F) * pitch;
      const float length = log_between(random, 10, 80);
      const float shift = between(random, 0, 0.5F);
      const float step = std::max(3.0F, length / 10);
      for (float v = -reach; v < reach; v += pitch) {
        for (float u = -reach; u < reach; u += step) {
          const float off = wave * std::sin(round * (u / length + shift * v / pitch));
          const float s = set == 0 ? 1.0F : -1.0F;
          const Point p{0.5F * draft.width + cos * u - s * sin * (v + off),
                        0.5F * draft.height + s * sin * u + cos * (v + off)};
          if (p.x < -step || p.y < -step || p.x > draft.width + step || p.y > draft.height + step) {
            shape.end();
            continue;
          }
          shape.add(p, pen);
        }
        shape.end();
      }
    }
  }
  draft.canvas.draw(shape, ink);
}

void add_watermark(Draft& draft) {
  Random& random = draft.random;
  const Ink ink{between(random, 120, 220), between(random, 0.1F, 0.5F), 0, 0};
  const float size = between(random, 0.5F, 1.6F) * draft.height;
  for (int i = whole(random, 1, 4); i > 0; --i) {
    const Point at{between(random, -0.1F, 0.9F) * draft.width,
                   between(random, -0.5F, 0.6F) * draft.height};
    const Print print = random_print(draft);
    if (print.font != nullptr && chance(random, 0.6F)) {
      draft.shape = print.font->glyph(pick(random, std::string_view("AEKMNRWYVHXFTZ"))).outlines;
      for (PenPoint& p : draft.shape.points) p = {at.x + size * p.x, at.y + size * (1 + p.y), 0, 1};
      draft.canvas.draw(draft.shape, ink);
      continue;
    }
    draft.shape.clear();
    const float pen = size * between(random, 0.04F, 0.12F);
    for (const Stroke& stroke : parse_letter(pick(random, letters_unlike_digits()))) {
      for (const Point& p : stroke)
        draft.shape.add({at.x + p.x * size / 8, at.y + p.y * size / 8}, pen);
      draft.shape.end();
    }
    draft.canvas.draw(draft.shape, ink);
  }
}

void add_holes(Draft& draft, float height) {
  Random& random = draft.random;
  const float radius = height * log_between(random, 0.12F, 0.6F);
  const bool down = chance(random, 0.75F);  // along the left or right side
  const float length = down ? draft.height : draft.width;
  const float in = radius * between(random, 0.6F, 2.5F);
  const float from_side = chance(random, 0.6F) ? in : (down ? draft.width : draft.height) - in;
  const float apart = radius * between(random, 3, 16);
  const Ink dark{chance(random, 0.8F) ? between(random, 0, 110) : between(random, 110, 255), 1, 0,
                 0};
  for (float at = apart * random.uniform(); at < length; at += apart) {
    const Point middle = down ? Point{from_side, at} : Point{at, from_side};
    draft.shape.clear();
    draft.shape.add(middle, radius);
    draft.shape.end();
    draft.mark(Symbol::other, draft.canvas.draw(draft.shape, dark), false);
    draft.next_number();
  }
  draft.next_line();
}

void add_shine_through(Draft& draft, const Hand& hand, float height) {
  Random& random = draft.random;
  const View view = draft.canvas.view;
  draft.canvas.view.x0 += view.xx * draft.width;  // mirrored
  draft.canvas.view.xx = -view.xx;
  draft.canvas.view.y0 += view.yx * draft.width;
  draft.canvas.view.yx = -view.yx;
  Hand back = hand;
  back.ink.opacity *= between(random, 0.06F, 0.26F);
  const std::size_t marks = draft.marks.size();
  const std::size_t ignored = draft.ignored.size();
  const float pitch = height * between(random, 1.3F, 2.5F);
  for (float y = between(random, 0.2F, 1.2F) * height; y < draft.height + height; y += pitch) {
    const Baseline line{0, y, normal(random, 0.02F), 0};
    if (chance(random, 0.7F))
      write(draft, back, random_number(random), between(random, 0, 0.6F) * draft.width, line,
            height);
    else
      write_words(draft, back, between(random, -0.2F, 0.5F) * draft.width, line, height,
                  draft.width * between(random, 0.2F, 0.8F));
  }
  draft.marks.resize(marks);
  draft.ignored.resize(ignored);
  draft.canvas.view = view;
}

}  // namespace scrawl::pages
