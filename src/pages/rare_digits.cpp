#include "pages/rare_digits.hpp"

#include <cmath>
#include <initializer_list>
#include <numbers>

#include "pages/chance.hpp"
#include "pages/letters.hpp"

namespace scrawl::pages {

namespace {

/// Draws in a square that is 1 high, its upper left corner at 0, 0.
class Drawing {
 public:
  Drawing(Random style, float wobble, Random& random, Shape& shape)
      : style_(style), wobble_(wobble), random_(random), shape_(shape) {}

  /// What the hand has settled on.
  float of(float low, float high) { return between(style_, low, high); }
  bool likes(float probability) { return chance(style_, probability); }

  void lines(std::initializer_list<Point> points) { put(Stroke(points)); }
  void curve(std::initializer_list<Point> points) {
    Stroke moved;
    for (const Point& p : points) moved.push_back(moved_a_little(p, 0.03F));
    put(smooth(moved), 0);
  }
  void put(const Stroke& stroke, float move = 0.03F) {
    for (const Point& p : stroke) {
      const Point at = moved_a_little(p, move);
      shape_.add({at.x, at.y - 1});
    }
    shape_.end();
  }

 private:
  Point moved_a_little(Point p, float by) {
    return {p.x + normal(random_, by * wobble_), p.y + normal(random_, by * wobble_)};
  }

  Random style_;
  float wobble_;
  Random& random_;
  Shape& shape_;
};

/// An ellipse that is begun at the angle `from` and goes on over `turn`, both in radians.
Stroke ellipse(Point middle, float half_width, float half_height, float from, float turn,
               float inwards) {
  constexpr int steps = 26;
  Stroke points;
  for (int i = 0; i <= steps; ++i) {
    const float t = static_cast<float>(i) / steps;
    const float angle = from + t * turn;
    const float shrink = 1 - inwards * t;
    points.push_back({middle.x + half_width * shrink * std::cos(angle),
                      middle.y + half_height * shrink * std::sin(angle)});
  }
  return points;
}

constexpr float up = -std::numbers::pi_v<float> / 2;
constexpr float round = 2 * std::numbers::pi_v<float>;

void draw_zero(Drawing& d) {
  const float half = d.of(0.2F, 0.45F);
  const float turn = d.likes(0.3F) ? d.of(5.7F, 6.15F) : d.of(6.1F, 7.2F);  // open, or overlapping
  d.put(ellipse({half, 0.5F}, half, 0.5F, up + d.of(-0.9F, 0.7F), -turn, d.of(-0.12F, 0.12F)),
        0.008F);
  if (d.likes(0.12F)) d.lines({{half * 1.7F, 0.12F}, {half * 0.3F, 0.88F}});  // struck through
  if (d.likes(0.1F)) d.curve({{half, 0.02F}, {half * 1.4F, -0.04F}, {2 * half, 0.06F}});  // a tail
}

void draw_one(Drawing& d) {
  const float lean = d.of(-0.12F, 0.1F);
  if (d.likes(0.35F)) {
    if (d.likes(0.7F)) return d.lines({{0.1F, 0}, {0.1F + lean, 1}});
    return d.curve({{0.1F, 0}, {0.1F + d.of(-0.06F, 0.06F), 0.5F}, {0.1F + lean, 1}});
  }
  const bool long_flag = d.likes(0.2F);  // from near the foot, so that it is like a 7 or a tent
  const float reach = long_flag ? d.of(0.25F, 0.55F) : d.of(0.1F, 0.48F);
  const float drop = long_flag ? d.of(0.45F, 0.95F) : reach * d.of(0.5F, 1.4F);
  d.likes(0.75F) ? d.lines({{0, drop}, {reach, 0}, {reach + lean, 1}})
                 : d.curve({{0, drop},
                            {reach * 0.6F, drop * 0.5F},
                            {reach, 0},
                            {reach + lean / 2, 0.5F},
                            {reach + lean, 1}});
  if (d.likes(0.25F)) {
    const float left = d.of(0.1F, 0.36F);
    const float right = d.of(0.1F, 0.36F);
    d.lines({{reach + lean - left, 1}, {reach + lean + right, 1}});
  }
}

void draw_two(Drawing& d) {
  const float width = d.of(0.45F, 0.75F);
  const float start = d.of(0.1F, 0.32F);
  switch (d.likes(0.35F) ? 0 : d.likes(0.45F) ? 1 : d.likes(0.5F) ? 2 : 3) {
    case 3:  // with a loop where it begins, as a 9 has one
      return d.curve({{width * 0.4F, 0.3F},
                      {width * 0.12F, d.of(0.26F, 0.36F)},
                      {0.02F, 0.15F},
                      {width * 0.35F, 0.01F},
                      {width * 0.85F, 0.1F},
                      {width * 0.9F, 0.35F},
                      {width * 0.5F, 0.7F},
                      {0.05F, 0.97F},
                      {0, d.of(0.82F, 0.9F)},
                      {width * 0.3F, 0.88F},
                      {width * 0.7F, 1},
                      {width * 1.1F, d.of(0.85F, 0.97F)}});
    case 0:  // with a loop at its foot
      return d.curve({{0.05F, start},
                      {width * 0.45F, 0},
                      {width * 0.9F, 0.25F},
                      {width * 0.5F, 0.65F},
                      {0.08F, 0.97F},
                      {0, d.of(0.8F, 0.88F)},
                      {0.2F, 0.85F},
                      {width * 0.6F, 0.99F},
                      {width, d.of(0.85F, 0.98F)}});
    case 1:  // with a straight foot
      d.curve({{0.05F, start},
               {width * 0.5F, 0},
               {width * 0.95F, 0.25F},
               {width * 0.5F, 0.65F},
               {0, 1}});
      return d.lines({{0, 1}, {width, 1 + d.of(-0.06F, 0.03F)}});
    default:  // like a z
      return d.lines({{0.02F, d.of(0, 0.12F)}, {width * 0.9F, 0.03F}, {0, 0.97F}, {width, 1}});
  }
}

void draw_three(Drawing& d) {
  const float width = d.of(0.4F, 0.6F);
  if (d.likes(0.5F)) {  // flat at its top
    d.lines({{0.02F, d.of(0, 0.06F)}, {width * 0.92F, 0}, {width * 0.4F, d.of(0.34F, 0.46F)}});
    return d.curve({{width * 0.4F, 0.4F},
                    {width * 0.85F, 0.5F},
                    {width, 0.73F},
                    {width * 0.5F, 1},
                    {0, d.of(0.8F, 0.95F)}});
  }
  d.curve({{0.02F, d.of(0.08F, 0.2F)},
           {width * 0.5F, 0},
           {width * 0.9F, 0.2F},
           {width * 0.6F, 0.43F},
           {width * d.of(0.25F, 0.5F), 0.47F},
           {width * 0.7F, 0.5F},
           {width, 0.73F},
           {width * 0.5F, 1},
           {0, d.of(0.8F, 0.93F)}});
}

void draw_four(Drawing& d) {
  const float stem = d.of(0.35F, 0.6F);
  const bool low = d.likes(0.3F);  // its bar and what is left of its stem
  const float bar = low ? d.of(0.68F, 0.88F) : d.of(0.5F, 0.72F);
  const float over = d.of(0.05F, 0.28F);
  if (d.likes(0.2F)) {  // like a y: a cup, and a stem from its right rim that comes round
    const float cup = d.of(0.4F, 0.62F);
    const float rim = d.of(-0.05F, 0.2F);
    const float way = d.of(-0.2F, 0.1F);
    d.curve({{d.of(0, 0.1F), 0},
             {0.02F, cup * 0.7F},
             {stem * 0.45F, cup},
             {stem * 0.95F, cup * d.of(0.7F, 0.95F)}});
    return d.curve({{stem, rim}, {stem, cup}, {stem + way * 0.3F, 0.8F}, {stem + way, 1}});
  }
  if (d.likes(0.3F)) {  // closed, in one go
    d.lines({{stem + 0.15F, bar}, {0, bar}, {stem, 0}, {stem, 1}});
    return;
  }
  const float corner = d.of(0, low ? 0.5F : 0.28F);
  if (d.likes(0.15F)) {  // in one go, its corners rounded
    return d.curve({{corner, 0},
                    {0.03F, bar * 0.75F},
                    {stem * 0.4F, bar},
                    {stem * 0.95F, bar * d.of(0.7F, 0.95F)},
                    {stem + 0.08F, d.of(0.12F, 0.4F)},
                    {stem + 0.02F, 0.6F},
                    {stem + d.of(-0.12F, 0.08F), 1}});
  }
  if (d.likes(0.3F))
    d.curve({{corner, 0}, {0.02F, bar * 0.7F}, {0.1F, bar}, {stem + over, bar - 0.04F}});
  else
    d.lines({{corner, 0}, {0, bar}, {stem + over, bar + d.of(-0.08F, 0.04F)}});
  const float lean = d.of(-0.12F, 0.08F);
  d.lines({{stem, low ? d.of(0.3F, bar - 0.05F) : d.of(-0.02F, 0.55F)}, {stem + lean, 1}});
}

void draw_five(Drawing& d) {
  const float width = d.of(0.4F, 0.6F);
  const float left = d.of(0, 0.12F);
  if (d.likes(0.25F)) {  // like an s
    return d.curve({{width, d.of(0, 0.08F)},
                    {width * 0.5F, 0.02F},
                    {left, 0.25F},
                    {width * 0.5F, 0.45F},
                    {width, 0.7F},
                    {width * 0.6F, 0.98F},
                    {0, d.of(0.85F, 0.98F)}});
  }
  const float top = d.of(0, 0.06F);
  d.lines({{left + 0.03F, top}, {left, 0.42F}});
  d.curve({{left, 0.43F},
           {width * 0.5F, d.of(0.33F, 0.42F)},
           {width * 0.98F, 0.65F},
           {width * 0.55F, 0.99F},
           {0, d.of(0.83F, 0.97F)}});
  const float gap = d.likes(0.25F) ? d.of(0.03F, 0.1F) : 0;
  d.lines({{left + gap, top}, {width * d.of(0.85F, 1.4F), d.of(-0.06F, 0.08F)}});
}

void draw_six(Drawing& d) {
  const float width = d.of(0.35F, 0.55F);
  const float loop = d.of(0.45F, 0.65F);
  const float start = d.of(0.45F, 1.1F) * width;
  d.curve({{start, 0},
           {width * d.of(0.15F, 0.35F), 0.35F},
           {0, 0.72F},
           {width * 0.45F, 1},
           {width, 0.78F},
           {width * 0.6F, loop},
           {width * 0.1F, d.of(0.68F, 0.8F)}});
}

void draw_seven(Drawing& d) {
  const bool narrow = d.likes(0.25F);
  const float width = narrow ? d.of(0.25F, 0.4F) : d.of(0.4F, 0.75F);
  const float foot = width * d.of(0.0F, 0.75F);
  const float start = d.likes(0.6F) ? d.of(0, 0.08F) : d.of(0.08F, 0.3F);
  const bool curved = d.likes(0.4F);
  const float bow = d.of(-0.02F, 0.1F);
  if (d.likes(0.3F)) d.lines({{0, start}, {d.of(-0.05F, 0.03F), start + d.of(0.08F, 0.22F)}});
  if (curved) {
    d.lines({{0, start}, {width, d.of(-0.03F, 0.05F)}});
    d.curve({{width, 0}, {(width + foot) / 2 - bow, 0.48F}, {foot, 1}});
  } else {
    d.lines({{0, start}, {width, d.of(-0.03F, 0.05F)}, {foot, 1}});
  }
  if (d.likes(0.6F)) {
    const float y = d.of(0.38F, 0.66F);
    const float middle = width + (foot - width) * y - (curved ? bow * 0.6F : 0);
    const float side = d.of(0.1F, 0.36F);
    const float tilt = d.of(-0.1F, 0.04F);
    d.lines({{middle - side, y - tilt / 2}, {middle + side * d.of(0.7F, 1.2F), y + tilt / 2}});
  }
}

void draw_eight(Drawing& d) {
  const float half = d.of(0.18F, 0.3F);
  const float waist = d.of(0.4F, 0.5F);
  if (d.likes(0.35F)) {  // two rings
    d.put(ellipse({half, waist / 2}, half * d.of(0.7F, 1), waist / 2, up,
                  round * d.of(0.95F, 1.05F), 0),
          0.008F);
    return d.put(
        ellipse({half, (1 + waist) / 2}, half, (1 - waist) / 2, up, round * d.of(0.95F, 1.05F), 0),
        0.008F);
  }
  const float end = d.likes(0.3F) ? d.of(0.03F, 0.15F) : 0;  // open at the top
  d.curve({{2 * half * 0.85F, 0.08F + end},
           {half, 0},
           {0.08F, 0.18F},
           {half, waist},
           {2 * half, 0.75F},
           {half, 1},
           {0, 0.77F},
           {half, waist},
           {2 * half * 0.92F, 0.18F},
           {2 * half * 0.8F - end, 0.05F}});
}

void draw_nine(Drawing& d) {
  const float width = d.of(0.35F, 0.55F);
  const float loop = d.of(0.35F, 0.55F);
  const float top = d.of(0.03F, 0.16F);
  switch (d.likes(0.25F) ? 0 : d.likes(0.35F) ? 1 : d.likes(0.4F) ? 2 : d.likes(0.5F) ? 3 : 4) {
    case 3:  // open: its loop ends below where it began
      d.curve({{width * d.of(0.55F, 0.9F), top},
               {width * 0.3F, d.of(0, 0.08F)},
               {0, loop * 0.6F},
               {width * 0.4F, loop},
               {width * 0.95F, loop * d.of(0.5F, 0.75F)}});
      return d.curve({{width * 0.98F, d.of(0.02F, 0.25F)},
                      {width, 0.6F},
                      {width * 0.7F, 0.95F},
                      {d.of(-0.25F, 0.3F), d.of(0.85F, 1)}});
    case 4:  // a cup that runs on into the tail
      return d.curve({{width * d.of(0.5F, 1), top},
                      {width * d.of(0.25F, 0.45F), 0},
                      {0, loop * 0.5F},
                      {width * 0.3F, loop * 0.95F},
                      {width * 0.75F, loop * d.of(0.8F, 0.95F)},
                      {width, loop * 1.15F},
                      {width * 0.9F, 0.75F},
                      {width * 0.45F, 1},
                      {d.of(-0.2F, 0.1F), d.of(0.88F, 1)}});
    case 0:  // with a straight tail
      d.curve({{width, top},
               {width * 0.5F, 0},
               {0, loop * 0.5F},
               {width * 0.45F, loop},
               {width * 0.95F, loop * 0.6F},
               {width, top}});
      return d.lines({{width, top}, {width * d.of(0.75F, 1.1F), 1}});
    case 1:  // with a tail that comes round
      return d.curve({{width * 0.95F, top},
                      {width * 0.5F, 0},
                      {0, loop * 0.5F},
                      {width * 0.45F, loop},
                      {width * 0.95F, loop * 0.5F},
                      {width, top + 0.05F},
                      {width, 0.7F},
                      {width * 0.6F, 1},
                      {d.of(-0.25F, 0.1F), d.of(0.8F, 0.95F)}});
    default:  // with a long tail to the left
      return d.curve({{width, top},
                      {width * 0.5F, 0},
                      {0, loop * 0.5F},
                      {width * 0.4F, loop},
                      {width * 0.9F, loop * 0.5F},
                      {width, top},
                      {width * 0.85F, 0.55F},
                      {d.of(-0.3F, 0.3F) * width, 1}});
  }
}

}  // namespace

void draw_rare_digit(int digit, Random style, float wobble, Random& random, Shape& shape) {
  constexpr void (*draw[])(Drawing&) = {draw_zero, draw_one, draw_two,   draw_three, draw_four,
                                        draw_five, draw_six, draw_seven, draw_eight, draw_nine};
  shape.clear();
  Drawing drawing(style, wobble, random, shape);
  draw[digit](drawing);
}

}  // namespace scrawl::pages
