// What was read as a table: rows and columns of cells, the blank ones included.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "picture/picture.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// How many rows and columns; 0: as many as are found.
struct TableSize {
  std::size_t rows = 0;
  std::size_t columns = 0;
};

inline constexpr std::size_t max_table_side = 1000;

struct TableCell {
  std::string text;      ///< as in Reading::text; empty: blank
  float confidence = 0;  ///< of its least certain digit; 0 where it is blank
};

struct Table {
  TableSize size;
  std::vector<TableCell> cells;  ///< (rows, columns)
  bool has_ruled_rows = false;   ///< lines are between them, not only digits in lines
  bool has_ruled_columns = false;

  const TableCell& at(std::size_t row, std::size_t column) const {
    return cells[row * size.columns + column];
  }
};

/// Sorts the digits of a reading of `picture` into cells: by the lines of a ruling where there are
/// some, else by the lines of the text and by what stands below each other. Of a size that is given
/// and not found, the lines that are missing are put where they fit best. A reading without digits,
/// of a table without lines, gives no rows where none are asked for.
Table find_table(const Picture& picture, const Reading& reading, TableSize wanted = {});

}  // namespace scrawl
