// Noise, and what takes pixels from those around them: blur, other sizes.
#include <algorithm>
#include <array>
#include <cmath>

#include "network/clones.hpp"
#include "pages/chance.hpp"
#include "pages/degrade.hpp"
#include "pages/noise.hpp"

namespace scrawl::pages {

namespace {

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
