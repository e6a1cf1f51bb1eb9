// MNIST's IDX format: a big-endian magic number, one 32-bit size for each dimension, then the
// bytes. images: 0x00000803, count, rows, columns, (count, rows, columns) labels: 0x00000801,
// count, (count)
#pragma once

#include <scrawl/dataset.hpp>

#include "dataset/stream.hpp"

namespace scrawl {

/// Reads both streams to their ends. Throws Error as load_dataset does.
Dataset read_idx(const Stream& images, const Stream& labels);

}  // namespace scrawl
