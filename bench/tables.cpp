// How many tables, and how many of their cells, scrawl read --table gets right: made-up grids and
// ruled columns, about a third of these without rules between the rows, written with those of
// MNIST's training images that no page reader was trained on. Once with the digits where they
// are, which shows the cells alone; once as they are read.
//
//     tables_bench --pages 1000
//     tables_bench --pages 1000 --given         # the former alone, which is fast
//     tables_bench --pages 100 --wrong wrong    # those that are not wholly right, as pictures
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "decoding/write_png.hpp"
#include "network_training/workers.hpp"
#include "picture/turn.hpp"
#include "recognition/reading_order.hpp"
#include "recognition/recognizer.hpp"
#include "recognition/table.hpp"
#include "unseen_pages.hpp"

namespace {

using namespace scrawl;
using pages::Kind;
using pages::Mark;

/// Rows and columns count from anywhere.
using Cells = std::map<std::pair<int, int>, std::string>;

/// As it is written: the digits in each cell.
Cells written_cells(const pages::Page& page) {
  Cells cells;
  for (const Mark& mark : page.marks)
    if (is_digit(mark.symbol) && mark.row >= 0)
      cells[{mark.row, mark.column}] += static_cast<char>('0' + static_cast<int>(mark.symbol));
  return cells;
}

Cells found_cells(const Table& table) {
  Cells cells;
  for (std::size_t row = 0; row < table.size.rows; ++row)
    for (std::size_t column = 0; column < table.size.columns; ++column)
      for (const char letter : table.at(row, column).text)
        if (letter >= '0' && letter <= '9')
          cells[{static_cast<int>(row), static_cast<int>(column)}] += letter;
  return cells;
}

/// What a reader that makes no mistakes would say.
Reading read_without_mistakes(const pages::Page& page) {
  std::vector<Detection> digits;
  for (const Mark& mark : page.marks) {
    if (!is_digit(mark.symbol)) continue;
    Detection& one = digits.emplace_back();
    one.box = mark.box;
    one.symbols[static_cast<std::size_t>(mark.symbol)] = 1;
  }
  Reading reading;
  for (const auto& line : find_reading_order(std::move(digits))) {
    if (!reading.text.empty()) reading.text += '\n';
    const std::vector<bool> spaces = find_spaces(line);
    for (std::size_t i = 0; i < line.size(); ++i) {
      const Rectangle& box = line[i].box;
      Digit digit;
      digit.digit = static_cast<int>(line[i].symbol());
      digit.confidence = 1;
      digit.box = {static_cast<int>(box.left), static_cast<int>(box.top),
                   static_cast<int>(box.width()), static_cast<int>(box.height())};
      if (spaces[i]) reading.text += ' ';
      reading.text += static_cast<char>('0' + digit.digit);
      reading.digits.push_back(digit);
    }
  }
  return reading;
}

/// How many cells are right where the first cell that was found is `row`, `column` of the written.
std::size_t right_at(const Cells& found, const Cells& written, int row, int column) {
  std::size_t right = 0;
  for (const auto& [cell, text] : found) {
    const auto same = written.find({cell.first + row, cell.second + column});
    right += same != written.end() && same->second == text ? 1 : 0;
  }
  return right;
}

/// The most that are right: which row and column are the first depends on what of the table is in
/// the picture.
std::size_t most_right(const Cells& found, const Cells& written) {
  constexpr int farthest = 40;
  std::size_t most = 0;
  for (int row = -farthest; row <= farthest; ++row)
    for (int column = -farthest; column <= farthest; ++column)
      most = std::max(most, right_at(found, written, row, column));
  return most;
}

/// From the first row with a digit to the last, and columns.
std::pair<int, int> size_of(const Cells& cells) {
  if (cells.empty()) return {0, 0};
  int left = cells.begin()->first.second;
  int right = left;
  for (const auto& [cell, text] : cells) {
    left = std::min(left, cell.second);
    right = std::max(right, cell.second);
  }
  return {cells.rbegin()->first.first - cells.begin()->first.first + 1, right - left + 1};
}

struct Counts {
  std::size_t tables = 0, rows_right = 0, columns_right = 0, tables_right = 0;
  std::size_t cells = 0, cells_right = 0;

  void add(const Counts& other) {
    tables += other.tables;
    rows_right += other.rows_right;
    columns_right += other.columns_right;
    tables_right += other.tables_right;
    cells += other.cells;
    cells_right += other.cells_right;
  }
};

Counts compare(const Cells& found, const Cells& written) {
  const std::size_t right = most_right(found, written);
  const bool whole = right == written.size() && found.size() == written.size();
  const auto [rows, columns] = size_of(found);
  const auto [written_rows, written_columns] = size_of(written);
  return {1,
          rows == written_rows ? 1U : 0U,
          columns == written_columns ? 1U : 0U,
          whole ? 1U : 0U,
          written.size(),
          right};
}

constexpr std::array kinds{Kind::grid, Kind::columns};

/// By kind; and what is wrong where cells are not right though the digits are.
struct Answers {
  std::array<Counts, kinds.size()> placed;
  std::array<Counts, kinds.size()> read;
  std::string wrong;
};

/// Whole tables alone: nothing is written around them, or struck out.
pages::Page make_table(const pages::GlyphBank& bank, std::uint64_t seed, std::size_t i) {
  Random random({seed, i});
  pages::PageOptions options;
  options.width = 300 + static_cast<int>(random.below(700));
  options.height = 300 + static_cast<int>(random.below(700));
  options.min_digit_height = 14;
  options.max_digit_height = 50;
  options.kinds = 1U << static_cast<unsigned>(kinds[i % kinds.size()]);
  options.recipe.clutter = 0;
  options.recipe.struck_out = 0;
  options.recipe.oversize = 0;
  options.recipe.too_small = 0;
  return make_page(bank, options, random);
}

/// Which lines were found.
const char* mark_of(const Table& table) {
  if (table.has_ruled_rows) return table.has_ruled_columns ? " ruled both ways" : " ruled rows";
  return table.has_ruled_columns ? " ruled columns" : "";
}

/// `recognizer`: null where nothing is to be read.
Answers answers_of(const pages::Page& page, std::size_t kind, const Recognizer* recognizer) {
  const Cells written = written_cells(page);
  Answers answers;
  if (written.size() < 2) return answers;
  const Picture picture = as_picture(page.picture);
  const Table table = find_table(picture, read_without_mistakes(page));
  const Cells found = found_cells(table);
  answers.placed[kind] = compare(found, written);
  if (answers.placed[kind].tables_right == 0)
    answers.wrong = fmt::format("{}x{}{} of {}x{}", size_of(found).first, size_of(found).second,
                                mark_of(table), size_of(written).first, size_of(written).second);
  if (recognizer == nullptr) return answers;
  ReadOptions options;
  options.turn = Turn::none;
  answers.read[kind] =
      compare(found_cells(find_table(picture, recognizer->read(picture, options))), written);
  return answers;
}

double percent(std::size_t part, std::size_t whole) {
  return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

void report(const char* what, const std::array<Counts, kinds.size()>& by_kind) {
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const Counts& counts = by_kind[kind];
    fmt::print(
        "{:12} {:8} {:5} tables: {:5.1f} % as many rows, {:5.1f} % as many columns, {:5.1f} % "
        "wholly right; {:6} cells: {:5.1f} % right\n",
        what, to_string(kinds[kind]), counts.tables, percent(counts.rows_right, counts.tables),
        percent(counts.columns_right, counts.tables), percent(counts.tables_right, counts.tables),
        counts.cells, percent(counts.cells_right, counts.cells));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 1000;
  std::uint64_t seed = 83;
  std::string data;
  std::filesystem::path wrong;
  bool given = false;
  CLI::App app("How many tables are right");
  app.add_option("--pages", count, "Made-up pages [1000]");
  app.add_option("--seed", seed, "Of the pages [83]");
  app.add_option("--data", data, "MNIST's folder");
  app.add_flag("--given", given, "Reads nothing");
  app.add_option("--wrong", wrong, "Folder for pictures of those whose cells are wrong");
  CLI11_PARSE(app, argc, argv);
  if (!wrong.empty()) std::filesystem::create_directories(wrong);
  const pages::GlyphBank bank = unseen_digits(data);
  const Recognizer recognizer;
  std::vector<Answers> all(count);
  Workers workers(2);
  workers.run(count, [&](std::size_t i, std::size_t) {
    const pages::Page page = make_table(bank, seed, i);
    all[i] = answers_of(page, i % kinds.size(), given ? nullptr : &recognizer);
    if (!all[i].wrong.empty() && !wrong.empty())
      write_png(as_picture(page.picture), wrong / fmt::format("{} {}.png", i, all[i].wrong));
  });
  Answers sum;
  for (const Answers& one : all)
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      sum.placed[kind].add(one.placed[kind]);
      sum.read[kind].add(one.read[kind]);
    }
  report("digits given", sum.placed);
  if (!given) report("as read", sum.read);
}
