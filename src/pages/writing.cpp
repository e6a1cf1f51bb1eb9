#include "pages/writing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "pages/chance.hpp"
#include "pages/letters.hpp"

namespace scrawl::pages {

namespace {

/// Puts the shape (1 high, upright) at (x, y), slanted, `height` high, and draws it.
Rectangle put(Draft& draft, const Hand& hand, float x, float y, float height, float slant) {
  for (PenPoint& p : draft.shape.points) {
    p.x = x + height * (p.x - slant * p.y);
    p.y = y + height * p.y;
    p.radius *= height;
  }
  Ink ink = hand.ink;
  ink.seed = static_cast<std::uint32_t>(draft.random.next());
  ink.opacity *= std::clamp(1 + normal(draft.random, 0.08F * hand.wobble), 0.6F, 1.2F);
  ink.opacity = std::min(ink.opacity, 1.0F);
  return draft.canvas.draw(draft.shape, ink);
}

/// How far what is written reaches to the left and to the right, in rows of equal height.
struct Profile {
  static constexpr std::size_t rows = 48;
  static constexpr float in_height = 20;  // rows in a digit's height

  std::array<float, rows> left;
  std::array<float, rows> right;
};

/// Of the shape as `put` will draw it at x = 0; rows begin two heights above the base line.
Profile profile_of(const Shape& shape, float y, float size, float slant, float height) {
  constexpr float none = 1e9F;
  Profile profile;
  profile.left.fill(none);
  profile.right.fill(-none);
  const auto visit = [&](float px, float py, float radius) {
    const float x = size * (px - slant * py);
    const float row = (y + size * py) / height * Profile::in_height + 2 * Profile::in_height;
    if (row < 0 || row >= static_cast<float>(Profile::rows)) return;
    const auto i = static_cast<std::size_t>(row);
    profile.left[i] = std::min(profile.left[i], x - size * radius);
    profile.right[i] = std::max(profile.right[i], x + size * radius);
  };
  std::uint32_t begin = 0;
  for (const std::uint32_t end : shape.ends) {
    for (std::uint32_t i = begin; i < end; ++i) {
      const PenPoint& a = shape.points[i];
      const PenPoint& b = shape.points[i + 1 < end ? i + 1 : shape.filled ? begin : i];
      const int pieces = 1 + static_cast<int>(std::abs(b.y - a.y) * 2 * Profile::in_height);
      for (int k = 0; k < pieces; ++k) {
        const float t = static_cast<float>(k) / static_cast<float>(pieces);
        visit(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), a.radius);
      }
    }
    begin = end;
  }
  return profile;
}

/// How far right of the one before the next has to be drawn for their ink to meet; `otherwise`
/// where no row has both.
float way_to_contact(const Profile& before, const Profile& next, float otherwise) {
  float way = -1e9F;
  for (std::size_t row = 0; row < Profile::rows; ++row)
    way = std::max(way, before.right[row] - next.left[row]);
  return way > -1e8F ? way : otherwise;
}

void strokes_of(const std::vector<Stroke>& strokes, float wobble, Random& random, Shape& shape) {
  shape.clear();
  for (const Stroke& stroke : strokes) {
    const Point move{normal(random, 0.25F * wobble), normal(random, 0.25F * wobble)};
    const Point grow{normal(random, 0.06F * wobble), normal(random, 0.06F * wobble)};
    for (const Point& p : stroke)
      shape.add({(p.x + move.x + grow.x * p.y) / 8, (p.y + move.y + grow.y * p.x) / 8 - 1});
    shape.end();
  }
}

/// Signs by points in 1/10 of the digits' height, x from 0, y down from their top.
Stroke stroke_of(std::initializer_list<Point> tenths, Random& random) {
  Stroke stroke;
  for (const Point& p : tenths)
    stroke.push_back({p.x / 10 + normal(random, 0.025F), p.y / 10 - 1 + normal(random, 0.025F)});
  return stroke;
}

struct Sign {
  Symbol symbol;
  float width;
};

/// Draws a sign's strokes, without a width, into the shape.
Sign shape_sign(char sign, Random& random, Shape& shape) {
  shape.clear();
  const auto put_stroke = [&](std::initializer_list<Point> tenths, bool curved = false) {
    const Stroke corners = stroke_of(tenths, random);
    for (const Point& p : curved ? smooth(corners) : corners) shape.add(p);
    shape.end();
  };
  switch (sign) {
    case '.': {
      const float drop = between(random, 8.5F, 10.5F);
      chance(random, 0.6F) ? put_stroke({{0.3F, drop}})
                           : put_stroke({{0.2F, drop}, {0.6F, drop + 0.2F}});
      return {Symbol::point, 0.08F};
    }
    case ',': {
      const float top = between(random, 7.5F, 9.5F);
      const float length = between(random, 1.5F, 4.5F);
      put_stroke({{1, top}, {1, top + length / 2}, {0, top + length}}, true);
      return {Symbol::comma, 0.1F};
    }
    case '-':
    case '_': {
      const float width = sign == '_' ? between(random, 8, 25) : between(random, 2.5F, 7);
      const float y = between(random, 4, 7);
      const float rise =
          between(random, -0.4F, 1) + (chance(random, 0.2F) ? width * between(random, 0, 0.7F) : 0);
      put_stroke({{0, y + 0.5F * rise}, {width, y - 0.5F * rise}});
      return {Symbol::dash, width / 10};
    }
    case '/': {
      const float lean = between(random, 1.5F, 6);
      put_stroke({{lean, -between(random, 0, 2.5F)}, {0, 10 + between(random, 0, 2.5F)}});
      return {Symbol::slash, lean / 10};
    }
    case ':':
      put_stroke({{0.3F, between(random, 3, 5)}});
      put_stroke({{0.3F, between(random, 8, 9.5F)}});
      return {Symbol::colon, 0.08F};
    case '=': {
      const float width = between(random, 3, 7);
      const float y = between(random, 4, 6);
      const float apart = between(random, 1, 2.8F);
      put_stroke({{0, y}, {width, y - 0.3F}});
      put_stroke({{0, y + apart}, {width, y + apart - 0.3F}});
      return {Symbol::other, width / 10};
    }
    case '+':
      put_stroke({{0, 6}, {5, 6}});
      put_stroke({{2.5F, 3.5F}, {2.5F, 8.5F}});
      return {Symbol::other, 0.5F};
    case 'x':
      put_stroke({{0, 2}, {6, 9.5F}});
      put_stroke({{6, 2}, {0, 9.5F}});
      return {Symbol::other, 0.6F};
    case '#':
      put_stroke({{2, 0.5F}, {1, 10}});
      put_stroke({{5, 0.5F}, {4, 10}});
      put_stroke({{0, 3.5F}, {6.5F, 3.2F}});
      put_stroke({{0, 7}, {6.2F, 6.7F}});
      return {Symbol::other, 0.65F};
    case '~': {  // a flourish: waves or loops to the right
      const int waves = whole(random, 1, 4);
      const float loop = chance(random, 0.4F) ? between(random, 0.3F, 1.3F) : 0;
      const float step = between(random, 2, 5);
      const float tall = between(random, 0.5F, 4);
      const float y = between(random, 5, 8);
      Stroke corners;
      for (int i = 0; i <= 4 * waves; ++i) {
        const float angle = 1.5708F * static_cast<float>(i);
        corners.push_back({0.1F * (step * (0.25F * static_cast<float>(i) - loop * std::sin(angle))),
                           0.1F * (y - tall * std::cos(angle)) - 1});
      }
      for (const Point& p : smooth(corners)) shape.add(p);
      shape.end();
      return {Symbol::other, 0.1F * step * static_cast<float>(waves)};
    }
    case '(':
      put_stroke({{2, -1}, {0.3F, 3}, {0.3F, 7}, {2, 11}}, true);
      return {Symbol::other, 0.2F};
    case ')':
      put_stroke({{0, -1}, {1.7F, 3}, {1.7F, 7}, {0, 11}}, true);
      return {Symbol::other, 0.2F};
    case 'v':
      put_stroke({{0, 5}, {2.2F, 10}, {7, between(random, -2, 3)}});
      return {Symbol::other, 0.7F};
    default: {  // a scribble
      const float width = between(random, 6, 15);
      Stroke corners;
      const int count = whole(random, 5, 12);
      const bool rising = chance(random, 0.5F);  // to and fro
      for (int i = 0; i < count; ++i) {
        const float along = static_cast<float>(i) / static_cast<float>(count - 1);
        const float x = rising ? along * width / 10 : between(random, 0, width / 10);
        const float y =
            rising ? static_cast<float>(i % 2) - 1 + normal(random, 0.15F) : between(random, -1, 0);
        corners.push_back({x, y});
      }
      for (const Point& p : smooth(corners)) shape.add(p);
      shape.end();
      return {Symbol::other, width / 10};
    }
  }
}

bool is_letter(char c) {
  return c == 'a' || c == 'l';
}

const Font* random_script(Draft& draft) {
  const auto& fonts = draft.bank.script_fonts();
  return fonts.empty() ? nullptr : &draft.bank.fonts()[pick(draft.random, fonts)];
}

/// A letter that some digit resembles, or none; returns its width.
float shape_letter(Draft& draft, const Hand& hand, bool like_digit, float pixels) {
  Random& random = draft.random;
  const Font* font = hand.font != nullptr    ? hand.font
                     : chance(random, 0.35F) ? random_script(draft)
                                             : nullptr;
  if (font != nullptr) {
    // No l and no I: a lone stroke is a 1.
    constexpr std::string_view like = "OoQDCciJjSsZzBbGgqyTtLPpUuVv";
    constexpr std::string_view unlike = "EFHKMNRWXaefhkmnrwx+#*&%$?";
    const char c = pick(random, like_digit ? like : unlike);
    draft.shape = font->glyph(c).outlines;
    write_outlines(hand, random, draft.shape);
    if (!draft.shape.points.empty()) return std::max(0.1F, extent(draft.shape).right);
  }
  const auto letters = like_digit ? letters_like_digits() : letters_unlike_digits();
  strokes_of(parse_letter(pick(random, letters)), hand.wobble, random, draft.shape);
  ink_strokes(hand, pixels, random, draft.shape);
  return std::max(0.1F, extent(draft.shape).right);
}

/// A word in a script, as the hand's pen draws it; returns where it ends.
float write_script_word(Draft& draft, const Hand& hand, const Font& font, float x,
                        const Baseline& line, float height) {
  Random& random = draft.random;
  const int letters = whole(random, 1, 9);
  for (int i = 0; i < letters; ++i) {
    const char first = i == 0 && chance(random, 0.4F) ? 'A' : 'a';
    const FontGlyph& glyph =
        font.glyph(static_cast<char>(first + static_cast<int>(random.below(26))));
    draft.shape = glyph.outlines;
    write_outlines(hand, random, draft.shape);
    put(draft, hand, x, line.at(x), height, 0.5F * hand.slant);
    x += height * glyph.advance;
  }
  return x + height * between(random, 0.2F, 0.6F);
}

/// Draws what leads from the head of a zero that ends at `from`, on the base line, to that of the
/// next, as far as there is to be one; returns how far the next is.
float join_zeros(Draft& draft, const Hand& hand, Point from, float width, float size, float slant) {
  Random& random = draft.random;
  Random habit({hand.seed, 1000});
  const float gap = width * (between(habit, -0.15F, 0.5F) + normal(random, 0.05F));
  const float deep = between(habit, -0.1F, 0.35F) + normal(random, 0.03F);  // below their heads
  if (chance(habit, 0.25F)) return std::min(gap, 0.0F);
  const float half = 0.45F * width / size;
  const float between_them = gap / size;
  const Stroke way{{-half, -0.98F + normal(random, 0.03F)},
                   {0.3F * between_them, deep - 0.98F},
                   {between_them + half, -0.97F + normal(random, 0.04F)}};
  draft.shape.clear();
  for (const Point& p : smooth(way)) draft.shape.add(p);
  draft.shape.end();
  ink_strokes(hand, size * draft.canvas.view.scale, random, draft.shape);
  put(draft, hand, from.x, from.y, size, slant);
  return gap;
}

}  // namespace

float length_of(const Hand& hand, std::string_view text, float height) {
  float length = 0;
  for (const char c : text)
    length += c == '1' ? 0.3F : c == ' ' ? 0.6F : c == '.' || c == ',' || c == ':' ? 0.1F : 0.62F;
  return height * (length * hand.aspect + hand.gap * static_cast<float>(text.size()));
}

float write(Draft& draft, const Hand& hand, std::string_view text, float x, const Baseline& line,
            float height, float limit) {
  Random& random = draft.random;
  const float pixels = height * draft.canvas.view.scale;
  // Zeros at the end may be small and high.
  std::size_t small_from = text.size();
  if (hand.small_zeros) {
    while (small_from > 0 && text[small_from - 1] == '0') --small_from;
    if (text.size() - small_from < 2 || small_from == 0) small_from = text.size();
  }
  const bool raised = text.find('^') != std::string_view::npos;
  const float small = hand.small_zeros || raised ? between(random, 0.45F, 0.75F) : 1;
  const float wide = between(random, 0.9F, 1.6F);  // small zeros are often
  const float lift = raised || chance(random, 0.6F) ? (1 - small) * between(random, 0.3F, 1) : 0;
  float end = x;
  std::optional<Profile> before;  // of the digit before, if the next one is to touch it
  float before_x = x;
  for (std::size_t i = 0; i < text.size() && x < limit; ++i) {
    const char c = text[i];
    if (c < '0' || c > '9') before.reset();
    if (c == ' ') {
      x += height * (0.35F + std::max(hand.gap, 0.1F) * between(random, 1, 2));
      draft.next_number();
      continue;
    }
    if (c == '^') {
      small_from = i + 1;
      continue;
    }
    const bool digit = c >= '0' && c <= '9';
    const bool tiny = i >= small_from;
    const float usual = tiny ? small : c == '1' ? hand.size_of_ones : 1;
    const float size = height * usual * std::exp(normal(random, 0.07F * hand.wobble));
    const float drop = c == '1' ? (hand.size_of_ones - 1) * 0.5F * height : 0;
    const float y = line.at(x) + normal(random, hand.jump * hand.wobble) * height + drop -
                    (tiny ? lift * height : 0);
    const float more_slant = c == '1' ? hand.slant_of_ones : 0;
    const float slant = hand.slant + more_slant + normal(random, 0.06F * hand.wobble);
    float gap =
        (hand.gap + normal(random, 0.07F * hand.wobble * (1 + std::abs(hand.gap)))) * height;
    if (digit) {
      shape_digit(draft.bank, hand, c - '0', pixels, random, draft.shape);
      if (tiny && hand.small_zeros)
        for (PenPoint& p : draft.shape.points) p.x *= wide;
      const float width = extent(draft.shape).right * size;
      const float off_line = y - line.at(x);
      if (before) {
        const Profile own = profile_of(draft.shape, off_line, size, slant, height);
        x = before_x + way_to_contact(*before, own, x - before_x) -
            between(random, 0, 0.06F) * height;
        before.reset();
      }
      if (chance(random, hand.touching)) {
        before = profile_of(draft.shape, off_line, size, slant, height);
        before_x = x;
      }
      Rectangle box = put(draft, hand, x, y, size, slant);
      if (chance(random, hand.retraced)) {  // in its old place, or a little beside it
        shape_digit(draft.bank, hand, c - '0', pixels, random, draft.shape);
        box = hull(box, put(draft, hand, x + normal(random, 0.03F) * size, y, size, slant));
      }
      draft.mark(static_cast<Symbol>(c - '0'), box);
      gap = std::max(gap, -0.22F * width);
      if (width < 0.3F * height) gap = std::max(gap, 0.06F * height);
      const bool join = hand.joined_zeros && c == '0' && i + 1 < text.size() && text[i + 1] == '0';
      x += width;
      end = x;
      x += more_slant * size * between(random, 0.2F, 1);  // under its head, or beyond
      if (join) before.reset();
      if (join) gap = join_zeros(draft, hand, {x, y}, width, size, slant);
      x += gap;
      continue;
    }
    Sign sign{Symbol::other, 0.55F};
    if (is_letter(c)) {
      sign.width = shape_letter(draft, hand, c == 'l', pixels);
    } else {
      sign = shape_sign(c, random, draft.shape);
      ink_strokes(hand, pixels, random, draft.shape);
    }
    const bool mark_is_small = sign.symbol == Symbol::point || sign.symbol == Symbol::comma;
    if (mark_is_small && chance(random, 0.25F)) x -= std::max(gap, 0.0F) * 0.8F;  // close by
    const Rectangle box = put(draft, hand, x, y, size, slant);
    if (c == 'l')
      draft.ignored.push_back(box);
    else
      draft.mark(sign.symbol, box);
    x += sign.width * size;
    end = x;
    x += std::max(gap, 0.04F * height);
  }
  return end;
}

float write_words(Draft& draft, const Hand& hand, float x, const Baseline& line, float height,
                  float length) {
  Random& random = draft.random;
  const float end = x + length;
  const float pixels = height * draft.canvas.view.scale;
  const float small = between(random, 0.4F, 0.65F);  // height of small letters
  const Font* font = hand.font != nullptr   ? hand.font
                     : chance(random, 0.5F) ? random_script(draft)
                                            : nullptr;
  while (font != nullptr && x < end) x = write_script_word(draft, hand, *font, x, line, height);
  while (x < end) {
    // A word in one stroke: arches, garlands, loops, some of them tall.
    const int strokes = whole(random, 3, 14);
    Stroke way;
    float at = 0;
    for (int i = 0; i < strokes; ++i) {
      const float tall = chance(random, 0.2F) ? 1.0F : small;
      const float deep = chance(random, 0.1F) ? 0.4F : 0;
      const float step = between(random, 0.12F, 0.35F);
      way.push_back({at, normal(random, 0.04F)});
      way.push_back(
          {at + step * between(random, 0.2F, 1.1F), -tall * between(random, 0.8F, 1.05F)});
      if (chance(random, 0.3F))
        way.push_back({at + step * between(random, -0.1F, 0.5F), -0.5F * tall});
      if (deep > 0) way.push_back({at + step * 0.6F, deep});
      at += step;
    }
    draft.shape.clear();
    for (const Point& p : smooth(way)) draft.shape.add(p);
    draft.shape.end();
    ink_strokes(hand, pixels, random, draft.shape);
    put(draft, hand, x, line.at(x), height, hand.slant);
    x += height * (at + between(random, 0.25F, 0.8F));
  }
  return x;
}

std::string random_digits(Random& random, int count) {
  // Ones are no more than strokes, and zeros join: what is hard beside each other comes more often.
  const float often = chance(random, 0.12F) ? 0.5F : 0;
  const char which = chance(random, 0.65F) ? '1' : '0';
  std::string digits;
  for (int i = 0; i < count; ++i)
    digits += chance(random, often) ? which : static_cast<char>('0' + random.below(10));
  return digits;
}

namespace {

std::string year(Random& random) {
  const int number = chance(random, 0.4F) ? whole(random, 1600, 1899) : whole(random, 1900, 2050);
  return std::to_string(number);
}

std::string two_digits(Random& random, int low, int high) {
  const int number = whole(random, low, high);
  std::string text = std::to_string(number);
  if (number < 10 && chance(random, 0.6F)) text.insert(text.begin(), '0');
  return text;
}

std::string date(Random& random) {
  const std::string separator = pick(random, {"-", "/", ".", " ", ". ", "- ", "/"});
  return two_digits(random, 1, 31)
      .append(separator)
      .append(two_digits(random, 1, 12))
      .append(separator)
      .append(chance(random, 0.5F) ? year(random) : two_digits(random, 0, 99));
}

std::string amount(Random& random) {
  const int count = whole(random, 1, 7);
  std::string digits = random_digits(random, count);
  if (chance(random, 0.35F))  // a round sum
    std::fill(digits.end() - whole(random, 1, std::max(1, count - 1)), digits.end(), '0');
  if (digits[0] == '0') digits[0] = static_cast<char>('1' + random.below(9));
  std::string text;
  const char group = pick(random, {'.', ',', '.'});
  const bool grouped = chance(random, 0.6F);
  for (int i = 0; i < count; ++i) {
    text += digits[static_cast<std::size_t>(i)];
    if (grouped && i + 1 < count && (count - 1 - i) % 3 == 0) text += group;
  }
  switch (choose(random, {0.45F, 0.12F, 0.12F, 0.1F, 0.1F, 0.06F, 0.05F})) {
    case 1:
      text += ".-";
      break;
    case 2:
      text.append(chance(random, 0.5F) ? "." : ",").append(random_digits(random, 2));
      break;
    case 3:
      text += "=";
      break;
    case 4:
      text += pick(random, {"/-", ",-", "-", "_", ".", "~", "~", ".-~"});
      break;
    case 5:
      text.insert(text.begin(), pick(random, {'#', '=', '-', '('}));
      text += pick(random, {'#', '=', '-', ')'});
      break;
    case 6:
      text += pick(random, {".00", "^00", "^50"});
      break;
    default:
      break;
  }
  return text;
}

std::string phone(Random& random) {
  std::string text = chance(random, 0.2F) ? "+" : "";
  const int groups = whole(random, 2, 4);
  for (int i = 0; i < groups; ++i) {
    if (i > 0) text += pick(random, {" ", "-", " ", "/", ""});
    text += random_digits(random, whole(random, 2, 5));
  }
  return text;
}

std::string decimal(Random& random) {
  std::string text = random_digits(random, whole(random, 1, 3));
  text += pick(random, {'.', ','});
  return text.append(random_digits(random, whole(random, 1, 3)));
}

std::string clock(Random& random) {
  return two_digits(random, 0, 23).append(":").append(two_digits(random, 0, 59));
}

std::string sum(Random& random) {
  std::string text = random_digits(random, whole(random, 1, 3));
  const int terms = whole(random, 1, 2);
  for (int i = 0; i < terms; ++i)
    text.append(1, pick(random, {'+', '-', 'x', '/', ':', '+'}))
        .append(random_digits(random, whole(random, 1, 3)));
  if (chance(random, 0.7F)) text.append("=").append(random_digits(random, whole(random, 1, 3)));
  return text;
}

}  // namespace

std::string random_number(Random& random) {
  switch (choose(random, {0.36F, 0.1F, 0.12F, 0.18F, 0.05F, 0.06F, 0.06F, 0.02F, 0.05F})) {
    case 0:
      return random_digits(random,
                           chance(random, 0.8F) ? whole(random, 1, 6) : whole(random, 5, 12));
    case 1:
      return year(random);
    case 2:
      return date(random);
    case 3:
      return amount(random);
    case 4:
      return phone(random);
    case 5:
      return std::string(static_cast<std::size_t>(whole(random, 2, 6)),
                         static_cast<char>('0' + random.below(10)));
    case 6:
      return decimal(random);
    case 7:
      return clock(random);
    default:
      return sum(random);
  }
}

}  // namespace scrawl::pages
