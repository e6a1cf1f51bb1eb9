// Light on a page, and what lies on it.
#include "pages/degrade.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "network/clones.hpp"
#include "pages/chance.hpp"
#include "pages/letters.hpp"

namespace scrawl::pages {

namespace {

float width_of(const Canvas& canvas) {
  return static_cast<float>(canvas.width());
}
float height_of(const Canvas& canvas) {
  return static_cast<float>(canvas.height());
}

/// row[x] *= a + b x + c x^2
SCRAWL_CLONES void multiply(float a, float b, float c, int count, float* row) {
  for (int i = 0; i < count; ++i) {
    const float x = static_cast<float>(i);
    row[i] *= a + x * (b + x * c);
  }
}

/// row[x] *= 1 - depth * s, where s goes from 0 to 1 as `start + slope x` goes from -1 to 1.
SCRAWL_CLONES void darken_beyond(float start, float slope, float depth, int count, float* row) {
  for (int x = 0; x < count; ++x) {
    float t = start + slope * static_cast<float>(x);
    t = t < -1 ? -1 : t;
    t = t > 1 ? 1 : t;
    row[x] *= 1 - depth * (0.5F + t * (0.75F - 0.25F * t * t));
  }
}

/// The same toward a level.
SCRAWL_CLONES void cover_beyond(float start, float slope, float level, int count, float* row) {
  for (int x = 0; x < count; ++x) {
    float t = start + slope * static_cast<float>(x);
    t = t < -1 ? -1 : t;
    t = t > 1 ? 1 : t;
    row[x] += (level - row[x]) * (0.5F + t * (0.75F - 0.25F * t * t));
  }
}

/// A line across the picture: where a x + b y + c is above 0 is beyond it; a, b of length 1.
struct Edge {
  float a, b, c;
};

Edge random_edge(const Canvas& canvas, Random& random, float low, float high) {
  const float angle = between(random, 0, 2 * std::numbers::pi_v<float>);
  const float x = between(random, low, high) * width_of(canvas);
  const float y = between(random, low, high) * height_of(canvas);
  const float a = std::cos(angle);
  const float b = std::sin(angle);
  return {a, b, -(a * x + b * y)};
}

}  // namespace

void add_gradient(Canvas& canvas, Random& random) {
  const float across = std::clamp(normal(random, 0.22F), -0.6F, 0.6F) / width_of(canvas);
  const float down = std::clamp(normal(random, 0.22F), -0.6F, 0.6F) / height_of(canvas);
  for (int y = 0; y < canvas.height(); ++y) {
    const float a = 1 + down * (static_cast<float>(y) - 0.5F * height_of(canvas)) -
                    0.5F * across * width_of(canvas);
    multiply(a, across, 0, canvas.width(), canvas.row(y));
  }
}

void add_shadow(Canvas& canvas, Random& random) {
  const Edge edge = random_edge(canvas, random, 0.05F, 0.95F);
  const float soft = log_between(random, 0.6F, 25);
  const float depth = between(random, 0.1F, 0.65F);
  for (int y = 0; y < canvas.height(); ++y)
    darken_beyond((edge.c + edge.b * static_cast<float>(y)) / soft, edge.a / soft, depth,
                  canvas.width(), canvas.row(y));
}

void add_vignette(Canvas& canvas, Random& random) {
  const float depth = between(random, 0.2F, 0.7F);
  const float mx = width_of(canvas) * between(random, 0.3F, 0.7F);
  const float my = height_of(canvas) * between(random, 0.3F, 0.7F);
  const float size = 1.6F / (width_of(canvas) * width_of(canvas));
  const float tall = 1.6F / (height_of(canvas) * height_of(canvas));
  for (int y = 0; y < canvas.height(); ++y) {
    const float dy = static_cast<float>(y) - my;
    const float a = 1 - depth * (tall * dy * dy + size * mx * mx) * 0.7F;
    multiply(std::max(a, 0.1F), 1.4F * depth * size * mx, -0.7F * depth * size, canvas.width(),
             canvas.row(y));
  }
}

void add_fold(Canvas& canvas, Random& random) {
  const Edge edge = random_edge(canvas, random, 0.1F, 0.9F);
  const float soft = between(random, 0.7F, 3);
  const float depth = normal(random, 0.2F);
  const float slope = normal(random, 0.06F);
  for (int y = 0; y < canvas.height(); ++y) {
    const float start = edge.c + edge.b * static_cast<float>(y);
    // A dark or light line, and a change of light beyond it.
    darken_beyond(start / soft, edge.a / soft, depth, canvas.width(), canvas.row(y));
    darken_beyond(start / soft - 2, edge.a / soft, -depth / (1 - depth), canvas.width(),
                  canvas.row(y));
    darken_beyond(start / soft - 1, edge.a / soft, slope, canvas.width(), canvas.row(y));
  }
}

void add_background(Canvas& canvas, Random& random, std::vector<Rectangle>& hidden) {
  const int edges = choose(random, {0.55F, 0.25F, 0.08F, 0.12F}) + 1;
  const int first = whole(random, 0, 3);
  const float level = chance(random, 0.7F) ? between(random, 0, 110) : between(random, 110, 255);
  for (int i = 0; i < edges; ++i) {
    // From one of the four sides, a little askew.
    const int from = (first + i) % 4;
    const float askew = normal(random, 0.06F);
    const float depth = between(random, 0.02F, 0.22F);
    Edge edge{};
    const float w = width_of(canvas), h = height_of(canvas);
    if (from == 0) edge = {-1, askew, depth * w - askew * h / 2};
    if (from == 1) edge = {1, askew, -(1 - depth) * w - askew * h / 2};
    if (from == 2) edge = {askew, -1, depth * h - askew * w / 2};
    if (from == 3) edge = {askew, 1, -(1 - depth) * h - askew * w / 2};
    const float soft = between(random, 0.5F, 2);
    for (int y = 0; y < canvas.height(); ++y)
      cover_beyond((edge.c + edge.b * static_cast<float>(y)) / soft, edge.a / soft, level,
                   canvas.width(), canvas.row(y));
    if (from == 0) hidden.push_back({-1e6F, -1e6F, depth * w, 1e6F});
    if (from == 1) hidden.push_back({(1 - depth) * w, -1e6F, 1e6F, 1e6F});
    if (from == 2) hidden.push_back({-1e6F, -1e6F, 1e6F, depth * h});
    if (from == 3) hidden.push_back({-1e6F, (1 - depth) * h, 1e6F, 1e6F});
  }
}

void add_finger(Canvas& canvas, Random& random, std::vector<Rectangle>& hidden) {
  const float w = width_of(canvas), h = height_of(canvas);
  const float radius = between(random, 0.08F, 0.22F) * std::min(w, h);
  Point tip{between(random, 0, w), between(random, 0, h)};
  Point root = tip;
  const float in = between(random, 0.3F, 1.6F) * radius;
  switch (whole(random, 0, 3)) {
    case 0:
      tip.x = in - radius;
      root = {-2 * h, tip.y + normal(random, h / 2)};
      break;
    case 1:
      tip.x = w - in + radius;
      root = {w + 2 * h, tip.y + normal(random, h / 2)};
      break;
    case 2:
      tip.y = in - radius;
      root = {tip.x + normal(random, h / 2), -2 * h};
      break;
    default:
      tip.y = h - in + radius;
      root = {tip.x + normal(random, h / 2), 3 * h};
  }
  Shape shape;
  shape.add(tip, radius);
  shape.add(root, radius * 1.2F);
  shape.end();
  const View view = canvas.view;
  canvas.view = {};
  canvas.draw(shape, {between(random, 10, 220), 1, 0, 0});
  canvas.view = view;
  hidden.push_back({std::min(tip.x, root.x) - radius, std::min(tip.y, root.y) - radius,
                    std::max(tip.x, root.x) + radius, std::max(tip.y, root.y) + radius});
}

void add_texture(Canvas& canvas, Random& random) {
  for (int i = whole(random, 1, 4); i > 0; --i)
    add_noise(canvas, log_between(random, 1, 14), pick(random, {1, 2, 3, 4, 6, 10, 16, 30}),
              random);
  if (chance(random, 0.25F)) {  // wood, cloth: the same all along
    Canvas row(canvas.width(), 1, 0);
    add_noise(row, log_between(random, 3, 20), pick(random, {1, 2, 3, 6}), random);
    for (int y = 0; y < canvas.height(); ++y)
      std::transform(row.row(0), row.row(0) + canvas.width(), canvas.row(y), canvas.row(y),
                     std::plus<>());
  }
  const View view = canvas.view;
  canvas.view = {};
  Shape shape;
  const int curves = chance(random, 0.6F) ? whole(random, 1, 5) : 0;
  for (int i = 0; i < curves; ++i) {
    Stroke way;
    for (int k = whole(random, 2, 5); k > 0; --k)
      way.push_back({between(random, -0.1F, 1.1F) * width_of(canvas),
                     between(random, -0.1F, 1.1F) * height_of(canvas)});
    const float radius = log_between(random, 0.4F, chance(random, 0.3F) ? 12 : 2);
    shape.clear();
    for (const Point& p : smooth(way)) shape.add(p, radius * between(random, 0.8F, 1.2F));
    shape.end();
    canvas.draw(shape, {between(random, 0, 255), between(random, 0.1F, 0.7F), 0, 0});
  }
  canvas.view = view;
  if (chance(random, 0.4F)) blur(canvas, between(random, 0.4F, 2));
}

void add_salt(Canvas& canvas, Random& random) {
  const auto pixels = static_cast<float>(canvas.levels().size());
  const int count = static_cast<int>(pixels * log_between(random, 0.0005F, 0.015F));
  const float size = chance(random, 0.8F) ? -between(random, 20, 200) : between(random, 20, 150);
  for (int i = 0; i < count; ++i)
    canvas.levels()[random.below(canvas.levels().size())] += size * random.uniform();
}

}  // namespace scrawl::pages
