// Tables of images: a line each of 784 values with commas between them, before them the label, or
// an id, or neither; with a header or without. Kaggle's train.csv and test.csv are such.
#pragma once

#include "dataset/images.hpp"
#include "dataset/stream.hpp"

namespace scrawl {

/// Throws Error, naming the line and the column, for what is no such table.
Images read_csv(const Stream& stream);

}  // namespace scrawl
