// Evaluation on workers that are there already.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

#include "network/inference_plan.hpp"
#include "network_training/team.hpp"
#include "network_training/workers.hpp"

namespace scrawl {

/// What a Precision means on this CPU, for training and for a trained model.
DataType training_type(Precision precision);
DataType inference_type(Precision precision, const Model& model);

/// A model's logits (dataset.size(), 10), divided by its temperature. `team` (may be null) shares
/// the images out.
std::vector<float> logits_of(const Model& model, const Dataset& dataset, DataType type,
                             Workers& workers, Team* team = nullptr);

/// All of an Evaluation but its seconds.
Evaluation summarize(std::span<const float> logits, std::span<const std::uint8_t> labels);

/// The most confident of the images that are read wrong, at most 24; image i is called indices[i].
std::vector<Mistake> mistakes(std::span<const float> logits, std::span<const std::uint8_t> labels,
                              std::span<const std::uint32_t> indices);
/// An Evaluation and the logits (dataset.size(), 10) that it is of.
struct EvaluatedLogits {
  std::vector<float> logits;
  Evaluation evaluation;
};

/// What evaluate does; of several models, the logs of their average probabilities.
EvaluatedLogits evaluate_logits(std::span<const Model> models, const Dataset& dataset,
                                Precision precision, int threads);

/// The softmax of each ten logits.
std::vector<Probabilities> to_probabilities(std::span<const float> logits);

/// The temperature by which logits (labels.size(), 10) have the least cross-entropy, 0.1 to 10 (Guo
/// et al. 2017).
float fit_temperature(std::span<const float> logits, std::span<const std::uint8_t> labels);

/// probabilities (10) += weight * softmax of logits (10).
void add_softmax(std::span<const float> logits, float weight, std::span<float> probabilities);

}  // namespace scrawl
