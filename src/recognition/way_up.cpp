#include "recognition/way_up.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "picture/resize.hpp"
#include "picture/turn.hpp"
#include "recognition/fullness.hpp"

namespace scrawl {

namespace {

/// How much a digit that is found for sure says about which way up the page is: logarithms of how
/// much more often it is found on upright pages, counted on made-up pages.
struct Telling {
  float not_upside_down;  ///< a 9 is a 6, a 0 a 0, an 8 an 8; a 3, a 7 and a 2 are nothing
  float not_on_its_side;
};
constexpr std::array<Telling, digit_count> telling{{{0.25F, 1},
                                                    {0.7F, 2},
                                                    {2.5F, 3},
                                                    {3, 3},
                                                    {1.7F, 3},
                                                    {0.8F, 3},
                                                    {0, 3},  // a page of nines is no page of sixes
                                                    {2.5F, 3},
                                                    {0.2F, 2},
                                                    {0, 3}}};

/// What speaks for a way up: the sums of its digits.
struct Evidence {
  float not_upside_down = 0;
  float not_on_its_side = 0;
  float sure = 0;   ///< digits, as far as they are sure
  float count = 0;  ///< digits
};

Evidence evidence_of(const std::vector<Detection>& found) {
  constexpr float least_score = 0.38F;
  constexpr float doubtful = 0.6F;
  constexpr float certain = 0.8F;
  Evidence sum;
  for (const Detection& one : found) {
    const std::size_t symbol = one.symbol();
    if (symbol >= digit_count || one.score < least_score) continue;
    const float confidence = one.objectness * one.symbols[symbol];
    const float weight = std::clamp((confidence - doubtful) / (certain - doubtful), 0.0F, 1.0F);
    sum.not_upside_down += weight * telling[symbol].not_upside_down;
    sum.not_on_its_side += weight * telling[symbol].not_on_its_side;
    sum.sure += weight;
    sum.count += 1;
  }
  return sum;
}

/// Digits that are turned around are seldom such a mixture. The other ways are not worth a look.
bool is_surely_upright(const Evidence& evidence) {
  return evidence.not_upside_down >= 4 && evidence.not_upside_down >= 0.9F * evidence.sure;
}

/// What another way up is better by is what is doubtful as the page lies: a digit that is sure
/// tells hardly more turned around. Then they are not worth a look either.
bool is_sure(const Evidence& evidence) {
  constexpr float doubtful = 4.0F / 3;  // digits that tell 3 each, to be clearly better
  return evidence.count - evidence.sure < doubtful;
}

/// A few digits, or a line, are cut out of a page that was upright, and tell too little for the
/// time that it takes.
bool is_page(const Plane& gray, const Evidence& evidence) {
  return evidence.count >= 4 && gray.width < 3 * gray.height;
}

/// Digits on their side are seldom sure.
bool is_surely_not_on_its_side(const Evidence& evidence) {
  return evidence.sure >= 3 && evidence.sure >= 0.5F * evidence.count;
}

/// Whether `a` is clearly more than `b`, `share` of what is asked for.
bool is_clear(float a, float b, float share) {
  constexpr float difference = 4;
  constexpr float ratio = 1.5F;
  return a - b >= share * difference && a >= ratio * b;
}

constexpr std::array ways{Turn::none, Turn::right, Turn::around, Turn::left};

std::size_t opposite(std::size_t way) {
  return (way + 2) % ways.size();
}

/// The way up that is clearly better than the page as it is, and than all others; the first, as it
/// is, where none is.
std::size_t choose_way(const std::array<Evidence, ways.size()>& evidence) {
  std::size_t best = 0;
  const auto sum = [&](std::size_t way) {
    return evidence[way].not_upside_down + evidence[way].not_on_its_side;
  };
  for (std::size_t way = 1; way < ways.size(); ++way)
    if (sum(way) > sum(best)) best = way;
  if (evidence[opposite(best)].not_upside_down > evidence[best].not_upside_down)
    best = opposite(best);
  for (std::size_t other = 0; other < ways.size(); ++other) {
    if (other == best) continue;
    const auto which =
        other == opposite(best) ? &Evidence::not_upside_down : &Evidence::not_on_its_side;
    const float share = other == 0 ? 1.0F : 0.5F;
    if (!is_clear(evidence[best].*which, evidence[other].*which, share)) return 0;
  }
  return best;
}

/// No larger than networks look at it.
Plane shrink_to_largest_level(const Plane& gray) {
  const int longer = std::max(gray.width, gray.height);
  if (longer <= largest_level_side) return gray;
  const auto scaled = [&](int side) {
    return std::max(
        1, static_cast<int>(std::lround(static_cast<double>(side) * largest_level_side / longer)));
  };
  return resize(gray, scaled(gray.width), scaled(gray.height));
}

}  // namespace

std::vector<Detection> look_at(const Plane& gray, const PageReader& reader,
                               const StopRequested& stop, const ShowStage& show) {
  // Merging takes the square of what there is; each digit is seen at several sizes.
  constexpr std::size_t max_detections = 4 * max_page_digits;
  std::vector<Detection> seen = reader.detect(gray, stop, show);
  check_fullness(seen.size(), "places that may be digits", max_detections);
  return merge_detections(std::move(seen));
}

UprightPage find_way_up(Plane gray, const PageReader& reader, const StopRequested& stop) {
  UprightPage page{Turn::none, std::move(gray), {}};
  page.found = look_at(page.gray, reader, stop);
  std::array<Evidence, ways.size()> evidence{evidence_of(page.found)};
  if (!is_page(page.gray, evidence[0]) || is_sure(evidence[0]) || is_surely_upright(evidence[0]))
    return page;
  const Plane small = shrink_to_largest_level(page.gray);
  for (std::size_t way = 1; way < ways.size(); ++way) {
    const bool is_on_its_side = way != opposite(0);
    if (is_on_its_side && is_surely_not_on_its_side(evidence[0])) continue;
    evidence[way] = evidence_of(look_at(turn(small, degrees_of(ways[way])), reader, stop));
  }
  page.turn = ways[choose_way(evidence)];
  if (page.turn == Turn::none) return page;
  page.gray = turn(page.gray, degrees_of(page.turn));
  page.found = look_at(page.gray, reader, stop);
  return page;
}

}  // namespace scrawl
