// Made-up pages of handwritten numbers, as a page reader learns from them.
#pragma once

#include <scrawl/model.hpp>
#include <scrawl/training_options.hpp>

#include "dataset/dataset_view.hpp"
#include "training/page_source.hpp"

namespace scrawl {

/// Pages of the size of `input`, written with the digits of `dataset` and printed with this
/// machine's fonts, without which a training on another machine goes otherwise; those to choose the
/// best model by with options.validation of them that are set aside, chosen by the seed. Throws
/// Error where these leave none.
PageSource made_pages(const DatasetView& dataset, const Shape& input,
                      const TrainingOptions& options);

}  // namespace scrawl
