#include "composed.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <utility>

#include "network/random.hpp"
#include "pages/rasterize.hpp"
#include "pages/trace.hpp"

namespace scrawl {

namespace {

/// Shares of ink, 0 to 1.
struct Canvas {
  Canvas(int w, int h) : width(w), height(h), ink(static_cast<std::size_t>(w) * h) {}

  float& at(int x, int y) { return ink[static_cast<std::size_t>(y) * width + x]; }
  float at(int x, int y) const {
    const bool inside = x >= 0 && y >= 0 && x < width && y < height;
    return inside ? ink[static_cast<std::size_t>(y) * width + x] : 0;
  }
  /// Between pixels.
  float sample(float x, float y) const {
    const int left = static_cast<int>(std::floor(x));
    const int top = static_cast<int>(std::floor(y));
    const float u = x - static_cast<float>(left);
    const float v = y - static_cast<float>(top);
    return (1 - v) * ((1 - u) * at(left, top) + u * at(left + 1, top)) +
           v * ((1 - u) * at(left, top + 1) + u * at(left + 1, top + 1));
  }

  int width;
  int height;
  std::vector<float> ink;  // (height, width)
};

float between(Random& random, float low, float high) {
  return low + (high - low) * random.uniform();
}

/// The image, cropped to its ink and scaled by `scale`.
Canvas draw_digit(GlyphView image, float scale) {
  int left = glyph_side;
  int right = -1;
  int top = glyph_side;
  int bottom = -1;
  for (int y = 0; y < static_cast<int>(glyph_side); ++y) {
    for (int x = 0; x < static_cast<int>(glyph_side); ++x) {
      if (image[y * glyph_side + x] < 50) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  Canvas whole(glyph_side, glyph_side);
  for (std::size_t i = 0; i < image.size(); ++i) whole.ink[i] = static_cast<float>(image[i]) / 255;
  const auto side = [scale](int first, int last) {
    return static_cast<int>(std::ceil(static_cast<float>(last - first + 1) * scale));
  };
  Canvas digit(side(left, right), side(top, bottom));
  for (int y = 0; y < digit.height; ++y) {
    for (int x = 0; x < digit.width; ++x) {
      digit.at(x, y) =
          whole.sample((static_cast<float>(x) + 0.5F) / scale - 0.5F + static_cast<float>(left),
                       (static_cast<float>(y) + 0.5F) / scale - 0.5F + static_cast<float>(top));
    }
  }
  return digit;
}

/// The same in lines of a pen of that width.
Canvas draw_digit_in_lines(GlyphView image, float scale, float width) {
  pages::Shape shape = pages::trace_strokes(image);
  for (pages::PenPoint& p : shape.points) p = {scale * p.x, scale * p.y, width / 2, 1};
  const Rectangle box = pages::extent(shape);
  const int left = static_cast<int>(std::floor(box.left));
  const int top = static_cast<int>(std::floor(box.top));
  Canvas digit(static_cast<int>(std::ceil(box.right)) - left,
               static_cast<int>(std::ceil(box.bottom)) - top);
  pages::Coverage coverage;
  coverage.reset(left, top, digit.width, digit.height);
  pages::rasterize_strokes(shape, coverage);
  for (int y = 0; y < digit.height; ++y) std::copy_n(coverage.row(y), digit.width, &digit.at(0, y));
  return digit;
}

/// How many columns the digit at `y` can move left from `x` until it touches ink.
int way_to_ink(const Canvas& canvas, const Canvas& digit, int x, int y) {
  constexpr float touches = 0.5F;
  int way = x;
  for (int dy = 0; dy < digit.height; ++dy) {
    int first = 0;
    while (first < digit.width && digit.at(first, dy) < touches) ++first;
    if (first == digit.width) continue;
    int free = 0;
    while (x + first - 1 - free >= 0 && canvas.at(x + first - 1 - free, y + dy) < touches) ++free;
    way = std::min(way, free);
  }
  return way;
}

void lay(const Canvas& digit, int x0, int y0, Canvas& canvas) {
  for (int y = 0; y < digit.height; ++y) {
    for (int x = 0; x < digit.width; ++x) {
      if (x0 + x < 0 || x0 + x >= canvas.width || y0 + y < 0 || y0 + y >= canvas.height) continue;
      float& ink = canvas.at(x0 + x, y0 + y);
      ink = std::max(ink, digit.at(x, y));
    }
  }
}

bool is_in_lines(const Composition& c) {
  return c.paper == Paper::on_screen || c.paper == Paper::in_cells;
}

constexpr float cell_width = 1.3F;  // of the height of digits

/// Draws so many boxes beside each other around a line of digits.
void draw_cells(Canvas& sheet, float height, int baseline, int count) {
  const int left = static_cast<int>(height);
  const int top = baseline - static_cast<int>(1.2F * height);
  const int width = static_cast<int>(cell_width * height);
  const int tall = static_cast<int>(1.4F * height);
  const int wall = std::max(3, static_cast<int>(height / 12));
  for (int y = 0; y < tall + wall; ++y) {
    for (int x = 0; x < count * width + wall; ++x) {
      const bool is_wall = x % width < wall || y < wall || y >= tall;
      if (is_wall && left + x < sheet.width && top + y < sheet.height && top + y >= 0)
        sheet.at(left + x, top + y) = 1;
    }
  }
}

/// Writes one line with its baseline at `baseline`; returns what it says.
std::string write_line(const Dataset& dataset, const Composition& c, Random& random, float scale,
                       int baseline, Canvas& canvas) {
  const float height = 20 * scale;
  const float pen = is_in_lines(c) ? between(random, 1, 4) : 0;
  const bool in_cells = c.paper == Paper::in_cells;
  const int count = c.min_digits + static_cast<int>(random.below(c.max_digits - c.min_digits + 1));
  const int touching =
      c.touching && c.paper != Paper::in_cells ? 1 + static_cast<int>(random.below(count - 1)) : -1;
  const int space = c.spaced && c.paper != Paper::in_cells ? count / 2 : -1;
  std::string text;
  int x = static_cast<int>(height);
  for (int i = 0; i < count; ++i) {
    const std::size_t index = random.below(dataset.size());
    const float own_scale = scale * between(random, 0.9F, 1.1F);
    const Canvas digit = pen > 0 ? draw_digit_in_lines(dataset.image(index), own_scale, pen)
                                 : draw_digit(dataset.image(index), own_scale);
    const int y =
        baseline - digit.height + static_cast<int>(between(random, -0.08F, 0.08F) * height);
    if (i == space) {
      text += ' ';
      x += static_cast<int>(1.2F * height);
    }
    if (i == touching) x -= way_to_ink(canvas, digit, x, y) + 1;
    if (in_cells)
      x = static_cast<int>(height * (1 + cell_width * (static_cast<float>(i) + 0.5F))) -
          digit.width / 2;
    lay(digit, x, y, canvas);
    text += static_cast<char>('0' + dataset.labels[index]);
    x += digit.width + static_cast<int>(between(random, 0.12F, 0.4F) * height);
  }
  if (in_cells) draw_cells(canvas, height, baseline, count);
  return text;
}

/// From a pixel of the picture to the place on the sheet that it shows.
struct View {
  std::array<float, 8> h;  ///< of the homography; its ninth number is 1

  std::pair<float, float> operator()(float x, float y) const {
    const float w = h[6] * x + h[7] * y + 1;
    return {(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w};
  }
};

View random_view(const Composition& c, Random& random, int width, int height) {
  const float angle = between(random, -c.tilt, c.tilt) * std::numbers::pi_v<float> / 180;
  const float cos = std::cos(angle);
  const float sin = std::sin(angle);
  const float cx = static_cast<float>(width) / 2;
  const float cy = static_cast<float>(height) / 2;
  View view{{cos, -sin, cx - cos * cx + sin * cy, sin, cos, cy - sin * cx - cos * cy, 0, 0}};
  if (c.paper == Paper::at_an_angle) {
    view.h[6] = between(random, -0.25F, 0.25F) / static_cast<float>(width);
    view.h[7] = between(random, -0.25F, 0.25F) / static_cast<float>(height);
  }
  return view;
}

/// How much of a printed line, 0 to 1, there is at a place of the sheet.
float ruling(const Composition& c, float x, float y, float distance) {
  const auto line = [distance](float at) {
    const float off = std::abs(at - distance * std::round(at / distance));
    return std::clamp(1.3F - off, 0.0F, 1.0F);
  };
  if (c.paper == Paper::ruled) return line(y);
  if (c.paper == Paper::squared) return std::max(line(x), line(y));
  return 0;
}

/// How much of a hole, 0 to 1, there is at a place of the sheet whose lines are so high.
float hole(const Composition& c, float x, float y, float height) {
  if (c.paper != Paper::punched) return 0;
  const float radius = 0.25F * height;
  const float distance = 3.4F * height;
  const float off = y - 1.3F * height;
  const float down = off - distance * std::max(0.0F, std::round(off / distance));
  return std::clamp(radius - std::hypot(x - 0.5F * height, down), 0.0F, 1.0F);
}

/// How much of the desk, 0 to 1, there is at a place that may be beyond the sheet's edges.
float beyond(const Composition& c, float x, float y, const Canvas& sheet) {
  if (c.paper != Paper::on_background) return 0;
  const float across = std::max(-x, x - static_cast<float>(sheet.width));
  const float down = std::max(-y, y - static_cast<float>(sheet.height));
  return std::clamp(std::max(across, down) + 0.5F, 0.0F, 1.0F);
}

/// Draws a box around all that is on the sheet.
void draw_box(Canvas& sheet, float height) {
  const int inset = static_cast<int>(height / 4);
  const int stroke = std::max(2, static_cast<int>(height / 20));
  const int right = sheet.width - inset;
  const int bottom = sheet.height - inset;
  for (int y = inset; y < bottom; ++y)
    for (int x = inset; x < right; ++x)
      if (x < inset + stroke || x >= right - stroke || y < inset + stroke || y >= bottom - stroke)
        sheet.at(x, y) = 1;
}

using Color = std::array<float, 3>;

/// What lies over the sheet: light and its fall-off, grain, the camera's noise.
class Light {
 public:
  Light(const Composition& c, Random& random, int width, int height)
      : paper_(c.paper),
        width_(static_cast<float>(width)),
        height_(static_cast<float>(height)),
        edge_(between(random, 0.3F, 0.7F)),
        slope_(between(random, -0.5F, 0.5F)) {
    for (float& wave : waves_) wave = between(random, 0, 6.28F);
  }

  float at(float x, float y) const {
    const float u = x / width_;
    const float v = y / height_;
    float light = 0.95F;
    if (paper_ == Paper::shadowed) {
      const float shadow = std::clamp((u - edge_ + slope_ * (v - 0.5F)) * 12, 0.0F, 1.0F);
      light *= (1 - 0.45F * shadow) * (1 - 0.25F * (u - 0.5F) * (u - 0.5F) - 0.25F * v * v);
    }
    if (paper_ == Paper::textured) {
      light *= 0.93F + 0.035F * std::sin(x / 3 + waves_[0]) * std::sin(y / 4 + waves_[1]) +
               0.035F * std::sin((x + y) / 7 + waves_[2]);
    }
    if (paper_ == Paper::at_an_angle) light *= 1 - 0.3F * v;
    return light;
  }

 private:
  Paper paper_;
  float width_;
  float height_;
  float edge_;
  float slope_;
  std::array<float, 3> waves_{};
};

}  // namespace

std::string_view to_string(Paper paper) {
  switch (paper) {
    case Paper::plain:
      return "plain";
    case Paper::ruled:
      return "ruled";
    case Paper::squared:
      return "squared";
    case Paper::shadowed:
      return "shadowed";
    case Paper::textured:
      return "textured";
    case Paper::at_an_angle:
      return "at an angle";
    case Paper::thin:
      return "thin";
    case Paper::punched:
      return "punched";
    case Paper::on_background:
      return "on a background";
    case Paper::boxed:
      return "boxed";
    case Paper::on_screen:
      return "on screen";
    case Paper::in_cells:
      return "in cells";
  }
  return "";
}

ComposedPicture compose(const Dataset& dataset, const Composition& c, std::uint64_t seed) {
  Random random({seed, static_cast<std::uint64_t>(c.paper)});
  const float scale = between(random, 1.5F, 3) * (is_in_lines(c) ? 2.3F : 1);
  const float height = 20 * scale;
  Canvas sheet(static_cast<int>(height * (static_cast<float>(c.max_digits) * 1.35F + 3)),
               static_cast<int>(height * (1.7F * static_cast<float>(c.lines) + 1.6F)));
  ComposedPicture composed;
  for (int line = 0; line < c.lines; ++line) {
    const int baseline = static_cast<int>(height * (1.9F + 1.7F * static_cast<float>(line)));
    if (line > 0) composed.text += '\n';
    composed.text += write_line(dataset, c, random, scale, baseline, sheet);
  }
  if (c.paper == Paper::boxed) draw_box(sheet, height);
  Canvas back(sheet.width, sheet.height);
  for (int line = 0; line < c.lines && c.paper == Paper::thin; ++line)
    write_line(dataset, c, random, scale,
               static_cast<int>(height * (2.3F + 1.7F * static_cast<float>(line))), back);
  const float shine = c.paper == Paper::thin ? between(random, 0.1F, 0.2F) : 0;
  const View view = random_view(c, random, sheet.width, sheet.height);
  const Light light(c, random, sheet.width, sheet.height);
  const Color pen = random.below(2) == 0 ? Color{30, 30, 35} : Color{30, 45, 130};
  const Color print = Color{150, 175, 215};
  const float distance = height * between(random, 0.5F, 0.8F) * (c.paper == Paper::ruled ? 2 : 1);
  Picture& picture = composed.picture;
  const int margin = c.paper == Paper::on_background ? static_cast<int>(1.5F * height) : 0;
  picture = {sheet.width + 2 * margin, sheet.height + 2 * margin, 3, {}};
  for (int y = -margin; y < sheet.height + margin; ++y) {
    for (int x = -margin; x < sheet.width + margin; ++x) {
      const auto [sx, sy] = view(static_cast<float>(x), static_cast<float>(y));
      const float behind = shine * back.sample(static_cast<float>(back.width) - sx, sy);
      const float ink = std::max(0.92F * sheet.sample(sx, sy), behind);
      const float desk = std::max(hole(c, sx, sy, height), beyond(c, sx, sy, sheet));
      const float printed = ruling(c, sx, sy, distance);
      const float lit = light.at(static_cast<float>(x), static_cast<float>(y));
      const float noise = 6 * (random.uniform() + random.uniform() - 1);
      for (int channel = 0; channel < 3; ++channel) {
        const float paper = 245 + printed * (print[channel] - 245);
        const float page = paper + ink * (pen[channel] - paper);
        const float level = (page + desk * (70 - page)) * lit + noise;
        picture.pixels.push_back(static_cast<std::uint8_t>(std::clamp(level, 0.0F, 255.0F)));
      }
    }
  }
  return composed;
}

}  // namespace scrawl
