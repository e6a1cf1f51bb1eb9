#include "pages/print.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "pages/chance.hpp"
#include "pages/writing.hpp"

namespace scrawl::pages {

namespace {

bool is_printable(char c) {
  return c >= first_character && c <= last_character;
}

Symbol symbol_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<Symbol>(c - '0');
  switch (c) {
    case '.':
      return Symbol::point;
    case ',':
      return Symbol::comma;
    case '-':
      return Symbol::dash;
    case '/':
      return Symbol::slash;
    case ':':
      return Symbol::colon;
    default:
      return Symbol::other;
  }
}

constexpr float space = 0.45F;       // of a digit's height
constexpr float min_marked = 6;      // pixels; what is smaller is texture
constexpr float min_letter = 0.55F;  // of a digit's height

}  // namespace

bool resembles_digit(char letter) {
  return std::string_view("OoQDCclIiJj|!SsZzBbGgqAyTtLPpUuVv").find(letter) !=
         std::string_view::npos;
}

Print random_print(Draft& draft) {
  Random& random = draft.random;
  Print print;
  const auto& fonts = draft.bank.print_fonts();
  if (fonts.empty()) return print;
  print.font = &draft.bank.fonts()[pick(random, fonts)];
  print.ink.level = chance(random, 0.75F) ? between(random, 0, 70) : between(random, 60, 180);
  print.ink.opacity =
      chance(random, 0.7F) ? between(random, 0.7F, 1) : between(random, 0.25F, 0.7F);
  print.wide = std::exp(normal(random, 0.08F));
  print.spacing = chance(random, 0.2F) ? between(random, 0, 0.3F) : 0;
  return print;
}

float print_text(Draft& draft, const Print& print, std::string_view text, float x, float y,
                 float height) {
  if (print.font == nullptr) return x;
  const float pixels = height * draft.canvas.view.scale;
  for (const char c : text) {
    if (!is_printable(c)) {
      x += space * height;
      draft.next_number();
      continue;
    }
    const FontGlyph& glyph = print.font->glyph(c);
    draft.shape = glyph.outlines;
    for (PenPoint& p : draft.shape.points)
      p = {x + height * print.wide * p.x, y + height * p.y, 0, 1};
    x += height * (print.wide * glyph.advance + print.spacing);
    if (draft.shape.points.empty()) continue;
    const Rectangle box = draft.canvas.draw(draft.shape, print.ink);
    if (pixels < min_marked) continue;
    const Symbol symbol = symbol_of(c);
    if (symbol == Symbol::other && box.height() < min_letter * pixels) continue;
    if (symbol == Symbol::other && resembles_digit(c))
      draft.ignored.push_back(box);
    else
      draft.mark(symbol, box, false);
  }
  return x;
}

float print_length(const Print& print, std::string_view text, float height) {
  if (print.font == nullptr) return 0;
  float length = 0;
  for (const char c : text)
    length += is_printable(c) ? print.wide * print.font->glyph(c).advance + print.spacing : space;
  return length * height;
}

std::string random_print_text(Random& random) {
  std::string text;
  const int words = whole(random, 1, 4);
  const bool capitals = chance(random, 0.25F);
  for (int i = 0; i < words; ++i) {
    if (i > 0) text += ' ';
    if (chance(random, 0.15F)) {
      text += random_number(random);
      continue;
    }
    const int letters = whole(random, 1, 9);
    for (int k = 0; k < letters; ++k) {
      // Vowels and consonants by turns look like words.
      const char c = k % 2 == 0 ? pick(random, std::string_view("bcdfghklmnprstvwnrtsd"))
                                : pick(random, std::string_view("aeiouaeioy"));
      text += capitals || (k == 0 && chance(random, 0.4F)) ? static_cast<char>(std::toupper(c)) : c;
    }
    if (chance(random, 0.15F)) text += pick(random, {':', '.', ',', ')', '?', ':'});
  }
  return text;
}

}  // namespace scrawl::pages
