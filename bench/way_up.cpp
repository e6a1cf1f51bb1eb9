// Which way up pages are found to be: of made-up pages that are turned, how many are turned back,
// and how many that are upright are turned by mistake. Also how often a digit that is sure is found
// on pages of each turn, from which recognition/way_up.cpp has what a digit tells. The pages are of
// MNIST's training images that no page reader was trained on.
//
//     way_up_bench --pages 1000
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

#include "network_training/workers.hpp"
#include "picture/turn.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/recognizer.hpp"
#include "unseen_pages.hpp"

namespace {

using namespace scrawl;

constexpr std::size_t ways = 4;  // 0, 90, 180, 270 degrees

/// Of one page, by how it was turned.
struct Answers {
  std::size_t digits = 0;  ///< that are written on it
  std::array<int, ways> turned_by{};
  std::array<std::array<int, digit_count>, ways> sure{};  ///< digits found, by what they are
};

Answers answers_of(const pages::Page& page, const Recognizer& recognizer,
                   const PageReader& reader) {
  constexpr float sure = 0.7F;
  Answers answers;
  answers.digits = static_cast<std::size_t>(std::ranges::count_if(
      page.marks, [](const pages::Mark& mark) { return pages::is_digit(mark.symbol); }));
  for (std::size_t way = 0; way < ways; ++way) {
    const Plane gray = turn(page.picture, static_cast<int>(90 * way));
    answers.turned_by[way] = degrees_of(recognizer.read(as_picture(gray)).turn);
    for (const Detection& found : merge_detections(reader.detect(gray, {}))) {
      const std::size_t symbol = found.symbol();
      if (symbol < digit_count && found.objectness * found.symbols[symbol] > sure)
        ++answers.sure[way][symbol];
    }
  }
  return answers;
}

void report(const std::vector<Answers>& pages, std::size_t least) {
  fmt::print("pages of {} digits or more\n", least);
  for (std::size_t way = 0; way < ways; ++way) {
    int count = 0, right = 0, left_alone = 0;
    for (const Answers& page : pages) {
      if (page.digits < least) continue;
      ++count;
      right += page.turned_by[way] == static_cast<int>((360 - 90 * way) % 360) ? 1 : 0;
      left_alone += page.turned_by[way] == 0 ? 1 : 0;
    }
    fmt::print("  turned by {:3}: {:5} of {} upright, {} as they came, {} wrong\n", 90 * way, right,
               count, left_alone, count - (way == 0 ? right : right + left_alone));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 1000;
  std::uint64_t seed = 79;
  std::string data;
  CLI::App app("Which way up pages are found to be");
  app.add_option("--pages", count, "Made-up pages [1000]");
  app.add_option("--seed", seed, "Of the pages [79]");
  app.add_option("--data", data, "MNIST's folder");
  CLI11_PARSE(app, argc, argv);
  const pages::GlyphBank bank = unseen_digits(data);
  const Recognizer recognizer;
  const PageReader reader(default_page_reader());
  std::vector<Answers> all(count);
  Workers workers(2);
  workers.run(count, [&](std::size_t i, std::size_t) {
    all[i] = answers_of(make_unseen_page(bank, seed, i, 12), recognizer, reader);
  });
  for (const std::size_t least : {0, 1, 3, 6}) report(all, least);
  fmt::print("digits that are sure, by how the page was turned\n");
  for (std::size_t digit = 0; digit < digit_count; ++digit) {
    std::array<int, ways> sum{};
    for (const Answers& page : all)
      for (std::size_t way = 0; way < ways; ++way) sum[way] += page.sure[way][digit];
    fmt::print("  {}: {:5} {:5} {:5} {:5}\n", digit, sum[0], sum[1], sum[2], sum[3]);
  }
}
