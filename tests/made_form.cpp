#include "made_form.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

#include "forms/expectation.hpp"
#include "network/random.hpp"
#include "picture/resize.hpp"

namespace scrawl {

namespace {

constexpr float dots = 150 / 25.4F;  // a millimeter
constexpr int page_width = 1240;
constexpr int page_height = 1754;
constexpr float paper = 240;
constexpr float print = 60;
constexpr int table_rows = 10;

/// Keeps the darker of what is there and what is drawn.
void darken(Picture& page, int x, int y, float level) {
  if (x < 0 || y < 0 || x >= page.width || y >= page.height) return;
  std::uint8_t& pixel = page.pixels[static_cast<std::size_t>(y) * page.width + x];
  pixel = std::min(pixel, static_cast<std::uint8_t>(level));
}

void fill(Picture& page, const Rectangle& area, float level) {
  for (int y = static_cast<int>(area.top); y < static_cast<int>(area.bottom); ++y)
    for (int x = static_cast<int>(area.left); x < static_cast<int>(area.right); ++x)
      darken(page, x, y, level);
}

Rectangle in_pixels(const Rectangle& millimeters) {
  return {millimeters.left * dots, millimeters.top * dots, millimeters.right * dots,
          millimeters.bottom * dots};
}

/// Its lines, two pixels wide.
void draw_box(Picture& page, const Rectangle& box, std::size_t cells) {
  fill(page, {box.left, box.top, box.right, box.top + 2}, print);
  fill(page, {box.left, box.bottom - 2, box.right, box.bottom}, print);
  for (std::size_t i = 0; i <= cells; ++i) {
    const float x = box.left + box.width() * static_cast<float>(i) / static_cast<float>(cells);
    fill(page, {x - 1, box.top, x + 1, box.bottom}, print);
  }
}

/// Bars that from far away look like a line of print.
void draw_text(Picture& page, float x, float y, int letters, float height, Random& random) {
  for (int i = 0; i < letters; ++i) {
    const float top = y - height * (0.6F + 0.4F * random.uniform());
    if (random.uniform() > 0.15F) {
      fill(page, {x, top, x + height / 6, y}, print);
      fill(page, {x, top, x + height / 2, top + height / 6}, print);
    }
    x += height * 0.75F;
  }
}

/// The image without what is around its ink.
Plane ink_of(GlyphView image) {
  int left = glyph_side, right = 0, top = glyph_side, bottom = 0;
  for (int y = 0; y < static_cast<int>(glyph_side); ++y) {
    for (int x = 0; x < static_cast<int>(glyph_side); ++x) {
      if (image[y * glyph_side + x] < 50) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = std::max(bottom, y + 1);
    }
  }
  Plane ink(right - left, bottom - top);
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) ink.row(y - top)[x - left] = image[y * glyph_side + x];
  return ink;
}

GlyphView random_image(const Dataset& dataset, int digit, Random& random) {
  for (;;) {
    const std::size_t index = random.below(dataset.size());
    if (dataset.labels[index] == digit) return dataset.image(index);
  }
}

/// How many boxes a field is printed with.
std::size_t cells_of(const Field& field) {
  const Expected& expected = field.expected;
  return expected.least_digits == expected.most_digits ? expected.most_digits : 1;
}

void write_digit(Picture& page, const Dataset& dataset, char digit, const Rectangle& cell,
                 Random& random) {
  constexpr float pen = 50;
  const Plane ink = ink_of(random_image(dataset, digit - '0', random));
  const float high = cell.height() * (0.55F + 0.2F * random.uniform());
  const float scale = std::min(high / static_cast<float>(ink.height),
                               0.9F * cell.width() / static_cast<float>(ink.width));
  const int width = std::max(1, static_cast<int>(static_cast<float>(ink.width) * scale));
  const int height = std::max(1, static_cast<int>(static_cast<float>(ink.height) * scale));
  const Plane drawn = resize(ink, width, height);
  const auto jitter = [&](float room) { return room * (0.5F + 0.4F * (random.uniform() - 0.5F)); };
  const int x0 = static_cast<int>(cell.left + jitter(cell.width() - static_cast<float>(width)));
  const int y0 = static_cast<int>(cell.top + jitter(cell.height() - static_cast<float>(height)));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      darken(page, x0 + x, y0 + y,
             paper - (paper - pen) * static_cast<float>(drawn.row(y)[x]) / 255);
}

}  // namespace

std::string made_form_json(const std::string& reference) {
  std::string json = R"({"unit": "millimeters", )";
  if (!reference.empty()) json += fmt::format(R"("reference": "{}", )", reference);
  json += R"("fields": [
    {"name": "student", "box": [30, 50, 70, 10], "digits": 7, "check": "luhn"},
    {"name": "mark", "box": [140, 50, 24, 10], "range": [0, 100]},
    {"name": "date", "box": [30, 75, 80, 10], "date": "DD.MM.YYYY",
     "range": ["2020-01-01", "2029-12-31"]},
    {"name": "copies", "box": [140, 75, 40, 10], "digits": [1, 4]},
    {"name": "book", "box": [30, 100, 130, 10], "digits": 13, "check": "isbn"},
    {"name": "account", "box": [30, 125, 120, 10], "digits": 12, "check": "mod97"})";
  for (int row = 0; row < table_rows; ++row)
    json += fmt::format(R"(,
    {{"name": "row {}", "box": [120, {}, 24, 10], "range": [0, 20]}})",
                        row + 1, 150 + 12 * row);
  return json + "]}";
}

Picture draw_blank_form(std::uint64_t design) {
  Picture page{page_width, page_height, 1, {}};
  page.pixels.assign(static_cast<std::size_t>(page_width) * page_height,
                     static_cast<std::uint8_t>(paper));
  Random random{design, 1};
  draw_text(page, 30 * dots, 25 * dots, 24, 34, random);
  draw_text(page, 30 * dots, 34 * dots, 60, 16, random);
  if (design != 1) {  // a letter
    for (int line = 0; line < 30; ++line)
      draw_text(page, 25 * dots, (60 + 7 * static_cast<float>(line)) * dots, 60, 16, random);
    return page;
  }
  for (const Field& field : parse_form(made_form_json(""), "made").fields) {
    const Rectangle box = in_pixels(field.box);
    draw_box(page, box, cells_of(field));
    if (field.name.starts_with("row"))
      draw_text(page, 30 * dots, box.bottom - 12, 35, 18, random);
    else
      draw_text(page, box.left, box.top - 10, 8, 18, random);
  }
  return page;
}

Picture draw_form_of_equal_boxes() {
  constexpr float pitch = 44;
  Picture page{page_width, page_height, 1, {}};
  page.pixels.assign(static_cast<std::size_t>(page_width) * page_height,
                     static_cast<std::uint8_t>(paper));
  Random random{1, 6};
  draw_text(page, 20 * dots, 17 * dots, 26, 26, random);
  for (int row = 0; row < 5; ++row) {
    const float top = 39 + pitch * static_cast<float>(row);
    draw_box(page, in_pixels({76, top, 191, top + 14}), 1);
    draw_text(page, 20 * dots, (top + 9) * dots, 7, 26, random);
  }
  draw_text(page, 20 * dots, 275 * dots, 35, 26, random);
  return page;
}

std::vector<std::string> made_answers(const Form& form, std::uint64_t seed) {
  Random random{seed, 2};
  std::vector<std::string> answers;
  for (const Field& field : form.fields) {
    const Expected& expected = field.expected;
    std::string answer;
    do {
      const std::size_t count =
          expected.least_digits + random.below(expected.most_digits - expected.least_digits + 1);
      answer.clear();
      for (std::size_t i = 0; i < count; ++i) answer += static_cast<char>('0' + random.below(10));
      if (expected.check == CheckDigit::isbn) answer.replace(0, 3, "978");
    } while (!is_expected(expected, answer));
    answers.push_back(answer);
  }
  return answers;
}

Picture fill_in(const Picture& blank, const Form& form, const std::vector<std::string>& answers,
                const Dataset& dataset, std::uint64_t seed) {
  Picture page = blank;
  Random random{seed, 3};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Rectangle box = in_pixels(form.fields[i].box);
    const std::size_t cells = cells_of(form.fields[i]);
    // Where there are no boxes for each, digits are as wide as they are high, or a bit less.
    const float width = cells > 1 ? box.width() / static_cast<float>(cells) : 0.7F * box.height();
    float x = box.left + (cells > 1 ? 0 : 0.3F * box.height());
    for (const char digit : answers[i]) {
      write_digit(page, dataset, digit, {x, box.top, x + width, box.bottom}, random);
      x += width;
    }
  }
  return page;
}

MadeScan scan_page(const Picture& page, const ScanOptions& options) {
  Plane plane(page.width, page.height);
  plane.pixels = page.pixels;
  const auto side = [&](int length) {
    return static_cast<int>(std::lround(static_cast<float>(length) * options.scale));
  };
  Picture scan{side(page.width), side(page.height), 1, {}};
  const float angle = options.turn * std::numbers::pi_v<float> / 180;
  const float cos = std::cos(angle);
  const float sin = std::sin(angle);
  const auto middle = [](int length) { return static_cast<float>(length) / 2; };
  const PagePoint from{middle(page.width), middle(page.height)};
  const PagePoint to{middle(scan.width) + options.shift_x, middle(scan.height) + options.shift_y};
  Affine to_scan{options.scale * cos, -options.scale * sin, 0,
                 options.scale * sin, options.scale * cos,  0};
  to_scan.x0 = to.x - to_scan.xx * from.x - to_scan.xy * from.y;
  to_scan.y0 = to.y - to_scan.yx * from.x - to_scan.yy * from.y;
  Random random{options.seed, 4};
  const float slope = 20 * (random.uniform() - 0.5F);
  for (int y = 0; y < scan.height; ++y) {
    for (int x = 0; x < scan.width; ++x) {
      const float dx = static_cast<float>(x) + 0.5F - to.x;
      const float dy = static_cast<float>(y) + 0.5F - to.y;
      const PagePoint place{from.x + (cos * dx + sin * dy) / options.scale,
                            from.y + (cos * dy - sin * dx) / options.scale};
      const bool is_on_page = place.x >= 0 && place.y >= 0 &&
                              place.x < static_cast<float>(page.width) &&
                              place.y < static_cast<float>(page.height);
      const float light = slope * (static_cast<float>(x) / static_cast<float>(scan.width) - 0.5F);
      const float shown =
          is_on_page ? paper - options.contrast * (paper - sample(plane, place)) : 200;
      const float level = shown + light + options.noise * (2 * random.uniform() - 1);
      scan.pixels.push_back(static_cast<std::uint8_t>(std::clamp(level, 0.0F, 255.0F)));
    }
  }
  return {scan, to_scan};
}

ScanOptions random_scan(std::uint64_t seed) {
  Random random{seed, 5};
  const auto either_way = [&](float most) { return most * (2 * random.uniform() - 1); };
  ScanOptions options;
  options.turn = either_way(5);
  options.scale = 1 + either_way(0.3F);
  options.shift_x = either_way(0.05F * page_width);
  options.shift_y = either_way(0.05F * page_height);
  options.seed = seed;
  return options;
}

}  // namespace scrawl
