#include "recognition/table.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "picture/nth_smallest.hpp"
#include "picture/page.hpp"
#include "picture/ruling.hpp"
#include "picture/turn.hpp"

namespace scrawl {

namespace {

/// A digit in the upright picture. `along` an axis: the way in which the cells to be told apart
/// follow each other; `across` is the other axis.
struct Place {
  double along = 0;   // of its center
  double across = 0;  // of its center
  double begin = 0;   // along
  double end = 0;
};

/// What parts the cells along an axis, from the first to the last: a line by its place across.
/// Where the table has an outer line, that is the first or the last.
struct Lines {
  std::vector<RuledLine> lines;
  std::size_t cells = 0;

  /// In which cell a place is, as far as there is one.
  std::size_t cell_of(const Place& place) const {
    std::size_t before = 0;
    for (const RuledLine& line : lines) before += line.at(place.across) <= place.along ? 1 : 0;
    return before;
  }
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const std::size_t middle = values.size() / 2;
  return nth_smallest(std::move(values), middle);
}

/// A line straight across the whole picture, which falls by `slope` a pixel.
RuledLine straight(double along, double slope = 0) {
  return {{{0, along}, {1, along + slope}}};
}

/// A line between two, and beyond them: at 0 the first, at 1 the second.
RuledLine between(const RuledLine& first, const RuledLine& second, double share, double extent) {
  RuledLine line;
  for (const double across : {0.0, extent / 2, extent}) {
    const double a = first.at(across);
    const double b = second.at(across);
    line.points.push_back({across, a + share * (b - a)});
  }
  return line;
}

/// Leaves one of lines that are two strokes of the same: closer to each other than digits.
void join_double(std::vector<RuledLine>& lines, double middle, double digit) {
  constexpr double close = 0.4;  // of a digit's size
  const auto is_double = [&](const RuledLine& a, const RuledLine& b) {
    return b.at(middle) - a.at(middle) < close * digit;
  };
  lines.erase(std::unique(lines.begin(), lines.end(), is_double), lines.end());
}

/// The extent of a table's axis, and of the axis across.
struct Extent {
  double along = 0;
  double across = 0;
  double digit = 0;  // the usual size of a digit, along
};

// ---- Lines that are there

/// Cells between lines, those before the first and behind the last as far as there are digits.
Lines lines_of(std::vector<RuledLine> lines, const std::vector<Place>& places) {
  Lines found{std::move(lines), 0};
  const auto is_outside = [&](const RuledLine& line, double sign) {
    return std::ranges::any_of(places, [&](const Place& place) {
      return sign * (place.along - line.at(place.across)) > 0;
    });
  };
  const bool before = is_outside(found.lines.front(), -1);
  const bool behind = is_outside(found.lines.back(), 1);
  if (!before) found.lines.erase(found.lines.begin());
  if (!behind) found.lines.pop_back();
  found.cells = found.lines.size() + 1;
  return found;
}

// ---- Lines that are not

using Interval = std::pair<double, double>;

/// Along the axis, in columns that fall by `slope`, sorted.
std::vector<Interval> intervals_of(const std::vector<Place>& places, double slope) {
  std::vector<Interval> intervals;
  for (const Place& place : places) {
    const double by = slope * place.across;
    intervals.emplace_back(place.begin - by, place.end - by);
  }
  std::ranges::sort(intervals);
  return intervals;
}

/// How much of the axis is covered: the less, the better columns lie below each other.
double covered(const std::vector<Place>& places, double slope) {
  double sum = 0;
  double end = -std::numeric_limits<double>::infinity();
  for (const auto& [begin, last] : intervals_of(places, slope)) {
    sum += std::max(0.0, last - std::max(begin, end));
    end = std::max(end, last);
  }
  return sum;
}

/// Between columns, where nothing is for `least` pixels.
Lines gaps_between(const std::vector<Place>& places, double slope, double least) {
  Lines found;
  if (places.empty()) return found;
  const std::vector<Interval> intervals = intervals_of(places, slope);
  double end = intervals.front().second;
  for (const auto& [begin, last] : intervals) {
    if (begin - end > least) found.lines.push_back(straight((begin + end) / 2, slope));
    end = std::max(end, last);
  }
  found.cells = found.lines.size() + 1;
  return found;
}

/// Columns of numbers or of digits, whichever are more: the text has no spaces in a row of cells
/// with a digit each, and numbers may be closer to each other than their digits. Where the lines of
/// the text fall by `slope`, the page may be turned, so that its columns slope the other way.
Lines gaps_of_columns(const std::vector<Place>& numbers, const std::vector<Place>& digits,
                      double slope, double digit_height) {
  constexpr double least = 0.35;  // of a digit's height; digits of a number are closer
  const double of_columns = covered(digits, -slope) < covered(digits, 0) ? -slope : 0;
  Lines by_numbers = gaps_between(numbers, of_columns, 0);
  Lines by_digits = gaps_between(digits, of_columns, least * digit_height);
  return by_digits.cells > by_numbers.cells ? by_digits : by_numbers;
}

using TextLine = std::vector<Place>;

/// How far the lines of a text fall by pixel to the right: by least squares, each about its middle.
double slope_of(const std::vector<TextLine>& text) {
  double product = 0;
  double square = 0;
  for (const TextLine& line : text) {
    double along = 0;
    double across = 0;
    for (const Place& place : line) along += place.along, across += place.across;
    const auto count = static_cast<double>(line.size());
    for (const Place& place : line) {
      const double off = place.across - across / count;
      product += off * (place.along - along / count);
      square += off * off;
    }
  }
  return square > 0 ? product / square : 0;
}

/// Between the lines of a text. Those that are no farther from each other than half a digit are
/// parts of one.
Lines gaps_of_text(const std::vector<TextLine>& text, double slope, double digit) {
  constexpr double apart = 0.5;
  std::vector<double> levels;
  for (const TextLine& line : text) {
    std::vector<double> of_line;
    for (const Place& place : line) of_line.push_back(place.along - slope * place.across);
    levels.push_back(median(std::move(of_line)));
  }
  std::ranges::sort(levels);
  Lines found;
  for (std::size_t i = 1; i < levels.size(); ++i)
    if (levels[i] - levels[i - 1] > apart * digit)
      found.lines.push_back(straight((levels[i - 1] + levels[i]) / 2, slope));
  found.cells = levels.empty() ? 0 : found.lines.size() + 1;
  return found;
}

// ---- Lines as many as are asked for

/// Lines 0 to `cells` at equal steps.
struct Steps {
  double first = 0;
  double step = 0;
  double score = -1;
};

/// How many of the lines that were found are at the steps, less the digits that are beyond them.
double score_of(const Steps& steps, std::size_t cells, const std::vector<double>& lines,
                const std::vector<Place>& places) {
  constexpr double near = 0.15;  // of a step
  double score = 0;
  for (const double line : lines) {
    const double at = (line - steps.first) / steps.step;
    const double off = std::abs(at - std::round(at));
    const bool is_within = at > -0.5 && at < static_cast<double>(cells) + 0.5;
    if (is_within && off < near) score += 1 - off;
  }
  for (const Place& place : places) {
    const double at = (place.along - steps.first) / steps.step;
    if (at < 0 || at > static_cast<double>(cells)) score -= 1;
  }
  return score;
}

/// The steps that fit best what was found; where there is too little, those of the whole extent.
Steps fit_steps(std::size_t cells, const std::vector<double>& lines,
                const std::vector<Place>& places, const Extent& extent) {
  constexpr std::size_t most_lines = 60;
  const auto count = static_cast<double>(cells);
  Steps best{0, extent.along / count, -1};
  if (lines.size() > most_lines) return best;
  best.score = score_of(best, cells, lines, places);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t j = i + 1; j < lines.size(); ++j) {
      for (std::size_t apart = 1; apart <= cells; ++apart) {
        const double step = (lines[j] - lines[i]) / static_cast<double>(apart);
        if (step < 0.5 * extent.digit || step * count > 1.1 * extent.along) continue;
        for (std::size_t index = 0; index + apart <= cells; ++index) {
          Steps steps{lines[i] - static_cast<double>(index) * step, step, 0};
          if (steps.first < -0.5 * step || steps.first + step * count > extent.along + 0.5 * step)
            continue;
          steps.score = score_of(steps, cells, lines, places);
          if (steps.score > best.score) best = steps;
        }
      }
    }
  }
  return best;
}

/// So many cells: lines that were found where they are at a step, others between these.
Lines fit_lines(std::size_t cells, const std::vector<RuledLine>& found,
                const std::vector<Place>& places, const Extent& extent) {
  std::vector<double> middles;
  for (const RuledLine& line : found) middles.push_back(line.at(extent.across / 2));
  const Steps steps = fit_steps(cells, middles, places, extent);
  constexpr double near = 0.2;  // of a step
  std::vector<std::optional<RuledLine>> at_steps(cells + 1);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double at = (middles[i] - steps.first) / steps.step;
    const double index = std::round(at);
    if (index < 0 || index > static_cast<double>(cells) || std::abs(at - index) > near) continue;
    at_steps[static_cast<std::size_t>(index)] = found[i];
  }
  Lines lines{{}, cells};
  for (std::size_t i = 1; i < cells; ++i) {
    if (at_steps[i]) {
      lines.lines.push_back(*at_steps[i]);
      continue;
    }
    // From those on both sides, or two on one.
    std::optional<std::size_t> first;
    std::optional<std::size_t> second;
    for (std::size_t j = 0; j < i; ++j)
      if (at_steps[j]) first = j;
    for (std::size_t j = cells; j > i; --j)
      if (at_steps[j]) second = j;
    const bool has_both = first && second;
    lines.lines.push_back(
        has_both ? between(*at_steps[*first], *at_steps[*second],
                           static_cast<double>(i - *first) / static_cast<double>(*second - *first),
                           extent.across)
                 : straight(steps.first + static_cast<double>(i) * steps.step));
  }
  return lines;
}

// ---- Both axes

struct Axis {
  Lines lines;
  bool is_ruled = false;
};

std::size_t cells_with_digits(const Lines& lines, const std::vector<Place>& places) {
  std::set<std::size_t> cells;
  for (const Place& place : places) cells.insert(lines.cell_of(place));
  return cells.size();
}

/// `ruled` are the lines that were found, `gaps` what is apart whatever lines there are. Where
/// `is_one_line`, what is apart cannot be in one cell: then lines were missed.
Axis find_axis(std::vector<RuledLine> ruled, const std::vector<Place>& places, Lines gaps,
               bool is_one_line, std::size_t wanted, const Extent& extent) {
  join_double(ruled, extent.across / 2, extent.digit);
  Axis axis{std::move(gaps), false};
  if (ruled.size() >= 2) {
    const Lines lines = lines_of(ruled, places);
    // Gaps of a table that slopes are not so sure either.
    axis.is_ruled = !is_one_line || 3 * cells_with_digits(lines, places) >= 2 * axis.lines.cells;
    if (axis.is_ruled) axis.lines = lines;
  }
  if (wanted > 0 && axis.lines.cells != wanted)
    axis.lines = fit_lines(wanted, ruled, places, extent);
  return axis;
}

/// The lines of a ruling along and across the picture, in its pixels.
struct Rulings {
  std::vector<RuledLine> across;
  std::vector<RuledLine> down;  // x and y exchanged
};

/// Across a part of the page's ink, in the picture's pixels.
std::vector<RuledLine> find_lines(const Page& page, const Box& part, bool down) {
  Plane ink = crop(page.ink, part);
  if (down) ink = transpose(ink);
  std::vector<RuledLine> lines = find_ruled_lines(ink, page.levels);
  const int left = down ? part.y : part.x;
  const int top = down ? part.x : part.y;
  for (RuledLine& line : lines)
    for (RuledLine::Point& point : line.points)
      point = {(point.x + left) * page.factor, (point.y + top) * page.factor};
  return lines;
}

/// Around all digits and the cells that they stand in, in pixels of the page's ink.
Box around(const std::vector<Box>& boxes, const Page& page) {
  constexpr double margin = 1.2;  // of the largest digit
  int left = page.ink.width, top = page.ink.height, right = 0, bottom = 0, largest = 0;
  for (const Box& box : boxes) {
    left = std::min(left, box.x / page.factor);
    top = std::min(top, box.y / page.factor);
    right = std::max(right, (box.x + box.width) / page.factor);
    bottom = std::max(bottom, (box.y + box.height) / page.factor);
    largest = std::max(largest, std::max(box.width, box.height) / page.factor);
  }
  const int by = static_cast<int>(margin * largest);
  left = std::max(0, left - by);
  top = std::max(0, top - by);
  return {left, top, std::min(page.ink.width, right + by) - left,
          std::min(page.ink.height, bottom + by) - top};
}

/// Lines are looked for across the whole picture, and where there are none, around the digits: a
/// table may be a part of a page.
Rulings find_rulings(const Picture& picture, const std::vector<Box>& boxes) {
  Rulings rulings;
  const std::optional<Page> page = find_page(picture, {}, Ruling::kept);
  if (!page) return rulings;
  const Box whole{0, 0, page->ink.width, page->ink.height};
  for (const bool down : {false, true}) {
    std::vector<RuledLine>& lines = down ? rulings.down : rulings.across;
    lines = find_lines(*page, whole, down);
    if (lines.size() >= 2 || boxes.empty()) continue;
    const Box part = around(boxes, *page);
    if (part.width > 0 && part.height > 0) lines = find_lines(*page, part, down);
  }
  return rulings;
}

std::vector<Box> upright_boxes(const Picture& picture, const Reading& reading) {
  std::vector<Box> boxes;
  for (const Digit& digit : reading.digits)
    boxes.push_back(turn(digit.box, degrees_of(reading.turn), picture.width, picture.height));
  return boxes;
}

Place place_in_row(const Box& box) {
  return {box.y + box.height / 2.0, box.x + box.width / 2.0, static_cast<double>(box.y),
          static_cast<double>(box.y + box.height)};
}

Place place_in_column(const Box& box) {
  return {box.x + box.width / 2.0, box.y + box.height / 2.0, static_cast<double>(box.x),
          static_cast<double>(box.x + box.width)};
}

bool is_of_digit(char letter) {
  return std::isdigit(static_cast<unsigned char>(letter)) != 0 || letter == '?';
}

/// What stands in the text before each digit, behind the one before it; and behind the last.
std::vector<std::string> text_between(const Reading& reading) {
  std::vector<std::string> between(1);
  for (const char letter : reading.text) {
    if (is_of_digit(letter) && between.size() <= reading.digits.size())
      between.emplace_back();
    else
      between.back() += letter;
  }
  between.resize(reading.digits.size() + 1);
  return between;
}

std::string digits_of(const Reading& reading) {
  std::string letters;
  for (const char letter : reading.text)
    if (is_of_digit(letter)) letters += letter;
  return letters;
}

/// The digits of each line of the text.
std::vector<TextLine> text_lines_of(const std::vector<Box>& boxes,
                                    const std::vector<std::string>& between) {
  std::vector<TextLine> text;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (i == 0 || between[i].find('\n') != std::string::npos) text.emplace_back();
    text.back().push_back(place_in_row(boxes[i]));
  }
  return text;
}

/// Digits along a row; those that `parts` does not part from the one before are one.
std::vector<Place> join(const std::vector<Place>& digits, const std::vector<std::string>& between,
                        bool (*parts)(const std::string&)) {
  std::vector<Place> joined;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 0 || parts(between[i]))
      joined.push_back(digits[i]);
    else
      joined.back().end = std::max(joined.back().end, digits[i].end);
  }
  return joined;
}

bool has_space(const std::string& between) {
  return between.find_first_of(" \n") != std::string::npos;
}

/// Not a sign, as in 1,5.
bool has_no_sign(const std::string& between) {
  return between.empty() || has_space(between);
}

/// Adds a digit with the signs before it. A cell that has digits already gets what is between them.
void add(TableCell& cell, std::string_view between, char letter, float confidence) {
  std::string before(between);
  if (cell.text.empty()) {
    before.erase(0, before.find_last_of(" \n") + 1);
    cell.confidence = confidence;
  }
  std::ranges::replace(before, '\n', ' ');
  cell.text += before + letter;
  cell.confidence = std::min(cell.confidence, confidence);
}

}  // namespace

Table find_table(const Picture& given, const Reading& reading, TableSize wanted) {
  const Picture picture = turn(given, degrees_of(reading.turn));
  const std::vector<Box> boxes = upright_boxes(given, reading);
  const std::vector<std::string> between = text_between(reading);
  std::vector<Place> in_rows;
  std::vector<Place> in_columns;
  std::vector<double> widths;
  std::vector<double> heights;
  for (const Box& box : boxes) {
    in_rows.push_back(place_in_row(box));
    in_columns.push_back(place_in_column(box));
    widths.push_back(box.width);
    heights.push_back(box.height);
  }
  Rulings rulings = find_rulings(picture, boxes);
  const auto width = static_cast<double>(picture.width);
  const auto height = static_cast<double>(picture.height);
  const std::vector<TextLine> text = text_lines_of(boxes, between);
  const double slope = slope_of(text);
  const double digit_height = median(heights);
  const Axis rows =
      find_axis(std::move(rulings.across), in_rows, gaps_of_text(text, slope, digit_height), true,
                wanted.rows, {height, width, digit_height});
  const Axis columns =
      find_axis(std::move(rulings.down), in_columns,
                gaps_of_columns(join(in_columns, between, has_space),
                                join(in_columns, between, has_no_sign), slope, digit_height),
                false, wanted.columns, {width, height, median(widths)});
  Table table{{rows.lines.cells, columns.lines.cells}, {}, rows.is_ruled, columns.is_ruled};
  table.cells.resize(table.size.rows * table.size.columns);
  const std::string letters = digits_of(reading);
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < boxes.size() && i < letters.size(); ++i) {
    const std::size_t row = rows.lines.cell_of(in_rows[i]);
    const std::size_t column = columns.lines.cell_of(in_columns[i]);
    const std::size_t cell = row * table.size.columns + column;
    const bool goes_on = last == cell;
    add(table.cells[cell], goes_on || table.cells[cell].text.empty() ? between[i] : " ", letters[i],
        reading.digits[i].confidence);
    last = cell;
  }
  return table;
}

}  // namespace scrawl
