#include "picture/ruling.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

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
  double gap;      ///< from a chunk to the next, at most
  double length;   ///< at least
  double covered;  ///< of its length at least: the rest are gaps and crossings
};
constexpr Limits strict{0.12, 0.6, 0.5};
constexpr Limits among_others{0.45, 0.3, 0.3};  // what runs beside so many strict ones:
constexpr std::size_t least_others = 3;
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

bool is_rule(const Rule& rule, const Limits& limits, int width) {
  double covered = 0;
  for (const Chunk& chunk : rule) covered += chunk.end - chunk.begin;
  return length_of(rule) >= limits.length * width && covered >= limits.covered * length_of(rule);
}

std::vector<Rule> follow_rules(const std::vector<Chunk>& chunks, int width, const Limits& limits) {
  std::vector<Rule> rules;
  std::vector<bool> used(chunks.size());
  std::size_t looks = most_looks;
  for (std::size_t i = 0; i < chunks.size() && looks > 0; ++i) {
    if (used[i] || chunks[i].begin > width * (1 - limits.length)) continue;
    used[i] = true;
    Rule rule{chunks[i]};
    std::vector<std::size_t> taken;
    while (const auto next =
               find_next(chunks, used, rule.back(), slope_of(rule), limits.gap * width, looks)) {
      rule.push_back(chunks[*next]);
      used[*next] = true;
      taken.push_back(*next);
    }
    if (is_rule(rule, limits, width)) {
      rules.push_back(std::move(rule));
    } else {
      for (const std::size_t index : taken) used[index] = false;
    }
  }
  return rules;
}

double whole_slope(const Rule& rule) {
  return (rule.back().at(rule.back().end) - rule.front().at(rule.front().begin)) / length_of(rule);
}

/// Strict rules; where there are several, also those that strokes hide half of.
std::vector<Rule> find_rules(const std::vector<Chunk>& chunks, int width) {
  std::vector<Rule> rules = follow_rules(chunks, width, strict);
  if (rules.size() < least_others) return rules;
  std::vector<double> slopes;
  for (const Rule& rule : rules) slopes.push_back(whole_slope(rule));
  std::ranges::sort(slopes);
  const double usual = slopes[slopes.size() / 2];
  for (Rule& rule : follow_rules(chunks, width, among_others))
    if (std::abs(whole_slope(rule) - usual) <= parallel) rules.push_back(std::move(rule));
  return rules;
}

/// Where the rule is in column x.
double height_at(const Rule& rule, int x) {
  const auto next = std::ranges::upper_bound(rule, x, {}, &Chunk::begin);
  const Chunk& chunk = next == rule.begin() ? *next : *(next - 1);
  if (x < chunk.end || next == rule.begin() || next == rule.end()) return chunk.at(x);
  // Between two chunks.
  const double share = (x - chunk.middle()) / (next->middle() - chunk.middle());
  return chunk.y + share * (next->y - chunk.y);
}

/// Calls visit(x, run) for each thin run of ink that the rule goes through.
template <typename Visit>
void visit_runs(const Rule& rule, const std::vector<std::vector<Run>>& runs, int thickest_run,
                const Visit& visit) {
  constexpr int beyond = 3;  // pixels, at its ends
  const int first = std::max(0, rule.front().begin - beyond);
  const int last = std::min(static_cast<int>(runs.size()), rule.back().end + beyond);
  for (int x = first; x < last; ++x) {
    const double y = height_at(rule, x);
    for (const Run& run : runs[x])
      if (run.length() <= thickest_run && y >= run.begin - 1.5 && y <= run.end + 0.5) visit(x, run);
  }
}

int peak_of(const Plane& ink, int x, const Run& run) {
  int peak = 0;
  for (int y = run.begin; y < run.end; ++y) peak = std::max<int>(peak, ink.row(y)[x]);
  return peak;
}

/// Erases the rule where the ink there is thin and no darker than elsewhere along it, with its grey
/// edges; what is thicker or darker is a stroke that crosses. Returns the darkest that it erases.
int erase(const Rule& rule, const std::vector<std::vector<Run>>& runs, int thickest_run,
          Plane& ink) {
  constexpr double darker = 1.35;
  constexpr int noise = 10;
  std::vector<int> peaks;
  visit_runs(rule, runs, thickest_run,
             [&](int x, const Run& run) { peaks.push_back(peak_of(ink, x, run)); });
  const auto median = peaks.begin() + static_cast<std::ptrdiff_t>(peaks.size() / 2);
  std::nth_element(peaks.begin(), median, peaks.end());
  const int darkest = static_cast<int>(darker * *median) + noise;
  visit_runs(rule, runs, thickest_run, [&](int x, const Run& run) {
    if (peak_of(ink, x, run) > darkest) return;
    for (int y = std::max(0, run.begin - 1); y < std::min(ink.height, run.end + 1); ++y)
      ink.row(y)[x] = 0;
  });
  return darkest;
}

struct Erased {
  std::size_t rules = 0;
  int darkest = 0;  ///< level of ink of most of them
};

/// Of the runs. On ruled paper, most cross a line.
int median_length(const std::vector<std::vector<Run>>& runs) {
  std::vector<int> lengths;
  for (const std::vector<Run>& column : runs)
    for (const Run& run : column) lengths.push_back(run.length());
  if (lengths.empty()) return 0;
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  return *middle;
}

/// Erases lines across when there are `least` of them, or one that is whole.
Erased erase_rules(Plane& ink, int level, std::size_t least) {
  const std::vector<std::vector<Run>> runs = find_runs(ink, level);
  const int thickest_run = static_cast<int>(thickest * median_length(runs)) + 2;
  const std::vector<Rule> rules = find_rules(find_chunks(runs, thickest_run), ink.width);
  const bool is_line = ink.width > 2 * ink.height;  // a picture of one line, perhaps on a rule
  const bool alone = is_line && std::ranges::any_of(rules, [&](const Rule& rule) {
                       return length_of(rule) >= whole_line * ink.width;
                     });
  if (rules.size() < least && !alone) return {};
  std::vector<int> darkest;
  for (const Rule& rule : rules) darkest.push_back(erase(rule, runs, thickest_run, ink));
  std::ranges::sort(darkest);
  return {rules.size(), darkest[darkest.size() / 2]};
}

}  // namespace

int remove_ruling(Plane& ink, InkLevels levels) {
  constexpr std::size_t least_across = 2;
  constexpr std::size_t least_down = 2;        // with lines across
  constexpr std::size_t least_down_alone = 4;  // and without: the ones of a sum stand in columns
  Plane rest = ink;
  const Erased across = erase_rules(rest, levels.weak, least_across);
  Plane turned = transpose(rest);
  const std::size_t least = across.rules >= least_across ? least_down : least_down_alone;
  const Erased down = erase_rules(turned, levels.weak, least);
  if (down.rules > 0) rest = transpose(turned);
  // What was all lines was no ruling.
  const bool is_left =
      std::ranges::any_of(rest.pixels, [&](int level) { return level >= levels.sure; });
  if (!is_left) return 0;
  ink = std::move(rest);
  return std::max(across.darkest, down.darkest);
}

}  // namespace scrawl
