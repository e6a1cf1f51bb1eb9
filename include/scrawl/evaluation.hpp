// Evaluates models on data sets: what `scrawl eval` does.
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

/// Loss and accuracy.
struct Score {
  double loss = 0;      ///< average cross-entropy (natural logarithm)
  double accuracy = 0;  ///< fraction of correct answers, 0 to 1
};

/// Confusion matrix: number of images by [label][answer].
using Confusion = std::array<std::array<std::size_t, digit_count>, digit_count>;

/// An image that was misread.
struct Mistake {
  std::size_t index = 0;  ///< index into the data set
  int label = 0;          ///< the right digit
  int answer = 0;         ///< the network's digit
  float confidence = 0;   ///< probability of the answer, without the model's temperature
};

/// The images whose confidence (probability of the answer) lies in one interval.
struct CalibrationBin {
  std::size_t images = 0;   ///< number of images
  std::size_t correct = 0;  ///< how many of them were read correctly
  double confidence = 0;    ///< sum of their confidences
};

/// Results of a model, or an ensemble, on a data set.
struct Evaluation {
  std::size_t images = 0;     ///< number of images
  Score score{};              ///< loss and accuracy
  double standard_error = 0;  ///< of the accuracy: sqrt(p (1 - p) / n)
  /// Expected calibration error (Naeini et al. 2015): the difference between confidence and
  /// accuracy in 15 bins of confidence, averaged over the images; 0 to 1.
  double calibration_error = 0;
  /// Bin i has the confidences from i/15 to (i + 1)/15.
  std::array<CalibrationBin, 15> calibration{};
  Confusion confusion{};  ///< confusion matrix
  double seconds = 0;     ///< time of the evaluation alone, without loading
};

/// Evaluates a model on a data set. `threads` is as in TrainingOptions, here and below; throws
/// std::invalid_argument if it is out of range. Throws Error if the data set is empty, the model is
/// invalid (see Model), or `precision` is int8 and the model or the CPU does not support it.
Evaluation evaluate(const Model& model, const Dataset& dataset,
                    Precision precision = Precision::automatic, int threads = 0);

/// The probabilities of each image, in the order of the data set. Throws Error if the model is
/// invalid (see Model), or `precision` is int8 and the model or the CPU does not support it.
std::vector<Probabilities> predict(const Model& model, const Dataset& dataset,
                                   Precision precision = Precision::automatic, int threads = 0);

/// Evaluates an ensemble, whose answer is the average of its models' probabilities. Throws
/// std::invalid_argument if `models` is empty.
Evaluation evaluate(std::span<const Model> models, const Dataset& dataset,
                    Precision precision = Precision::automatic, int threads = 0);

}  // namespace scrawl
