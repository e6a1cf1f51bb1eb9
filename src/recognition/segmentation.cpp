#include "recognition/segmentation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "picture/cuts.hpp"
#include "picture/glyph.hpp"
#include "picture/pieces.hpp"
#include "picture/stop.hpp"
#include "recognition/digit.hpp"

namespace scrawl {

namespace {

// What a candidate may be, as shares of the line's height.
constexpr double widest = 1.4;  // or of its own
constexpr double highest = 1.8;
constexpr double smallest = 0.35;  // its longer side
constexpr double farthest = 0.3;   // from one of its pieces to the next

constexpr std::size_t most_joined = 16;  // parts of one digit

// What a path pays, beside the surprise -log(p) of each of its digits.
constexpr double cut_cost = 0.3;    // to part what is connected,
constexpr double loop_cost = 0.25;  // for each stroke after the first that the cut goes through
constexpr double gap_cost = 1.5;    // to join what is as far apart as the line is high
constexpr double small_cost = 3;    // for each share of the height that a digit lacks
constexpr double lacking = 0.6;     // of a digit's height is not yet small
constexpr double usual_width = 0.8;
constexpr double skip_cost = 1.2;   // to leave out what is as large as a digit
constexpr double speck_cost = 0.3;  // and one that is small
constexpr double speck_share = 0.4;

// How far a digit is trusted that was cut off others: so for each cut, and so for each stroke after
// the first that it goes through. Zigzags and drawings come apart into good digits too.
constexpr float cut_trust = 0.94F;
constexpr float loop_trust = 0.8F;

/// A piece, or a part of one between two cuts.
struct Part {
  Piece piece;
  int crossed;         ///< strokes that the cut on its right goes through
  std::size_t source;  ///< the number of the piece
  std::size_t next;    ///< the number of the first part of the next piece
  bool asked = false;  ///< the network has been asked about it
  std::optional<Digit> digit = {};
};

std::ptrdiff_t pixels_of(const Box& box) {
  return static_cast<std::ptrdiff_t>(box.width) * box.height;
}

/// What the network says of a piece; nothing when it is too small.
std::optional<Digit> ask(const Piece& piece, double height, InkLevels levels,
                         const Classify& classify) {
  if (longer_side(piece.box) < smallest * height) return std::nullopt;
  const std::optional<Glyph> glyph = make_glyph(piece.ink, levels);
  if (!glyph) return std::nullopt;
  return to_digit(classify(*glyph), *glyph, piece.box);
}

/// A piece is not cut where the network says that it is one digit, more surely than it does of two
/// that touch.
std::vector<Part> cut_line(const Line& line, InkLevels levels, const Classify& classify,
                           WorkBudget& budget) {
  constexpr float sure = 0.99F;
  std::vector<Part> parts;
  for (std::size_t i = 0; i < line.pieces.size(); ++i) {
    check_stop(budget.stop);
    const Piece& whole = line.pieces[i];
    std::optional<Digit> digit = ask(whole, line.height, levels, classify);
    const bool is_digit = digit && digit->confidence > sure;
    budget.cut_pixels -= pixels_of(whole.box);
    std::vector<CutPiece> cut;
    if (!is_digit && budget.parts > 0 && budget.cut_pixels > 0) cut = cut_piece(whole, line.height);
    budget.parts -= static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, cut.size()));
    if (cut.size() <= 1) {
      parts.push_back({whole, 0, i, parts.size() + 1, true, std::move(digit)});
      continue;
    }
    const std::size_t next = parts.size() + cut.size();
    for (CutPiece& part : cut) parts.push_back({std::move(part.piece), part.crossed, i, next});
  }
  return parts;
}

bool parts_piece(const std::vector<Part>& parts, std::size_t at) {
  return at > 0 && at < parts.size() && parts[at - 1].source == parts[at].source;
}

int loops_cut(const std::vector<Part>& parts, std::size_t at) {
  return std::max(0, parts[at - 1].crossed - 1);
}

float trust_in_cut(const std::vector<Part>& parts, std::size_t at) {
  if (!parts_piece(parts, at)) return 1;
  return cut_trust * std::pow(loop_trust, static_cast<float>(loops_cut(parts, at)));
}

Candidate make_candidate(const Digit& digit, std::size_t begin, std::size_t end, double height) {
  return {begin, end,
          -std::log(std::max(digit.confidence, 1e-6F)) +
              small_cost * std::max(0.0, lacking - digit.box.height / height),
          digit};
}

/// All candidates that begin with part `begin`.
void add_candidates(const std::vector<Part>& parts, std::size_t begin, double height,
                    InkLevels levels, const Classify& classify, WorkBudget& budget,
                    std::vector<Candidate>& candidates) {
  Piece piece = parts[begin].piece;
  double joins = 0;
  for (std::size_t end = begin + 1;; ++end) {
    check_stop(budget.stop);
    const bool asked = end == begin + 1 && parts[begin].asked;
    const std::optional<Digit> digit =
        asked ? parts[begin].digit : ask(piece, height, levels, classify);
    if (digit) {
      Candidate candidate = make_candidate(*digit, begin, end, height);
      candidate.cost += joins;
      if (parts_piece(parts, end)) candidate.cost += cut_cost + loop_cost * loops_cut(parts, end);
      candidate.digit =
          blend_with_uniform(*digit, trust_in_cut(parts, begin) * trust_in_cut(parts, end));
      candidates.push_back(candidate);
    }
    if (end == parts.size() || end - begin == most_joined) return;
    const Piece& next = parts[end].piece;
    const double gap = std::max(0, next.box.x - piece.box.x - piece.box.width) / height;
    const Box box = join(piece.box, next.box);
    const double tallest = std::max<double>(height, box.height);
    if (gap > farthest || box.width > widest * tallest || box.height > highest * height) return;
    if (!parts_piece(parts, end)) joins += gap_cost * gap;
    budget.joined_pixels -= pixels_of(box);
    if (--budget.joins < 0 || budget.joined_pixels < 0) return;
    piece = join(piece, next);
  }
}

double ink_of(const Piece& piece) {
  return std::accumulate(piece.ink.pixels.begin(), piece.ink.pixels.end(), 0.0);
}

double cost_to_skip(const Piece& piece, double height) {
  const double share = longer_side(piece.box) / height;
  const double digits = std::max(1.0, piece.box.width / (usual_width * height));
  return share < speck_share ? speck_cost : skip_cost * digits;
}

}  // namespace

Segmentation::Segmentation(const Line& line, InkLevels levels, const Classify& classify,
                           std::size_t most_digits, WorkBudget& budget) {
  const std::vector<Part> parts = cut_line(line, levels, classify, budget);
  for (std::size_t begin = 0; begin < parts.size(); ++begin)
    add_candidates(parts, begin, line.height, levels, classify, budget, candidates_);

  for (const Part& part : parts) inks_.push_back({part.piece.box, ink_of(part.piece)});

  steps_.assign(parts.size() + 1, std::vector<Step>(most_digits + 1));
  steps_[0][0].cost = 0;
  const auto reach = [this](std::size_t place, std::size_t digits, const Step& step) {
    if (step.cost < steps_[place][digits].cost) steps_[place][digits] = step;
  };
  std::size_t first = 0;
  for (std::size_t place = 0; place < parts.size(); ++place) {
    std::size_t last = first;
    while (last < candidates_.size() && candidates_[last].begin == place) ++last;
    const Part& part = parts[place];
    for (std::size_t digits = 0; digits <= most_digits; ++digits) {
      const double cost = steps_[place][digits].cost;
      if (cost == impossible) continue;
      // A piece is skipped part by part or, for the same price, as a whole.
      reach(place + 1, digits, {cost + cost_to_skip(part.piece, line.height), place, -1});
      if (!parts_piece(parts, place)) {
        const Piece& whole = line.pieces[part.source];
        reach(part.next, digits, {cost + cost_to_skip(whole, line.height), place, -1});
      }
      const std::size_t more = most_digits == 0 ? 0 : digits + 1;
      for (std::size_t c = first; c < last && more <= most_digits; ++c) {
        reach(candidates_[c].end, more,
              {cost + candidates_[c].cost, place, static_cast<std::ptrdiff_t>(c)});
      }
    }
    first = last;
  }
}

std::vector<Digit> Segmentation::digits(std::size_t digits) const {
  const bool counted = steps_[0].size() > 1;
  std::vector<const Candidate*> path;
  std::vector<Ink> left_out;
  for (std::size_t place = steps_.size() - 1; place > 0;) {
    const Step& step = steps_[place][digits];
    if (step.candidate < 0) {
      for (std::size_t part = step.from; part < place; ++part) left_out.push_back(inks_[part]);
    } else {
      path.push_back(&candidates_[static_cast<std::size_t>(step.candidate)]);
      if (counted) --digits;
    }
    place = step.from;
  }
  std::ranges::reverse(path);
  std::vector<Digit> found;
  for (const Candidate* candidate : path)
    found.push_back(blend_with_uniform(candidate->digit, share_read(*candidate, left_out)));
  return found;
}

float Segmentation::share_read(const Candidate& candidate, const std::vector<Ink>& left_out) const {
  double read = 0;
  for (std::size_t part = candidate.begin; part < candidate.end; ++part) read += inks_[part].sum;
  double all = read;
  for (const Ink& ink : left_out)
    if (join(ink.box, candidate.digit.box) == candidate.digit.box) all += ink.sum;
  return static_cast<float>(read / all);
}

std::vector<std::size_t> allocate_digits(const std::vector<Segmentation>& lines,
                                         std::size_t digits) {
  constexpr double impossible = Segmentation::impossible;
  // [line][digits before it]
  std::vector<std::vector<double>> costs(lines.size() + 1,
                                         std::vector<double>(digits + 1, impossible));
  std::vector<std::vector<std::size_t>> taken(lines.size() + 1,
                                              std::vector<std::size_t>(digits + 1));
  costs[0][0] = 0;
  for (std::size_t line = 0; line < lines.size(); ++line) {
    for (std::size_t before = 0; before <= digits; ++before) {
      for (std::size_t n = 0; before + n <= digits; ++n) {
        const double cost = costs[line][before] + lines[line].cost(n);
        if (cost >= costs[line + 1][before + n]) continue;
        costs[line + 1][before + n] = cost;
        taken[line + 1][before + n] = n;
      }
    }
  }
  std::size_t left = digits;
  while (left > 0 && costs.back()[left] == impossible) --left;
  std::vector<std::size_t> allocated(lines.size());
  for (std::size_t line = lines.size(); line > 0; --line) {
    allocated[line - 1] = taken[line][left];
    left -= allocated[line - 1];
  }
  return allocated;
}

}  // namespace scrawl
