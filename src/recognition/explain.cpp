// What was found on a picture, drawn on it.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "picture/page.hpp"
#include "picture/shrink.hpp"
#include "picture/turn.hpp"
#include "recognition/percent.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

namespace {

using Color = std::array<std::uint8_t, 3>;

constexpr Color high_color{0, 150, 0};
constexpr Color medium_color{230, 120, 0};
constexpr Color low_color{220, 0, 0};
constexpr Color sheet_color{235, 235, 240};
constexpr Color text_color{20, 20, 20};
constexpr Color line_color{60, 110, 230};
constexpr Color heat_color{255, 90, 0};

// Sides in pixels.
constexpr int largest_side = 1600;
constexpr int smallest_side = 400;
constexpr int legible_side = 1000;  // of many digits
constexpr int glyph_zoom = 2;
constexpr int cell_width = glyph_side * glyph_zoom + 16;
constexpr int cell_height = glyph_side * glyph_zoom + 32;
constexpr int margin = 8;

// Letters of 8x10 pixels, a byte for each row from the top: those of the IBM VGA's text mode.
constexpr int letter_width = 8;
constexpr int letter_height = 10;
constexpr std::string_view font_letters = "0123456789.?>%";
constexpr std::array<std::array<std::uint8_t, letter_height>, 14> font{{
    {0x38, 0x6C, 0xC6, 0xC6, 0xD6, 0xD6, 0xC6, 0xC6, 0x6C, 0x38},
    {0x18, 0x38, 0x78, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x7E},
    {0x7C, 0xC6, 0x06, 0x0C, 0x18, 0x30, 0x60, 0xC0, 0xC6, 0xFE},
    {0x7C, 0xC6, 0x06, 0x06, 0x3C, 0x06, 0x06, 0x06, 0xC6, 0x7C},
    {0x0C, 0x1C, 0x3C, 0x6C, 0xCC, 0xFE, 0x0C, 0x0C, 0x0C, 0x1E},
    {0xFE, 0xC0, 0xC0, 0xC0, 0xFC, 0x06, 0x06, 0x06, 0xC6, 0x7C},
    {0x38, 0x60, 0xC0, 0xC0, 0xFC, 0xC6, 0xC6, 0xC6, 0xC6, 0x7C},
    {0xFE, 0xC6, 0x06, 0x06, 0x0C, 0x18, 0x30, 0x30, 0x30, 0x30},
    {0x7C, 0xC6, 0xC6, 0xC6, 0x7C, 0xC6, 0xC6, 0xC6, 0xC6, 0x7C},
    {0x7C, 0xC6, 0xC6, 0xC6, 0x7E, 0x06, 0x06, 0x06, 0x0C, 0x78},
    {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x18, 0x18},
    {0x7C, 0xC6, 0xC6, 0x0C, 0x18, 0x18, 0x18, 0x00, 0x18, 0x18},
    {0x00, 0x60, 0x30, 0x18, 0x0C, 0x06, 0x0C, 0x18, 0x30, 0x60},
    {0x00, 0x00, 0xC2, 0xC6, 0x0C, 0x18, 0x30, 0x60, 0xC6, 0x86},
}};

Color color_of(float confidence) {
  if (confidence >= 0.9F) return high_color;
  return confidence >= 0.6F ? medium_color : low_color;
}

void fill(Picture& picture, const Box& box, const Color& color) {
  for (int y = std::max(0, box.y); y < std::min(picture.height, box.y + box.height); ++y) {
    for (int x = std::max(0, box.x); x < std::min(picture.width, box.x + box.width); ++x) {
      const std::size_t at = (static_cast<std::size_t>(y) * picture.width + x) * 3;
      std::ranges::copy(color, picture.pixels.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
}

void outline(Picture& picture, const Box& box, const Color& color) {
  constexpr int thick = 2;
  fill(picture, {box.x - thick, box.y - thick, box.width + 2 * thick, thick}, color);
  fill(picture, {box.x - thick, box.y + box.height, box.width + 2 * thick, thick}, color);
  fill(picture, {box.x - thick, box.y, thick, box.height}, color);
  fill(picture, {box.x + box.width, box.y, thick, box.height}, color);
}

/// What has no letter, as a space, is left out.
void write(Picture& picture, int x, int y, std::string_view text, int zoom, const Color& color) {
  for (const char letter : text) {
    const std::size_t index = font_letters.find(letter);
    if (index == std::string_view::npos) continue;
    for (int row = 0; row < letter_height; ++row)
      for (int column = 0; column < letter_width; ++column)
        if ((font[index][static_cast<std::size_t>(row)] >> (letter_width - 1 - column) & 1) != 0)
          fill(picture, {x + column * zoom, y + row * zoom, zoom, zoom}, color);
    x += letter_width * zoom;
  }
}

/// Pixels of the sheet for each of the picture's; the picture's pixels are multiplied or averaged.
struct Scale {
  int up = 1;
  int down = 1;

  Box operator()(const Box& box) const {
    return {box.x * up / down, box.y * up / down, box.width * up / down, box.height * up / down};
  }
};

Scale choose_scale(const Picture& picture, std::size_t digits) {
  constexpr std::size_t few = 3;
  const int side = std::max(picture.width, picture.height);
  if (side > largest_side) return {1, shrink_factor(picture.width, picture.height, largest_side)};
  const int wanted = digits > few ? legible_side : smallest_side;
  return {std::max(1, wanted / std::max(side, 1)), 1};
}

void copy_picture(const Picture& picture, Scale scale, Picture& sheet) {
  const Picture small = scale.down == 1 ? picture : shrink(picture, scale.down);
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      const std::uint8_t* in =
          small.pixels.data() + (static_cast<std::size_t>(y) * small.width + x) * small.channels;
      const Color color =
          small.channels == 3 ? Color{in[0], in[1], in[2]} : Color{in[0], in[0], in[0]};
      fill(sheet, {x * scale.up, y * scale.up, scale.up, scale.up}, color);
    }
  }
}

/// Heats the picture, which is `area` of the sheet.
void tint(Picture& sheet, const Box& area, const Picture& heat) {
  constexpr int most = 150;  // of 255, of the heat's color
  if (heat.width < 1 || heat.height < 1) return;
  for (int y = 0; y < area.height; ++y) {
    const std::size_t row = static_cast<std::size_t>(y) * heat.height / area.height * heat.width;
    for (int x = 0; x < area.width; ++x) {
      const std::size_t column = static_cast<std::size_t>(x) * heat.width / area.width;
      const int weight = heat.pixels[(row + column) * heat.channels] * most / 255;
      std::uint8_t* pixel =
          sheet.pixels.data() + (static_cast<std::size_t>(y) * sheet.width + x) * 3;
      for (std::size_t c = 0; c < 3; ++c)
        pixel[c] =
            static_cast<std::uint8_t>((pixel[c] * (255 - weight) + heat_color[c] * weight) / 255);
    }
  }
}

struct Point {
  int x = 0;
  int y = 0;
};

void draw_line(Picture& picture, Point from, Point to, const Color& color) {
  constexpr int thick = 2;
  const int steps = std::max({std::abs(to.x - from.x), std::abs(to.y - from.y), 1});
  for (int i = 0; i <= steps; ++i)
    fill(picture,
         {from.x + (to.x - from.x) * i / steps, from.y + (to.y - from.y) * i / steps, thick, thick},
         color);
}

/// Along the feet of the digits that are a line of the text.
void draw_base_lines(Picture& sheet, Scale scale, const Reading& reading) {
  const auto foot = [&](std::size_t i) {
    const Box box = scale(reading.digits[i].box);
    return Point{box.x + box.width / 2, box.y + box.height + 4};
  };
  std::size_t digit = 0;
  bool begins = true;
  for (const char c : reading.text) {
    if (c == '\n') begins = true;
    if (!std::isdigit(static_cast<unsigned char>(c)) && c != '?') continue;
    if (digit == reading.digits.size()) break;
    if (!begins) draw_line(sheet, foot(digit - 1), foot(digit), line_color);
    begins = false;
    ++digit;
  }
}

void draw_cell(Picture& sheet, int x, int y, const Digit& digit) {
  for (std::size_t i = 0; i < digit.glyph.size(); ++i) {
    const std::uint8_t level = digit.glyph[i];
    fill(sheet,
         {x + static_cast<int>(i % glyph_side) * glyph_zoom,
          y + static_cast<int>(i / glyph_side) * glyph_zoom, glyph_zoom, glyph_zoom},
         {level, level, level});
  }
  const int below = y + static_cast<int>(glyph_side) * glyph_zoom + 4;
  write(sheet, x, below, fmt::format("{}", digit.digit), 2, color_of(digit.confidence));
  write(sheet, x + 20, below + 5, percent(digit.confidence), 1, text_color);
}

}  // namespace

Picture explain(const Picture& given, const Reading& as_it_came, const Picture& heat) {
  check_picture(given);
  check_picture(heat);
  const int degrees = degrees_of(as_it_came.turn);
  const Picture picture = turn(given, degrees);
  Reading reading = as_it_came;
  for (Digit& digit : reading.digits)
    digit.box = turn(digit.box, degrees, given.width, given.height);
  const Scale scale = choose_scale(picture, reading.digits.size());
  const Box whole = scale({0, 0, picture.width, picture.height});
  const int width = std::max(whole.width, smallest_side);
  const int columns = std::max(1, (width - margin) / cell_width);
  const int rows = (static_cast<int>(reading.digits.size()) + columns - 1) / columns;
  Picture sheet{width, whole.height + rows * cell_height + (rows > 0 ? margin : 0), 3, {}};
  sheet.pixels.resize(static_cast<std::size_t>(sheet.width) * sheet.height * 3);
  fill(sheet, {0, 0, sheet.width, sheet.height}, sheet_color);
  copy_picture(picture, scale, sheet);
  tint(sheet, whole, heat);
  draw_base_lines(sheet, scale, reading);
  for (std::size_t i = 0; i < reading.digits.size(); ++i) {
    const Digit& digit = reading.digits[i];
    const Color color = color_of(digit.confidence);
    const Box box = scale(digit.box);
    outline(sheet, box, color);
    const int zoom = std::clamp(box.height / 40, 1, 3);
    write(sheet, box.x, std::max(0, box.y - (letter_height + 1) * zoom - 2),
          fmt::format("{}", digit.digit), zoom, color);
    const int column = static_cast<int>(i) % columns;
    const int row = static_cast<int>(i) / columns;
    draw_cell(sheet, margin + column * cell_width, whole.height + margin + row * cell_height,
              digit);
  }
  return sheet;
}

}  // namespace scrawl
