// MNIST's IDX format: a big-endian magic number, one 32-bit size for each dimension, then the
// bytes. images: 0x00000803, count, rows, columns, (count, rows, columns) labels: 0x00000801,
// count, (count), or as QMNIST has them 0x00000c02, count, 8, (count, 8) of 32-bit numbers
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "dataset/stream.hpp"

namespace scrawl {

/// What a file of labels has for each image: MNIST's one byte, or QMNIST's eight 32-bit numbers.
enum class IdxLabels { mnist, qmnist };

/// Reads both streams to their ends. Throws Error as load_dataset does.
Dataset read_idx(const Stream& images, const Stream& labels, IdxLabels format = IdxLabels::mnist);

/// Images without labels: (count, 28, 28).
std::vector<std::uint8_t> read_idx_images(const Stream& images);

/// Whether a file begins as one of images does.
bool is_idx_images(std::span<const std::byte> file);

/// The images (count, 28, 28) in a file of them, of which only the header is looked at. Throws
/// Error, beginning with `name`, as load_dataset does.
std::span<const std::uint8_t> find_idx_images(std::span<const std::byte> file,
                                              const std::string& name);

/// The labels of so many `images`, of the file `images_name`. Throws Error as load_dataset does.
std::vector<std::uint8_t> read_idx_labels(const Stream& labels, IdxLabels format,
                                          std::size_t images, const std::string& images_name);

}  // namespace scrawl
