#include "picture/ruling.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "picture/nth_smallest.hpp"

namespace scrawl {

namespace {

/// So many columns of a dotted line may be bare.
constexpr int largest_dash_gap = 4;

/// A line is at most so many times as thick as most ink, and two pixels more.
constexpr double thickest = 1.5;

/// Lines are followed from chunk to chunk; a chunk is at most so many pixels long.
constexpr int chunk_length = 24;
constexpr int shortest_chunk = 5;

/// A plane with more chunks than this is a texture.
constexpr std::size_t most_chunks = 20'000;

constexpr double steepest = 0.18;      // rise over run
constexpr double largest_bend = 0.12;  // of the slope, from a chunk to the next

/// What makes a line, as shares of the plane's width.
struct Limits {
  double gap;     ///< from a chunk to the next, at most
  double length;  ///< at least; of the way through the plane, where a line leaves it above or below
  double covered;  ///< of its length at least: the rest are gaps and crossings
};
constexpr Limits strict{0.12, 0.6, 0.5};
constexpr Limits among_others{0.45, 0.3, 0.3};  // what runs beside so many strict ones:
constexpr std::size_t least_others = 2;
constexpr double parallel = 0.03;  // by its slope

constexpr double whole_line = 0.97;  // of the width: the length of a line that counts alone

/// A bit of a line: a thin run of ink in each column from `begin` to before `end`.
struct Chunk {
  int begin = 0;
  int end = 0;
  double y = 0;  ///< in the middle
  double slope = 0;

  double middle() const { return (begin + end - 1) / 2.0; }
  double at(double x) const { return y + slope * (x - middle()); }
};

/// A vertical run of ink: rows from `begin` to before `end`.
struct Run {
  int begin;
  int end;
  double middle() const { return (begin + end - 1) / 2.0; }
  int length() const { return end - begin; }
};

struct Point {
  int x;
  double y;
};

/// The runs of each column.
std::vector<std::vector<Run>> find_runs(const Plane& ink, int level) {
  std::vector<std::vector<Run>> runs(ink.width);
  for (int y = 0; y < ink.height; ++y) {
    const std::uint8_t* row = ink.row(y);
    for (int x = 0; x < ink.width; ++x) {
      if (row[x] < level) continue;
      std::vector<Run>& column = runs[x];
      if (!column.empty() && column.back().end == y) {
        ++column.back().end;
      } else {
        column.push_back({y, y + 1});
      }
    }
  }
  return runs;
}

/// A straight line through points (least squares), from left to right; nothing where they are not
/// straight.
std::optional<Chunk> fit_chunk(const std::vector<Point>& points) {
  const auto count = static_cast<double>(points.size());
  const double centre = (points.front().x + points.back().x) / 2.0;
  double mean = 0;
  double mean_x = 0;
  for (const Point& p : points) {
    mean += p.y / count;
    mean_x += p.x / count;
  }
  double across = 0;
  double square = 0;
  for (const Point& p : points) {
    across += (p.x - mean_x) * p.y;
    square += (p.x - mean_x) * (p.x - mean_x);
  }
  const double slope = across / square;
  double error = 0;
  for (const Point& p : points) {
    const double off = p.y - mean - slope * (p.x - mean_x);
    error += off * off / count;
  }
  if (std::abs(slope) > steepest || error > 0.7) return std::nullopt;
  return Chunk{points.front().x, points.back().x + 1, mean + slope * (centre - mean_x), slope};
}

/// Takes out of `runs` what goes on from the run at column x, a chunk's length at most.
std::vector<Point> follow(std::vector<std::vector<Run>>& runs, int x, const Run& first) {
  std::vector<Point> points{{x, first.middle()}};
  const int width = static_cast<int>(runs.size());
  for (int next = x + 1; next < std::min(width, x + chunk_length); ++next) {
    if (next - points.back().x > largest_dash_gap) break;
    const auto follows = std::ranges::find_if(
        runs[next], [&](const Run& run) { return std::abs(run.middle() - points.back().y) <= 1; });
    if (follows == runs[next].end()) continue;
    points.push_back({next, follows->middle()});
    runs[next].erase(follows);
  }
  return points;
}

/// All chunks, by their beginnings.
std::vector<Chunk> find_chunks(std::vector<std::vector<Run>> runs, int thickest_run) {
  for (std::vector<Run>& column : runs)
    std::erase_if(column, [=](const Run& run) { return run.length() > thickest_run; });
  std::vector<Chunk> chunks;
  for (int x = 0; x < static_cast<int>(runs.size()); ++x) {
    for (const Run& first : runs[x]) {  // follow() takes from later columns
      const std::vector<Point> points = follow(runs, x, first);
      if (points.size() < shortest_chunk) continue;
      if (const auto chunk = fit_chunk(points)) chunks.push_back(*chunk);
      if (chunks.size() > most_chunks) return {};
    }
  }
  return chunks;
}

/// Chunks that follow each other, from left to right.
using Rule = std::vector<Chunk>;

/// So many chunks are looked at for what goes on; in a texture, all could go on everywhere.
constexpr std::size_t most_looks = 3'000'000;

/// The chunk not yet used that goes on best where `last` ends. Takes what it looks at from `looks`.
std::optional<std::size_t> find_next(const std::vector<Chunk>& chunks,
                                     const std::vector<bool>& used, const Chunk& last, double slope,
                                     double gap, std::size_t& looks) {
  const auto from = std::ranges::lower_bound(chunks, last.end - 2, {}, &Chunk::begin);
  std::optional<std::size_t> best;
  double least = 0;
  for (auto chunk = from; chunk != chunks.end() && chunk->begin <= last.end + gap; ++chunk) {
    const auto index = static_cast<std::size_t>(chunk - chunks.begin());
    if (looks == 0) return std::nullopt;
    --looks;
    if (used[index] || std::abs(chunk->slope - slope) > largest_bend) continue;
    const double away = chunk->begin - last.end;
    const double off = std::abs(chunk->at(chunk->begin) - last.at(last.end - 1) - slope * away);
    if (off > 1.5 + 0.04 * away) continue;
    const double cost = away + 4 * off;
    if (best && cost >= least) continue;
    best = index;
    least = cost;
  }
  return best;
}

double slope_of(const Rule& rule) {
  constexpr std::size_t recent = 8;  // a page may be curved
  const Chunk& from = rule[rule.size() > recent ? rule.size() - recent : 0];
  const Chunk& to = rule.back();
  if (rule.size() < 3) return to.slope;
  return (to.y - from.y) / (to.middle() - from.middle());
}

double length_of(const Rule& rule) {
  return rule.back().end - rule.front().begin;
}

double whole_slope(const Rule& rule) {
  return (rule.back().at(rule.back().end) - rule.front().at(rule.front().begin)) / length_of(rule);
}

/// How many columns the rule's line has in the plane.
double way_through(const Rule& rule, int width, int height) {
  const double slope = whole_slope(rule);
  const double left = rule.front().at(0);  // where it comes in
  if (std::abs(slope) < 1e-3) return width;
  const auto [first, last] = std::minmax({-left / slope, (height - left) / slope});
  return std::min<double>(width, last) - std::max(0.0, first);
}

bool is_rule(const Rule& rule, const Limits& limits, const Plane& ink) {
  constexpr double shortest = 0.3;  // of the width, however short its way
  double covered = 0;
  for (const Chunk& chunk : rule) covered += chunk.end - chunk.begin;
  const double way =
      std::max(shortest * ink.width, limits.length * way_through(rule, ink.width, ink.height));
  return length_of(rule) >= way && covered >= limits.covered * length_of(rule);
}

std::vector<Rule> follow_rules(const std::vector<Chunk>& chunks, const Plane& ink,
                               const Limits& limits) {
  std::vector<Rule> rules;
  std::vector<bool> used(chunks.size());
  std::size_t looks = most_looks;
  for (std::size_t i = 0; i < chunks.size() && looks > 0; ++i) {
    if (used[i]) continue;
    used[i] = true;
    Rule rule{chunks[i]};
    std::vector<std::size_t> taken;
    while (const auto next = find_next(chunks, used, rule.back(), slope_of(rule),
                                       limits.gap * ink.width, looks)) {
      rule.push_back(chunks[*next]);
      used[*next] = true;
      taken.push_back(*next);
    }
    if (is_rule(rule, limits, ink)) {
      rules.push_back(std::move(rule));
    } else {
      for (const std::size_t index : taken) used[index] = false;
    }
  }
  return rules;
}

/// Where the rule is in column x; beyond its ends, straight on.
double height_at(const Rule& rule, int x) {
  if (x < rule.front().begin)
    return rule.front().y + whole_slope(rule) * (x - rule.front().middle());
  if (x >= rule.back().end) return rule.back().y + whole_slope(rule) * (x - rule.back().middle());
  const auto next = std::ranges::upper_bound(rule, x, {}, &Chunk::begin);
  const Chunk& chunk = *(next - 1);
  if (x < chunk.end || next == rule.end()) return chunk.at(x);
  // Between two chunks.
  const double share = (x - chunk.middle()) / (next->middle() - chunk.middle());
  return chunk.y + share * (next->y - chunk.y);
}

/// The heights in column x, from top to bottom.
std::vector<double> heights_at(const std::vector<Rule>& rules, int x) {
  std::vector<double> heights;
  for (const Rule& rule : rules) heights.push_back(height_at(rule, x));
  std::ranges::sort(heights);
  return heights;
}

double least_gap(const std::vector<double>& heights) {
  double gap = heights.back() - heights.front();
  for (std::size_t i = 1; i < heights.size(); ++i) gap = std::min(gap, heights[i] - heights[i - 1]);
  return gap;
}

/// Strict rules; where there are several, also those that strokes hide half of: these are parallel,
/// and as far from the others as they are from each other, which the bars of digits that stand in
/// columns are not.
std::vector<Rule> find_rules(const std::vector<Chunk>& chunks, const Plane& ink) {
  constexpr double spaced = 0.8;  // of the least gap
  std::vector<Rule> rules = follow_rules(chunks, ink, strict);
  if (rules.size() < least_others) return rules;
  std::vector<double> slopes;
  for (const Rule& rule : rules) slopes.push_back(whole_slope(rule));
  std::ranges::sort(slopes);
  const double usual = slopes[slopes.size() / 2];
  const std::vector<double> heights = heights_at(rules, ink.width / 2);
  const double apart = spaced * least_gap(heights);
  for (Rule& rule : follow_rules(chunks, ink, among_others)) {
    const double height = height_at(rule, ink.width / 2);
    const bool fits =
        std::abs(whole_slope(rule) - usual) <= parallel &&
        std::ranges::none_of(heights, [&](double h) { return std::abs(h - height) < apart; });
    if (fits) rules.push_back(std::move(rule));
  }
  return rules;
}

/// The columns in which a rule is.
struct Columns {
  int first;
  int end;
};

/// Where there are several, strokes may hide where a rule begins or ends: it goes on to the edges.
Columns columns_of(const Rule& rule, int width, bool several) {
  constexpr int beyond = 3;  // pixels, at its ends
  if (several) return {0, width};
  return {std::max(0, rule.front().begin - beyond), std::min(width, rule.back().end + beyond)};
}

/// Of a column's runs of ink, the one that the rule goes through at height y.
const Run* find_run(const std::vector<Run>& column, double y) {
  const auto run = std::ranges::find_if(
      column, [y](const Run& r) { return y >= r.begin - 1.5 && y <= r.end + 0.5; });
  return run == column.end() ? nullptr : &*run;
}

int peak_of(const Plane& ink, int x, const Run& run) {
  int peak = 0;
  for (int y = run.begin; y < run.end; ++y) peak = std::max<int>(peak, ink.row(y)[x]);
  return peak;
}

/// What the ink of a rule is like where nothing crosses it.
struct Print {
  int darkest = 0;
  int thickness = 0;
};

Print measure_print(const Rule& rule, const std::vector<std::vector<Run>>& runs, int thickest_run,
                    Columns columns, const Plane& ink) {
  constexpr double darker = 1.35;
  constexpr int noise = 10;
  std::vector<int> peaks;
  std::vector<int> lengths;
  for (int x = columns.first; x < columns.end; ++x) {
    const Run* run = find_run(runs[x], height_at(rule, x));
    if (run == nullptr || run->length() > thickest_run) continue;
    peaks.push_back(peak_of(ink, x, *run));
    lengths.push_back(run->length());
  }
  if (peaks.empty()) return {};
  const std::size_t middle = peaks.size() / 2;
  const int peak = nth_smallest(std::move(peaks), middle);
  return {static_cast<int>(darker * peak) + noise, nth_smallest(std::move(lengths), middle)};
}

/// The darkest of a pixel and its neighbours in the row; 0 beyond the plane.
int darkest_near(const Plane& ink, int x, int y) {
  if (y < 0 || y >= ink.height) return 0;
  int darkest = 0;
  for (int near = std::max(0, x - 1); near <= std::min(ink.width - 1, x + 1); ++near)
    darkest = std::max<int>(darkest, ink.row(y)[near]);
  return darkest;
}

/// Where a rule crosses or touches a stroke: what is no darker than the rule becomes what lies
/// between the ink above it and below, as far as it is not paler already.
void bridge(const Print& print, double y, int x, Plane& ink) {
  const double reach = print.thickness / 2.0 + 1;  // with its grey edges
  const int above = static_cast<int>(std::ceil(y - reach)) - 1;
  const int below = static_cast<int>(std::floor(y + reach)) + 1;
  const int across = std::min(darkest_near(ink, x, above), darkest_near(ink, x, below));
  for (int at = std::max(0, above + 1); at < std::min(ink.height, below); ++at) {
    std::uint8_t& level = ink.row(at)[x];
    if (level <= print.darkest) level = static_cast<std::uint8_t>(std::min<int>(level, across));
  }
}

/// Erases the rule where the ink there is thin and no darker than elsewhere along it, with its grey
/// edges; what is thicker is a stroke that crosses.
void erase(const Rule& rule, const std::vector<std::vector<Run>>& runs, int thickest_run,
           Columns columns, Plane& ink) {
  const Print print = measure_print(rule, runs, thickest_run, columns, ink);
  for (int x = columns.first; x < columns.end; ++x) {
    const double y = height_at(rule, x);
    const Run* run = find_run(runs[x], y);
    if (run == nullptr) continue;
    if (run->length() > thickest_run) {
      bridge(print, y, x, ink);
    } else if (peak_of(ink, x, *run) <= print.darkest) {
      for (int at = std::max(0, run->begin - 1); at < std::min(ink.height, run->end + 1); ++at)
        ink.row(at)[x] = 0;
    }
  }
}

/// Whether the rule ends at both sides at a line across it, as the sides of a box do.
bool ends_at_corners(const Rule& rule, const std::vector<std::vector<Run>>& runs,
                     int thickest_run) {
  constexpr int reach = 4;  // pixels from its end
  const auto is_corner = [&](int end) {
    const int last = std::min(static_cast<int>(runs.size()) - 1, end + reach);
    for (int x = std::max(0, end - reach); x <= last; ++x) {
      const Run* run = find_run(runs[x], height_at(rule, x));
      if (run != nullptr && run->length() > thickest_run) return true;
    }
    return false;
  };
  return is_corner(rule.front().begin) && is_corner(rule.back().end);
}

/// Of the runs. On ruled paper, most cross a line.
int median_length(const std::vector<std::vector<Run>>& runs) {
  std::vector<int> lengths;
  for (const std::vector<Run>& column : runs)
    for (const Run& run : column) lengths.push_back(run.length());
  if (lengths.empty()) return 0;
  const std::size_t middle = lengths.size() / 2;
  return nth_smallest(std::move(lengths), middle);
}

/// Erases lines across when there are `least` of them, or one that is whole. Returns how many.
std::size_t erase_rules(Plane& ink, int level, std::size_t least) {
  const std::vector<std::vector<Run>> runs = find_runs(ink, level);
  const int thickest_run = static_cast<int>(thickest * median_length(runs)) + 2;
  const std::vector<Rule> rules = find_rules(find_chunks(runs, thickest_run), ink);
  const bool is_box = rules.size() == 2 && std::ranges::all_of(rules, [&](const Rule& rule) {
                        return ends_at_corners(rule, runs, thickest_run);
                      });
  if (is_box) return 0;                             // drawn around the digits
  const bool is_line = ink.width > 2 * ink.height;  // a picture of one line, perhaps on a rule
  const bool alone = is_line && std::ranges::any_of(rules, [&](const Rule& rule) {
                       return length_of(rule) >= whole_line * ink.width;
                     });
  if (rules.size() < least && !alone) return 0;
  for (const Rule& rule : rules) {
    const Columns columns = columns_of(rule, ink.width, rules.size() > least_others);
    erase(rule, runs, thickest_run, columns, ink);
  }
  return rules.size();
}

}  // namespace

void remove_ruling(Plane& ink, InkLevels levels) {
  constexpr std::size_t least_across = 2;
  constexpr std::size_t least_down = 2;        // with lines across
  constexpr std::size_t least_down_alone = 4;  // and without: the ones of a sum stand in columns
  Plane rest = ink;
  const std::size_t across = erase_rules(rest, levels.weak, least_across);
  Plane turned = transpose(rest);
  const std::size_t least = across >= least_across ? least_down : least_down_alone;
  if (erase_rules(turned, levels.weak, least) > 0) rest = transpose(turned);
  // What was all lines was no ruling.
  const bool is_left =
      std::ranges::any_of(rest.pixels, [&](int level) { return level >= levels.sure; });
  if (is_left) ink = std::move(rest);
}

double RuledLine::at(double x) const {
  const auto straight = [x](const Point& a, const Point& b, const Point& through) {
    return through.y + (b.y - a.y) / (b.x - a.x) * (x - through.x);
  };
  if (x <= points.front().x) return straight(points.front(), points.back(), points.front());
  if (x >= points.back().x) return straight(points.front(), points.back(), points.back());
  const auto next = std::ranges::upper_bound(points, x, {}, &Point::x);
  return straight(*(next - 1), *next, *next);
}

std::vector<RuledLine> find_ruled_lines(const Plane& ink, InkLevels levels) {
  const std::vector<std::vector<Run>> runs = find_runs(ink, levels.weak);
  const int thickest_run = static_cast<int>(thickest * median_length(runs)) + 2;
  std::vector<RuledLine> lines;
  for (const Rule& rule : find_rules(find_chunks(runs, thickest_run), ink)) {
    RuledLine line;
    line.points.push_back(
        {static_cast<double>(rule.front().begin), rule.front().at(rule.front().begin)});
    for (const Chunk& chunk : rule)
      if (chunk.middle() > line.points.back().x) line.points.push_back({chunk.middle(), chunk.y});
    line.points.push_back({static_cast<double>(rule.back().end), rule.back().at(rule.back().end)});
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines, {}, [&](const RuledLine& line) { return line.at(ink.width / 2.0); });
  return lines;
}

}  // namespace scrawl
