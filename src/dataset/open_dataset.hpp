// A part of a data set whose images may stay where they are: in a file, of which no more is read
// than is looked at, and which may be larger than the memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>

#include "dataset/dataset_view.hpp"
#include "files/mapped_file.hpp"

namespace scrawl {

class OpenDataset {
 public:
  /// All in memory.
  explicit OpenDataset(Dataset dataset) : memory_(std::move(dataset)) {}

  /// `images` is a part of `file`.
  OpenDataset(MappedFile file, std::span<const std::uint8_t> images,
              std::vector<std::uint8_t> labels)
      : memory_{{}, std::move(labels)}, file_(std::move(file)), in_file_(images) {}

  /// As long as this is there.
  DatasetView view() const {
    return file_ ? DatasetView{in_file_, memory_.labels} : DatasetView(memory_);
  }

  /// Throws FileError when what has been read of the file may not be what was in it: it has been
  /// written to since.
  void check_unchanged() const {
    if (file_) file_->check_unchanged();
  }

 private:
  Dataset memory_;  // without images where they are in a file
  std::optional<MappedFile> file_;
  std::span<const std::uint8_t> in_file_;
};

/// What load_dataset loads: images of an IDX file that is not packed stay in it, labels and all
/// else are in memory. Throws as load_dataset does.
OpenDataset open_dataset(const std::filesystem::path& path, Part part);

}  // namespace scrawl
