// How good a model is on a data set: what `scrawl eval` uses.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/precision.hpp>
#include <scrawl/probabilities.hpp>

namespace scrawl {

/// Average loss (cross-entropy, natural logarithm) and accuracy, 0 to 1.
struct Score {
  double loss = 0;
  double accuracy = 0;
};

/// [label][answer]: how many.
using Confusion = std::array<std::array<std::size_t, digit_count>, digit_count>;

/// An image that was read wrong.
struct Mistake {
  std::size_t index = 0;  ///< into the data set
  int label = 0;
  int answer = 0;
  float confidence = 0;  ///< the answer's probability, as the network has it without a temperature
};

/// The images whose confidence (the answer's probability) lies in one interval.
struct CalibrationBin {
  std::size_t images = 0;
  std::size_t correct = 0;
  double confidence = 0;  ///< sum over the images
};

/// How a model does on a data set.
struct Evaluation {
  std::size_t images = 0;
  Score score{};
  double standard_error = 0;  ///< of the accuracy: sqrt(p (1 - p) / n)
  /// By how much confidence and accuracy differ, averaged over the images in 15 bins of confidence
  /// (Naeini et al. 2015), 0 to 1.
  double calibration_error = 0;
  /// Bin i: confidences from i/15 to (i + 1)/15.
  std::array<CalibrationBin, 15> calibration{};
  Confusion confusion{};
  double seconds = 0;  ///< without loading
};

/// Evaluates without gradients. threads as in TrainingOptions, here and below: others are
/// std::invalid_argument. Throws Error when the data set is empty, the model cannot be (see Model),
/// or it or this CPU cannot be asked for int8.
Evaluation evaluate(const Model& model, const Dataset& dataset,
                    Precision precision = Precision::automatic, int threads = 0);

/// Each image's probabilities (dataset.size()). Throws Error when the model cannot be (see Model),
/// or it or this CPU cannot be asked for int8.
std::vector<Probabilities> predict(const Model& model, const Dataset& dataset,
                                   Precision precision = Precision::automatic, int threads = 0);

/// Evaluates an ensemble of models: the average of their probabilities answers. Throws
/// std::invalid_argument when there is none.
Evaluation evaluate(std::span<const Model> models, const Dataset& dataset,
                    Precision precision = Precision::automatic, int threads = 0);

}  // namespace scrawl
