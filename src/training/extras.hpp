// What is added to a batch of digits: non-digits, and digits in rare styles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <scrawl/training.hpp>

#include "dataset/dataset_view.hpp"
#include "network_training/team.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"

namespace scrawl {

/// How many are added.
struct Extras {
  std::size_t outliers = 0;
  std::size_t rare_styles = 0;

  std::size_t size() const { return outliers + rare_styles; }
};

/// To a batch of so many images.
Extras extras_of(const TrainingOptions& options, std::size_t images);

/// Extras are spread evenly: how many of them come in the rows before `row`, of so many `rows`.
inline std::size_t extras_before(std::size_t row, std::size_t extras, std::size_t rows) {
  return row * extras / rows;
}

/// Makes them, and keeps them while a step is trained on them. Outliers are for every digit to be
/// equally probable (Hendrycks et al. 2019).
class ExtraGlyphs {
 public:
  /// Outliers are made of the digits of `dataset` at `indices`. All three outlive this object.
  ExtraGlyphs(const DatasetView& dataset, std::span<const std::uint32_t> indices,
              const TrainingOptions& options)
      : dataset_(dataset), indices_(indices), options_(options) {}

  /// The batch, whose images come from `begin` of the epoch on, with extras spread evenly among
  /// them: a normalization takes its statistics over a few images that follow each other, and would
  /// give them away otherwise. Only the extras of the rows `own` are made; the others' pointers
  /// point to memory that says nothing. What it points to is there until the next call, and as long
  /// as the images of `batch`.
  Batch mix(const Batch& batch, int epoch, std::size_t begin, const Share& own, Workers& workers);

 private:
  void make(const Extras& extras, int epoch, std::size_t begin, const Share& own, Workers& workers);
  void append(const std::uint8_t* image, std::uint8_t label, std::span<const float> target);

  DatasetView dataset_;
  std::span<const std::uint32_t> indices_;
  const TrainingOptions& options_;
  std::vector<std::uint8_t> extras_;        // (extras, 784), in the order in which they come
  std::vector<std::uint8_t> extra_labels_;  // (extras)
  // The digits with the extras among them:
  std::vector<const std::uint8_t*> images_;  // (batch + extras)
  std::vector<std::uint8_t> labels_;         // (batch + extras)
  std::vector<float> targets_;               // (batch + extras, 10)
};

}  // namespace scrawl
