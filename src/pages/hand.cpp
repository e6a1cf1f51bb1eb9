#include "pages/hand.hpp"

#include <algorithm>
#include <cmath>

#include "pages/chance.hpp"
#include "pages/rare_digits.hpp"

namespace scrawl::pages {

namespace {

/// About sin(2 pi t), by parabolas.
float wave_at(float t) {
  t -= static_cast<float>(static_cast<int>(t + 1000)) - 1000;  // its fraction, for t > -1000
  return t < 0.5F ? 16 * t * (0.5F - t) : -16 * (t - 0.5F) * (1 - t);
}

/// Moves points smoothly, by up to about `most` in each direction: waves along and across.
void bend(float most, Random& random, Shape& shape) {
  struct Wave {
    float size, often, phase;
    float operator()(float at) const { return size * wave_at(often * at + phase); }
  };
  const auto wave = [&](float often) {
    return Wave{normal(random, most), often * between(random, 0.7F, 1.3F), random.uniform()};
  };
  const Wave x_along_y = wave(0.64F), x_along_x = wave(0.64F), y_along_x = wave(0.64F),
             y_along_y = wave(0.64F);
  for (PenPoint& p : shape.points) {
    const float x = p.x + x_along_y(p.y) + x_along_x(p.x);
    const float y = p.y + y_along_x(p.x) + y_along_y(p.y);
    p.x = x;
    p.y = y;
  }
}

void turn(float angle, float aspect, Shape& shape) {
  const float cos = std::cos(angle);
  const float sin = std::sin(angle);
  for (PenPoint& p : shape.points) {
    const float x = aspect * p.x;
    p = {cos * x - sin * p.y, sin * x + cos * p.y, p.radius, p.tone};
  }
}

/// Moves closed outlines outwards (`by` > 0) or inwards; their ink is at the right of their way.
void grow(float by, Shape& shape) {
  if (by == 0) return;
  std::vector<PenPoint> moved = shape.points;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : shape.ends) {
    const std::uint32_t count = end - begin;
    for (std::uint32_t i = 0; i < count; ++i) {
      const PenPoint& a = shape.points[begin + (i + count - 1) % count];
      const PenPoint& b = shape.points[begin + (i + 1) % count];
      const float length = std::max(std::hypot(b.x - a.x, b.y - a.y), 1e-6F);
      moved[begin + i].x += by * (b.y - a.y) / length;
      moved[begin + i].y -= by * (b.x - a.x) / length;
    }
    begin = end;
  }
  shape.points = std::move(moved);
}

/// Adds points between points (Catmull and Rom 1974), `pieces` for each piece.
void refine(int pieces, Shape& shape) {
  if (pieces < 2) return;
  Shape fine;
  fine.filled = shape.filled;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : shape.ends) {
    const auto count = static_cast<int>(end - begin);
    const auto at = [&](int i) -> const PenPoint& {
      i = shape.filled ? (i + count) % count : std::clamp(i, 0, count - 1);
      return shape.points[begin + static_cast<std::uint32_t>(i)];
    };
    for (int i = 0; i < (shape.filled ? count : count - 1); ++i) {
      const PenPoint &a = at(i - 1), &b = at(i), &c = at(i + 1), &d = at(i + 2);
      for (int k = 0; k < pieces; ++k) {
        const float t = static_cast<float>(k) / static_cast<float>(pieces);
        const auto through = [t](float p, float q, float r, float s) {
          return 0.5F * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t +
                         (3 * q - p - 3 * r + s) * t * t * t);
        };
        fine.points.push_back({through(a.x, b.x, c.x, d.x), through(a.y, b.y, c.y, d.y),
                               b.radius + t * (c.radius - b.radius), b.tone});
      }
    }
    if (!shape.filled) fine.points.push_back(at(count - 1));
    fine.end();
    begin = end;
  }
  shape = std::move(fine);
}

/// Its ink between y = -1 and 0, from x = 0 on. Radii stay.
void fit(Shape& shape) {
  float thick = 0;
  float top = 1e9F, bottom = -1e9F, left = 1e9F, right = -1e9F;
  for (const PenPoint& p : shape.points) {
    thick = std::max(thick, p.radius);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
    left = std::min(left, p.x);
    right = std::max(right, p.x);
  }
  // Something that lies rather than stands is made as wide as others are.
  const float size = std::max({bottom - top, 0.6F * (right - left), 0.05F});
  const float scale = (1 - 2 * std::min(thick, 0.3F)) / size;
  for (PenPoint& p : shape.points) {
    p.x = (p.x - left) * scale + thick;
    p.y = (p.y - bottom) * scale - thick;
  }
}

/// The ink comes and goes along the strokes, slowly.
void vary_tone(float uneven, Random& random, Shape& shape) {
  if (uneven <= 0) return;
  const float often = between(random, 0.015F, 0.1F);
  float phase = random.uniform();
  for (PenPoint& p : shape.points) {
    p.tone = 1 - uneven * (0.5F + 0.5F * wave_at(phase));
    phase += often * between(random, 0.5F, 1.5F);
  }
}

constexpr float min_radius = 0.3F;     // pixels
constexpr float usual_radius = 0.07F;  // of the bank's digits

}  // namespace

Hand random_hand(const GlyphBank& bank, Random& random) {
  Hand hand;
  hand.seed = random.next();
  hand.slant = chance(random, 0.75F) ? normal(random, 0.18F) + 0.04F : normal(random, 0.2F) + 0.3F;
  if (chance(random, 0.35F)) {
    hand.slant_of_ones = between(random, -0.05F, 0.4F);
    hand.size_of_ones = between(random, 0.9F, 1.35F);
  }
  hand.aspect = std::exp(normal(random, 0.16F));
  hand.turn = normal(random, 0.04F) + (chance(random, 0.06F) ? normal(random, 0.2F) : 0);
  hand.wobble = between(random, 0.15F, 1);
  hand.bend = between(random, 0, 0.03F);
  switch (choose(random, {0.38F, 0.4F, 0.22F})) {
    case 0:
      hand.gap = between(random, -0.12F, 0.06F);
      break;
    case 1:
      hand.gap = between(random, 0.05F, 0.35F);
      break;
    default:
      hand.gap = between(random, 0.35F, 1.3F);
  }
  switch (choose(random, {0.32F, 0.28F, 0.22F, 0.18F})) {
    case 0:
      hand.rare = 0;
      break;
    case 1:
      hand.rare = 0.15F;
      break;
    case 2:
      hand.rare = 0.5F;
      break;
    default:
      hand.rare = 0.95F;
  }
  constexpr float like_a_font = 0.06F;
  if (!bank.script_fonts().empty() && chance(random, like_a_font))
    hand.font = &bank.fonts()[pick(random, bank.script_fonts())];
  hand.touching = chance(random, 0.3F) ? between(random, 0.1F, 0.9F) : 0;
  hand.jump = chance(random, 0.9F) ? 0.04F : between(random, 0.06F, 0.45F);
  hand.retraced = chance(random, 0.05F) ? between(random, 0.05F, 0.3F) : 0;
  hand.few = chance(random, 0.6F) ? whole(random, 1, 3) : 0;
  hand.small_zeros = chance(random, 0.2F);
  hand.joined_zeros = chance(random, 0.25F);
  hand.outlined = chance(random, 0.35F) ? 1 : chance(random, 0.1F) ? 0.5F : 0;
  hand.pen =
      chance(random, 0.75F) ? log_between(random, 0.02F, 0.065F) : log_between(random, 0.05F, 0.1F);
  hand.natural = chance(random, 0.5F) ? between(random, 0, 1) : 0;
  hand.thicker = std::min(normal(random, 0.018F), 0.03F);
  hand.uneven = chance(random, 0.35F) ? between(random, 0.1F, 0.5F) : 0;
  hand.ink.level = chance(random, 0.7F) ? between(random, 0, 60) : between(random, 20, 110);
  hand.ink.opacity =
      chance(random, 0.7F) ? between(random, 0.75F, 1) : log_between(random, 0.3F, 0.8F);
  hand.ink.grain = chance(random, 0.2F) ? between(random, 0.2F, 0.9F) : 0;
  return hand;
}

void shape_digit(const GlyphBank& bank, const Hand& hand, int digit, float pixels, Random& random,
                 Shape& shape) {
  const auto key = static_cast<std::uint64_t>(digit);
  Random habit({hand.seed, key});
  const std::size_t count = bank.count(digit);
  const FontGlyph* printed =
      hand.font ? &hand.font->glyph(static_cast<char>('0' + digit)) : nullptr;
  const bool rare = printed == nullptr && (count == 0 || chance(habit, hand.rare));
  std::size_t index = 0;
  if (!rare && printed == nullptr) {
    index = random.below(count);
    if (hand.few > 0)
      index =
          Random({hand.seed, key, random.below(static_cast<std::uint64_t>(hand.few))}).below(count);
  }
  const bool outlined = printed != nullptr || (!rare && chance(random, hand.outlined));
  if (printed != nullptr)
    shape = printed->outlines;
  else if (rare)
    draw_rare_digit(digit, habit, hand.wobble, random, shape);
  else if (outlined)
    bank.outlines(digit, index, shape);
  else
    bank.strokes(digit, index, shape);
  constexpr float longest = 4;  // pixels; longer pieces of a curve would show their corners
  if (!rare && printed == nullptr && pixels > 20 * longest)
    refine(std::min(8, 1 + static_cast<int>(pixels / (20 * longest))), shape);
  bend(hand.bend * (0.3F + hand.wobble), random, shape);
  turn(hand.turn + normal(random, 0.05F * hand.wobble),
       hand.aspect * std::exp(normal(random, 0.1F * hand.wobble)), shape);
  if (outlined) {
    grow(hand.thicker, shape);
  } else {
    const float least = min_radius / pixels;
    const float pen = hand.pen * std::exp(normal(random, 0.08F * hand.wobble));
    for (PenPoint& p : shape.points) {
      const float own = p.radius > 0 ? p.radius / usual_radius : 1;
      p.radius = std::max(least, pen * (1 + hand.natural * (own - 1)));
    }
    vary_tone(hand.uneven, random, shape);
  }
  fit(shape);
}

void write_outlines(const Hand& hand, Random& random, Shape& shape) {
  bend(hand.bend * (0.3F + hand.wobble), random, shape);
  grow(0.5F * hand.thicker, shape);
}

void ink_strokes(const Hand& hand, float pixels, Random& random, Shape& shape) {
  // Outlines' strokes are about as wide as the bank's.
  const float pen = hand.outlined > 0.5F ? usual_radius + hand.thicker : hand.pen;
  const float radius = std::max(min_radius / pixels, pen * std::exp(normal(random, 0.05F)));
  for (PenPoint& p : shape.points) p.radius = radius;
  vary_tone(hand.uneven, random, shape);
}

}  // namespace scrawl::pages
