// How often pictures without any digit are read as one with confidence: scribbles and signs that no
// one would take for a digit, drawn by code that the model has not been trained with, and paper
// without writing. With --out, also writes the pictures, to look at.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <numbers>
#include <string_view>
#include <vector>

#include "decoding/write_png.hpp"
#include "network/random.hpp"
#include "recognition/recognizer.hpp"

namespace {

using namespace scrawl;

constexpr float pi = std::numbers::pi_v<float>;

struct Point {
  float x, y;  ///< -1 to 1
};
using Stroke = std::vector<Point>;
using Drawing = std::vector<Stroke>;

float between(Random& random, float low, float high) {
  return low + (high - low) * random.uniform();
}

Stroke line(Point a, Point b) {
  return {a, b};
}

/// Part of a circle or spiral: from one angle (in turns) to another, the radius changing evenly.
Stroke arc(Point center, float radius, float last_radius, float from, float to) {
  Stroke stroke;
  for (int i = 0; i <= 64; ++i) {
    const float t = static_cast<float>(i) / 64;
    const float r = radius + (last_radius - radius) * t;
    const float angle = 2 * pi * (from + (to - from) * t);
    stroke.push_back({center.x + r * std::cos(angle), center.y + r * std::sin(angle)});
  }
  return stroke;
}

/// The corners of a polygon or star: each `step` corners on.
Stroke star(int corners, int step, float turned) {
  Stroke stroke;
  for (int i = 0; i <= corners; ++i) {
    const float angle =
        2 * pi * (turned + static_cast<float>(i * step) / static_cast<float>(corners));
    stroke.push_back({std::cos(angle), std::sin(angle)});
  }
  return stroke;
}

/// A sum of waves: crosses itself again and again.
Drawing tangle(Random& random) {
  constexpr int waves = 5;
  float amplitude[2][waves];
  float phase[2][waves];
  for (auto& axis : amplitude)
    for (float& a : axis) a = between(random, 0.2F, 0.6F);
  for (auto& axis : phase)
    for (float& p : axis) p = between(random, 0, 2 * pi);
  Stroke stroke;
  for (int i = 0; i <= 400; ++i) {
    const float t = 2 * pi * static_cast<float>(i) / 400;
    Point point{0, 0};
    for (int w = 0; w < waves; ++w) {
      point.x += amplitude[0][w] * std::sin(static_cast<float>(w + 1) * t + phase[0][w]);
      point.y += amplitude[1][w] * std::sin(static_cast<float>(w + 1) * t + phase[1][w]);
    }
    stroke.push_back(point);
  }
  return {stroke};
}

Drawing hatching(Random& random) {
  const int lines = 6 + static_cast<int>(random.below(8));
  Stroke stroke;
  for (int i = 0; i <= lines; ++i) {
    const float x = -1 + 2 * static_cast<float>(i) / static_cast<float>(lines);
    stroke.push_back(
        {x + between(random, -0.1F, 0.1F), (i % 2 == 0 ? -1.0F : 1.0F) * between(random, 0.7F, 1)});
  }
  return {stroke};
}

Drawing crossed_box(Random&) {
  return {star(4, 1, 0.125F), line({-0.7F, -0.7F}, {0.7F, 0.7F}),
          line({0.7F, -0.7F}, {-0.7F, 0.7F})};
}

Drawing face(Random& random) {
  const float eye = between(random, 0.08F, 0.15F);
  return {arc({0, 0}, 1, 1, 0, 1), arc({-0.35F, -0.3F}, eye, eye, 0, 1),
          arc({0.35F, -0.3F}, eye, eye, 0, 1), arc({0, 0.1F}, 0.5F, 0.5F, 0.05F, 0.45F)};
}

Drawing flower(Random& random) {
  const float petals = static_cast<float>(5 + random.below(4));
  Stroke stroke;
  for (int i = 0; i <= 200; ++i) {
    const float angle = 2 * pi * static_cast<float>(i) / 200;
    const float r = 0.65F + 0.35F * std::cos(petals * angle);
    stroke.push_back({r * std::cos(angle), r * std::sin(angle)});
  }
  return {stroke};
}

Drawing house(Random&) {
  return {{{-0.8F, 1}, {-0.8F, -0.2F}, {0, -1}, {0.8F, -0.2F}, {0.8F, 1}, {-0.8F, 1}},
          {{-0.2F, 1}, {-0.2F, 0.4F}, {0.2F, 0.4F}, {0.2F, 1}}};
}

Drawing many_rings(Random& random) {
  Drawing drawing;
  for (int i = 0; i < 5; ++i)
    drawing.push_back(
        arc({between(random, -0.4F, 0.4F), between(random, -0.4F, 0.4F)}, 0.6F, 0.6F, 0, 1));
  return drawing;
}

struct Kind {
  std::string_view name;
  Drawing (*draw)(Random&);
};

constexpr Kind kinds[] = {
    {"tangle", tangle},
    {"hatching", hatching},
    {"spiral",
     [](Random& random) -> Drawing {
       return {arc({0, 0}, 0.05F, 1, 0, between(random, 3, 5))};
     }},
    {"star", [](Random& random) -> Drawing { return {star(5, 2, between(random, 0, 1))}; }},
    {"crossed box", crossed_box},
    {"face", face},
    {"flower", flower},
    {"house", house},
    {"rings", many_rings},
    {"asterisk",
     [](Random&) -> Drawing {
       return {line({-1, 0}, {1, 0}), line({-0.5F, -0.87F}, {0.5F, 0.87F}),
               line({0.5F, -0.87F}, {-0.5F, 0.87F})};
     }},
    {"hash",
     [](Random&) -> Drawing {
       return {line({-1, -0.35F}, {1, -0.35F}), line({-1, 0.35F}, {1, 0.35F}),
               line({-0.35F, -1}, {-0.35F, 1}), line({0.35F, -1}, {0.35F, 1})};
     }},
    {"nothing", [](Random&) -> Drawing { return {}; }},
};

float distance(Point p, Point a, Point b) {
  const float dx = b.x - a.x;
  const float dy = b.y - a.y;
  const float length = dx * dx + dy * dy;
  const float t =
      length == 0 ? 0 : std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0F, 1.0F);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/// On grainy paper of a random lightness, with a pen of random width, shaken, tilted and stretched.
Picture draw(const Drawing& drawing, Random& random) {
  constexpr int size = 200;
  const float paper = between(random, 170, 250);
  const float ink = between(random, 10, 90);
  const float pen = between(random, 1.5F, 5);
  const float grain = between(random, 0, 12);
  const float tilt = between(random, -0.2F, 0.2F);
  const float width = between(random, 40, 80);
  const float height = between(random, 40, 80);
  std::vector<float> cover(std::size_t{size} * size);
  for (const Stroke& stroke : drawing) {
    Stroke placed;
    for (const Point& p : stroke) {
      const float x = width * (p.x * std::cos(tilt) - p.y * std::sin(tilt));
      const float y = height * (p.x * std::sin(tilt) + p.y * std::cos(tilt));
      placed.push_back(
          {size / 2.0F + x + between(random, -1, 1), size / 2.0F + y + between(random, -1, 1)});
    }
    for (std::size_t i = 1; i < placed.size(); ++i)
      for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
          const float off =
              distance({static_cast<float>(x), static_cast<float>(y)}, placed[i - 1], placed[i]);
          float& pixel = cover[static_cast<std::size_t>(y) * size + static_cast<std::size_t>(x)];
          pixel = std::max(pixel, std::clamp(pen + 0.5F - off, 0.0F, 1.0F));
        }
  }
  Picture picture{size, size, 1, {}};
  for (const float coverage : cover) {
    const float value = paper + (ink - paper) * coverage + between(random, -grain, grain);
    picture.pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F)));
  }
  return picture;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t pictures = 100;
  std::filesystem::path out;
  CLI::App app("Reads pictures that show no digit");
  app.add_option("--pictures", pictures, "Of each kind [100]");
  app.add_option("--out", out, "Where to write them");
  CLI11_PARSE(app, argc, argv);
  if (!out.empty()) std::filesystem::create_directories(out);
  const Recognizer recognizer;
  fmt::print("{:12} {:>26} {:>26}\n", "", "as a page: confident", "as one digit: confident");
  std::uint64_t confident[2]{};
  for (const Kind& kind : kinds) {
    std::uint64_t of_kind[2]{};
    for (std::uint64_t i = 0; i < pictures; ++i) {
      Random random({i});
      const Picture picture = draw(kind.draw(random), random);
      for (const Layout layout : {Layout::page, Layout::one})
        if (recognizer.read(picture, {.layout = layout}).confidence > 0.9F)
          ++of_kind[layout == Layout::one];
      if (!out.empty()) write_png(picture, out / fmt::format("{} {}.png", kind.name, i));
    }
    const double percent = 100.0 / static_cast<double>(pictures);
    fmt::print("{:12} {:>24.1f} % {:>24.1f} %\n", kind.name,
               percent * static_cast<double>(of_kind[0]),
               percent * static_cast<double>(of_kind[1]));
    for (const int i : {0, 1}) confident[i] += of_kind[i];
  }
  const double percent = 100.0 / static_cast<double>(pictures * std::size(kinds));
  fmt::print("{:12} {:>24.1f} % {:>24.1f} %\n", "all", percent * static_cast<double>(confident[0]),
             percent * static_cast<double>(confident[1]));
}
