// Whether a data set fits itself.
#pragma once

#include <string_view>

#include "dataset/dataset_view.hpp"

namespace scrawl {

/// Throws std::invalid_argument, beginning with `what`, when there are not 784 bytes of images for
/// each label, or a label is not 0 to 9. Files are checked as they are loaded; this is for those
/// that a program puts together, before an image or a label becomes an index.
void check_dataset(const DatasetView& dataset, std::string_view what);

}  // namespace scrawl
