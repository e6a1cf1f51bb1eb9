#include "pages/degrade.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "network/clones.hpp"
#include "pages/chance.hpp"
#include "pages/letters.hpp"
#include "pages/noise.hpp"

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

SCRAWL_CLONES void add_fine_noise(std::uint32_t seed, float size, int count, float* row) {
  for (int x = 0; x < count; ++x) {
    const std::uint32_t bits = hash_of(seed + static_cast<std::uint32_t>(x));
    // The sum of four bytes is near enough to normal; its deviation is 147.8.
    const std::uint32_t pairs = (bits & 0x00FF00FFU) + ((bits >> 8) & 0x00FF00FFU);
    const auto sum = static_cast<std::int32_t>((pairs & 0xFFFFU) + (pairs >> 16));
    row[x] += size * static_cast<float>(sum - 510);
  }
}
constexpr float deviation_of_four_bytes = 147.8F;

SCRAWL_CLONES void add_scaled(const float* from, float by, int count, float* to) {
  for (int x = 0; x < count; ++x) to[x] += by * from[x];
}

/// Values at every `grain`-th pixel, drawn out to all of them.
SCRAWL_CLONES void stretch(const float* coarse, const float* shares, const int* places, int count,
                           float* fine) {
  for (int x = 0; x < count; ++x) {
    const int i = places[x];
    fine[x] = coarse[i] + shares[x] * (coarse[i + 1] - coarse[i]);
  }
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
      add_scaled(row.row(0), 1, canvas.width(), canvas.row(y));
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

void add_noise(Canvas& canvas, float deviation, int grain, Random& random) {
  const auto seed = static_cast<std::uint32_t>(random.next());
  const float size = deviation / deviation_of_four_bytes;
  const int width = canvas.width();
  if (grain <= 1) {
    for (int y = 0; y < canvas.height(); ++y)
      add_fine_noise(seed ^ hash_of(static_cast<std::uint32_t>(y)), size, width, canvas.row(y));
    return;
  }
  const int columns = width / grain + 2;
  std::vector<float> above(static_cast<std::size_t>(columns));
  std::vector<float> below(above), mixed(above);
  std::vector<float> fine(static_cast<std::size_t>(width)), shares(fine);
  std::vector<int> places(static_cast<std::size_t>(width));
  for (int x = 0; x < width; ++x) {
    places[static_cast<std::size_t>(x)] = x / grain;
    shares[static_cast<std::size_t>(x)] = static_cast<float>(x % grain) / static_cast<float>(grain);
  }
  std::uint32_t row_seed = seed;
  const auto next_row = [&](std::vector<float>& row) {
    std::fill(row.begin(), row.end(), 0.0F);
    add_fine_noise(hash_of(++row_seed), size, columns, row.data());
  };
  next_row(below);
  for (int y = 0; y < canvas.height(); ++y) {
    if (y % grain == 0) {
      std::swap(above, below);
      next_row(below);
    }
    const float t = static_cast<float>(y % grain) / static_cast<float>(grain);
    for (int i = 0; i < columns; ++i) {
      const auto at = static_cast<std::size_t>(i);
      mixed[at] = above[at] + t * (below[at] - above[at]);
    }
    stretch(mixed.data(), shares.data(), places.data(), width, fine.data());
    add_scaled(fine.data(), 1, width, canvas.row(y));
  }
}

namespace {

constexpr int max_reach = 8;

/// Filters along rows with `taps` (2 reach + 1); what is beyond the edges is as at them.
void filter_rows(const std::vector<float>& taps, Canvas& canvas) {
  const int reach = static_cast<int>(taps.size()) / 2;
  const int width = canvas.width();
  std::vector<float> padded(static_cast<std::size_t>(width + 2 * reach));
  for (int y = 0; y < canvas.height(); ++y) {
    float* row = canvas.row(y);
    std::fill_n(padded.begin(), reach, row[0]);
    std::copy_n(row, width, padded.begin() + reach);
    std::fill_n(padded.end() - reach, reach, row[width - 1]);
    std::fill_n(row, width, 0.0F);
    for (std::size_t k = 0; k < taps.size(); ++k)
      add_scaled(padded.data() + k, taps[k], width, row);
  }
}

void filter_columns(const std::vector<float>& taps, Canvas& canvas) {
  const int reach = static_cast<int>(taps.size()) / 2;
  const int width = canvas.width(), height = canvas.height();
  std::vector<float> before(canvas.levels());
  std::fill(canvas.levels().begin(), canvas.levels().end(), 0.0F);
  for (int y = 0; y < height; ++y)
    for (std::size_t k = 0; k < taps.size(); ++k) {
      const int from = std::clamp(y + static_cast<int>(k) - reach, 0, height - 1);
      add_scaled(before.data() + static_cast<std::size_t>(from) * width, taps[k], width,
                 canvas.row(y));
    }
}

}  // namespace

void blur(Canvas& canvas, float deviation) {
  const int reach = std::clamp(static_cast<int>(std::ceil(2.5F * deviation)), 1, max_reach);
  std::vector<float> taps;
  float sum = 0;
  for (int i = -reach; i <= reach; ++i) {
    const float t = static_cast<float>(i) / deviation;
    taps.push_back(std::exp(-0.5F * t * t));
    sum += taps.back();
  }
  for (float& tap : taps) tap /= sum;
  filter_rows(taps, canvas);
  filter_columns(taps, canvas);
}

void blur_by_motion(Canvas& canvas, Random& random) {
  const int reach = whole(random, 1, 3);
  const std::vector<float> taps(static_cast<std::size_t>(2 * reach + 1),
                                1.0F / static_cast<float>(2 * reach + 1));
  chance(random, 0.5F) ? filter_rows(taps, canvas) : filter_columns(taps, canvas);
}

void threshold(Canvas& canvas, float level) {
  for (float& v : canvas.levels()) v = v < level ? 0.0F : 255.0F;
}

SCRAWL_CLONES void to_bytes(const float* levels, float zero, float sign, std::size_t count,
                            std::uint8_t* bytes) {
  for (std::size_t i = 0; i < count; ++i) {
    float level = zero + sign * levels[i];
    level = level < 0 ? 0 : level;
    level = level > 255 ? 255 : level;
    bytes[i] = static_cast<std::uint8_t>(static_cast<int>(level));
  }
}

namespace {

/// For each place of the new size where its four neighbors begin, and their shares.
struct Taps {
  std::vector<int> places;  // of the first; may be below 0
  std::vector<std::array<float, 4>> shares;
};

Taps taps_of(int from, int to, Between between) {
  Taps taps;
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  for (int i = 0; i < to; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) * scale - 0.5F;
    const float whole_part = std::floor(at);
    const float t = at - whole_part;
    taps.places.push_back(static_cast<int>(whole_part) - 1);
    if (between == Between::cubic)
      taps.shares.push_back({-0.5F * t * (1 - t) * (1 - t), 1 + t * t * (1.5F * t - 2.5F),
                             t * (0.5F + t * (2 - 1.5F * t)), -0.5F * t * t * (1 - t)});
    else if (between == Between::linear)
      taps.shares.push_back({0, 1 - t, t, 0});
    else
      taps.shares.push_back({0, t < 0.5F ? 1.0F : 0.0F, t < 0.5F ? 0.0F : 1.0F, 0});
  }
  return taps;
}

}  // namespace

Canvas resize(const Canvas& canvas, int width, int height, Between between) {
  const Taps across = taps_of(canvas.width(), width, between);
  const Taps down = taps_of(canvas.height(), height, between);
  Canvas wide(width, canvas.height(), 0);
  std::vector<float> padded(static_cast<std::size_t>(canvas.width() + 4));
  for (int y = 0; y < canvas.height(); ++y) {
    const float* from = canvas.row(y);
    padded[0] = padded[1] = from[0];
    std::copy_n(from, canvas.width(), padded.begin() + 2);
    padded[padded.size() - 2] = padded[padded.size() - 1] = from[canvas.width() - 1];
    float* to = wide.row(y);
    for (int x = 0; x < width; ++x) {
      const auto at = static_cast<std::size_t>(x);
      const float* p = padded.data() + across.places[at] + 2;
      const std::array<float, 4>& s = across.shares[at];
      to[x] = s[0] * p[0] + s[1] * p[1] + s[2] * p[2] + s[3] * p[3];
    }
  }
  Canvas out(width, height, 0);
  for (int y = 0; y < height; ++y)
    for (int k = 0; k < 4; ++k) {
      const auto at = static_cast<std::size_t>(y);
      const int from = std::clamp(down.places[at] + k, 0, canvas.height() - 1);
      const float share = down.shares[at][static_cast<std::size_t>(k)];
      if (share != 0) add_scaled(wide.row(from), share, width, out.row(y));
    }
  return out;
}

}  // namespace scrawl::pages
