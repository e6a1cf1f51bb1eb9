// How many of the signs . , - / : in numbers are read (scrawl read --signs), and how often one is
// read where there is none, by the score that they have to have: on made-up pages, with those of
// MNIST's training images that no page reader was trained on. Half of the pages say which
// score is best, for recognition/read_page.cpp; the tables are of the other half.
//
//     signs_bench --pages 4000
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/model.hpp>

#include "network_training/workers.hpp"
#include "picture/turn.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/reading_order.hpp"
#include "recognition/recognizer.hpp"
#include "recognition/way_up.hpp"
#include "unseen_pages.hpp"

namespace {

using namespace scrawl;
using pages::Mark;

constexpr std::string_view names = ".,-/:";
constexpr float never = -1;  // a score that nothing has
constexpr float infinite = std::numeric_limits<float>::infinity();

bool is_sign(pages::Symbol symbol) {
  return symbol >= pages::Symbol::point && symbol <= pages::Symbol::colon;
}

std::size_t kind_of(pages::Symbol sign) {
  return static_cast<std::size_t>(sign) - digit_count;
}

/// What a sign that was read is in truth.
enum class Truth : std::uint8_t { right, other_sign, digit, other_ink, nothing };
constexpr std::size_t truth_count = 5;

/// Where a sign stands in its line.
enum class Place : std::uint8_t { before, between, behind };  // the digits
constexpr std::string_view place_names[] = {"before the digits", "between digits",
                                            "behind the digits"};

struct ReadSign {
  std::size_t kind = 0;  // as it was read
  Place place = Place::between;
  float score = 0;
  Truth truth = Truth::nothing;
};

/// A sign of a number, and the score with which it was read as what it is.
struct WrittenSign {
  std::size_t kind = 0;
  float score = never;
};

/// Digits that follow each other, and signs between and beside them.
struct Number {
  Rectangle area;
  float height = 0;  // of its highest digit
  bool has_signs = false;
  // Its signs are all right where the least score is between these two.
  float highest_false = never;  // of what is read as a sign and is none
  float lowest_right = infinite;
};

struct Answers {
  std::vector<WrittenSign> written;
  std::vector<ReadSign> read;
  std::vector<Number> numbers;

  void add(const Answers& other) {
    written.insert(written.end(), other.written.begin(), other.written.end());
    read.insert(read.end(), other.read.begin(), other.read.end());
    numbers.insert(numbers.end(), other.numbers.begin(), other.numbers.end());
  }
};

// ---- What is read

Detection to_detection(const Box& box) {
  Detection one;
  one.box = to_rectangle(box);
  one.symbols[0] = 1;
  return one;
}

struct FoundSign {
  Detection detection;
  Place place = Place::between;
};

bool has_sign(const Detection& one) {
  return is_sign(static_cast<pages::Symbol>(one.symbol()));
}

/// Those of a line with signs.
void collect_signs(const std::vector<Detection>& line, std::vector<FoundSign>& signs) {
  const auto first = std::ranges::find_if_not(line, has_sign);
  const auto behind = std::find_if_not(line.rbegin(), line.rend(), has_sign).base();
  for (auto one = line.begin(); one != line.end(); ++one)
    if (has_sign(*one))
      signs.push_back({*one, one < first    ? Place::before
                             : one < behind ? Place::between
                                            : Place::behind});
}

/// The signs that come into the text if their score is enough, the surest first.
std::vector<FoundSign> find_signs(const Plane& gray, const Recognizer& recognizer,
                                  const PageReader& reader) {
  ReadOptions options;
  options.turn = Turn::none;
  std::vector<Detection> digits;
  for (const Digit& digit : recognizer.read(as_picture(gray), options).digits)
    digits.push_back(to_detection(digit.box));
  std::vector<Detection> found;
  std::ranges::copy_if(look_at(gray, reader, {}), std::back_inserter(found), has_sign);
  auto lines = find_reading_order(std::move(digits));
  insert_signs(found, lines);
  std::vector<FoundSign> signs;
  for (const auto& line : lines) collect_signs(line, signs);
  std::ranges::sort(signs, std::ranges::greater{},
                    [](const FoundSign& sign) { return sign.detection.score; });
  return signs;
}

// ---- What it is in truth

bool holds(const Rectangle& area, const Rectangle& box, float margin) {
  return box.center_x() > area.left - margin && box.center_x() < area.right + margin &&
         box.center_y() > area.top - margin && box.center_y() < area.bottom + margin;
}

/// A page's numbers and signs, as they are written, and what becomes of them.
class MarkedPage {
 public:
  explicit MarkedPage(const pages::Page& page) : page_(page) {
    for (const Mark& mark : page.marks) {
      if (!is_digit(mark.symbol)) continue;
      Number& number = numbers_[mark.number];
      number.area = number.height > 0 ? pages::hull(number.area, mark.box) : mark.box;
      number.height = std::max(number.height, mark.box.height());
    }
    for (const Mark& mark : page.marks) {
      const auto number = numbers_.find(mark.number);
      if (!is_sign(mark.symbol) || number == numbers_.end()) continue;
      number->second.has_signs = true;
      scores_[&mark] = never;
    }
  }

  /// The surest come first: what is read twice is wrong the second time.
  void add(const FoundSign& found) {
    const Detection& sign = found.detection;
    const auto covers = [&](const Rectangle& area) { return holds(area, sign.box, 0); };
    if (std::ranges::any_of(page_.ignored, covers)) return;
    const std::size_t kind = kind_of(static_cast<pages::Symbol>(sign.symbol()));
    const Mark* mark = mark_at(sign.box);
    Truth truth = Truth::nothing;
    if (mark != nullptr && is_sign(mark->symbol)) {
      const auto score = scores_.find(mark);
      if (score == scores_.end()) return;  // of no number: neither right nor wrong
      const bool right = kind_of(mark->symbol) == kind && score->second == never;
      truth = right ? Truth::right : Truth::other_sign;
      if (right) score->second = sign.score;
    } else if (mark != nullptr) {
      truth = is_digit(mark->symbol) ? Truth::digit : Truth::other_ink;
    }
    read_.push_back({kind, found.place, sign.score, truth});
    if (truth != Truth::right) spoil_numbers(sign);
  }

  Answers answers() {
    Answers answers{{}, read_, {}};
    for (const auto& [mark, score] : scores_) {
      answers.written.push_back({kind_of(mark->symbol), score});
      float& lowest = numbers_[mark->number].lowest_right;
      lowest = std::min(lowest, score);
    }
    for (const auto& [id, number] : numbers_) answers.numbers.push_back(number);
    return answers;
  }

 private:
  /// The nearest mark that a box lies on; a sign is smaller than what it may be off.
  const Mark* mark_at(const Rectangle& box) const {
    const Mark* nearest = nullptr;
    float least = infinite;
    for (const Mark& mark : page_.marks) {
      const auto number = numbers_.find(mark.number);
      const bool may_be_off = is_sign(mark.symbol) && number != numbers_.end();
      if (!holds(mark.box, box, may_be_off ? 0.15F * number->second.height : 0)) continue;
      const float off =
          std::hypot(mark.box.center_x() - box.center_x(), mark.box.center_y() - box.center_y());
      if (off >= least) continue;
      least = off;
      nearest = &mark;
    }
    return nearest;
  }

  void spoil_numbers(const Detection& sign) {
    for (auto& [id, number] : numbers_)
      if (holds(number.area, sign.box, 0.4F * number.height))
        number.highest_false = std::max(number.highest_false, sign.score);
  }

  const pages::Page& page_;
  std::map<int, Number> numbers_;
  std::map<const Mark*, float> scores_;  // of the signs in numbers
  std::vector<ReadSign> read_;
};

// ---- Counts, by the least score

struct Counts {
  double written = 0, right = 0, read = 0;
  std::array<double, truth_count> by_truth{};

  double recall() const { return written > 0 ? right / written : 0; }
  double precision() const { return read > 0 ? right / read : 0; }
  double f1() const { return written + read > 0 ? 2 * right / (written + read) : 0; }
};

Counts count(const Answers& answers, float least, std::size_t kind) {
  Counts counts;
  for (const WrittenSign& one : answers.written) {
    if (kind < names.size() && one.kind != kind) continue;
    counts.written += 1;
    counts.right += one.score >= least ? 1 : 0;
  }
  for (const ReadSign& one : answers.read) {
    if ((kind < names.size() && one.kind != kind) || one.score < least) continue;
    counts.read += 1;
    counts.by_truth[static_cast<std::size_t>(one.truth)] += 1;
  }
  return counts;
}

/// Of numbers with signs, or without, how many have theirs alone.
double count_right(const Answers& answers, float least, bool has_signs) {
  double all = 0, right = 0;
  for (const Number& number : answers.numbers) {
    if (number.has_signs != has_signs) continue;
    all += 1;
    right += number.lowest_right >= least && number.highest_false < least ? 1 : 0;
  }
  return all > 0 ? right / all : 0;
}

/// The least score with which most signs are right, and most of what is read.
float choose_least(const Answers& answers, std::size_t kind) {
  float best = 0;
  double most = -1;
  for (int i = 10; i <= 90; ++i) {
    const float least = static_cast<float>(i) / 100;
    const double f1 = count(answers, least, kind).f1();
    if (f1 <= most) continue;
    most = f1;
    best = least;
  }
  return best;
}

void report_scores(const Answers& answers) {
  fmt::print("least score   recall  precision     F1   all signs right in numbers with, without\n");
  for (int i = 20; i <= 80; i += 4) {
    const float least = static_cast<float>(i) / 100;
    const Counts counts = count(answers, least, names.size());
    fmt::print("  {:.2f}        {:6.2f} %   {:6.2f} % {:6.2f} %          {:6.2f} %    {:6.2f} %\n",
               least, 100 * counts.recall(), 100 * counts.precision(), 100 * counts.f1(),
               100 * count_right(answers, least, true), 100 * count_right(answers, least, false));
  }
}

void report_kinds(const Answers& answers, const Answers& chosen_by, float least) {
  fmt::print(
      "with {:.2f}  written   recall  precision   wrong: another sign, a digit, other ink, "
      "nothing; "
      "best score\n",
      least);
  for (std::size_t kind = 0; kind <= names.size(); ++kind) {
    const Counts counts = count(answers, least, kind);
    fmt::print(
        "  {:4}     {:7.0f} {:6.2f} %   {:6.2f} %          {:5.0f} {:5.0f} {:5.0f} {:5.0f}; "
        "{:.2f}\n",
        kind < names.size() ? names.substr(kind, 1) : "all", counts.written, 100 * counts.recall(),
        100 * counts.precision(), counts.by_truth[1], counts.by_truth[2], counts.by_truth[3],
        counts.by_truth[4], choose_least(chosen_by, kind));
  }
}

/// Where what is read right, and wrong, stands.
void report_places(const Answers& answers, float least) {
  std::array<std::array<std::array<int, 2>, names.size()>, std::size(place_names)> counts{};
  for (const ReadSign& one : answers.read)
    if (one.score >= least)
      ++counts[static_cast<std::size_t>(one.place)][one.kind][one.truth == Truth::right ? 0 : 1];
  fmt::print("with {:.2f}, right and wrong\n", least);
  for (std::size_t place = 0; place < std::size(place_names); ++place) {
    fmt::print("  {:18}", place_names[place]);
    for (std::size_t kind = 0; kind < names.size(); ++kind)
      fmt::print("   {} {:4} {:4}", names[kind], counts[place][kind][0], counts[place][kind][1]);
    fmt::print("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t page_count = 4000;
  std::uint64_t seed = 81;
  float least = 0;
  std::string data;
  CLI::App app("How many signs in numbers are read");
  app.add_option("--pages", page_count, "Made-up pages [4000]");
  app.add_option("--seed", seed, "Of the pages [81]");
  app.add_option("--least", least, "Score that a sign has to have [the best]");
  app.add_option("--data", data, "MNIST's folder");
  CLI11_PARSE(app, argc, argv);
  const pages::GlyphBank bank = unseen_digits(data);
  const Recognizer recognizer;
  const PageReader reader(default_page_reader());
  std::vector<Answers> by_page(page_count);
  Workers workers(2);
  workers.run(page_count, [&](std::size_t i, std::size_t) {
    const pages::Page page = make_unseen_page(bank, seed, i, 10);
    MarkedPage marked(page);
    for (const FoundSign& sign : find_signs(page.picture, recognizer, reader)) marked.add(sign);
    by_page[i] = marked.answers();
  });
  Answers halves[2];
  for (std::size_t i = 0; i < page_count; ++i) halves[i % 2].add(by_page[i]);
  report_scores(halves[1]);
  if (least <= 0) least = choose_least(halves[0], names.size());
  report_kinds(halves[1], halves[0], least);
  report_places(halves[1], least);
}
