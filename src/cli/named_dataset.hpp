// A data set to train on as a command line names it.
#pragma once

#include "cli/cli.hpp"
#include "dataset/open_dataset.hpp"

namespace scrawl::cli {

struct NamedDataset {
  OpenDataset dataset;
  bool is_pictures = false;  ///< it was made of pictures by digit
};

/// load_named_data where images that are as they should be stay in their file.
NamedDataset open_named_data(const Common& common, Part part, int threads);

}  // namespace scrawl::cli
