#include "training/evaluate.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "dataset/check_dataset.hpp"
#include "network/data_type.hpp"
#include "network/softmax.hpp"
#include "training/clock.hpp"

namespace scrawl {

namespace {

constexpr std::size_t rows = 32;  // glyphs at once: a task for one worker

/// Cross-entropy of one image's logits after they are divided by a temperature.
double cross_entropy(std::span<const float> logits, std::size_t label, double temperature) {
  const double largest = *std::ranges::max_element(logits);
  double total = 0;
  for (const float logit : logits) total += std::exp((logit - largest) / temperature);
  return std::log(total) - (logits[label] - largest) / temperature;
}

void add(std::span<CalibrationBin> bins, double confidence, bool correct) {
  const auto bin = static_cast<std::size_t>(confidence * static_cast<double>(bins.size()));
  CalibrationBin& own = bins[std::min(bins.size() - 1, bin)];
  ++own.images;
  own.correct += correct ? 1 : 0;
  own.confidence += confidence;
}

double calibration_error(std::span<const CalibrationBin> bins, std::size_t images) {
  double error = 0;
  for (const CalibrationBin& bin : bins) {
    error += std::abs(bin.confidence - static_cast<double>(bin.correct));
  }
  return error / static_cast<double>(images);
}

/// Log of the average of the models' probabilities (dataset.size(), 10).
std::vector<float> ensemble_logits(std::span<const Model> models, const Dataset& dataset,
                                   Precision precision, Workers& workers) {
  std::vector<float> sum(dataset.size() * digit_count);
  const float weight = 1.0F / static_cast<float>(models.size());
  for (const Model& model : models) {
    const std::vector<float> logits =
        logits_of(model, dataset, inference_type(precision, model), workers);
    for (std::size_t at = 0; at < sum.size(); at += digit_count) {
      add_softmax(std::span(logits).subspan(at, digit_count), weight,
                  std::span(sum).subspan(at, digit_count));
    }
  }
  for (float& value : sum) value = std::log(std::max(value, std::numeric_limits<float>::min()));
  return sum;
}

}  // namespace

DataType training_type(Precision precision) {
  const bool bf16 =
      precision == Precision::automatic ? has_native_bf16() : precision == Precision::bf16;
  return bf16 ? DataType::bf16 : DataType::f32;
}

DataType inference_type(Precision precision, const Model& model) {
  if (precision == Precision::automatic) return fastest_type(model);
  if (precision != Precision::int8) return training_type(precision);
  if (!has_native_int8()) {
    throw Error("evaluation: this CPU does not multiply bytes (AVX-512 VNNI); take bf16 or f32");
  }
  return DataType::u8;
}

void add_softmax(std::span<const float> logits, float weight, std::span<float> probabilities) {
  std::array<float, digit_count> own;
  softmax(logits, own);
  for (std::size_t c = 0; c < digit_count; ++c) probabilities[c] += weight * own[c];
}

std::vector<float> logits_of(const Model& model, const Dataset& dataset, DataType type,
                             Workers& workers, Team* team) {
  using Block = std::array<float, rows * digit_count>;
  const InferencePlan plan(model, rows, type);
  std::vector<Block> blocks((dataset.size() + rows - 1) / rows);
  const Share own = team == nullptr ? Share{0, blocks.size()}
                                    : share_of(blocks.size(), team->rank(), team->size());
  workers.run(own.size(), [&](std::size_t task, std::size_t) {
    const std::size_t block = own.begin + task;
    const std::size_t begin = block * rows;
    const std::size_t count = std::min(rows, dataset.size() - begin);
    plan.run(std::span(dataset.images).subspan(begin * glyph_pixels, count * glyph_pixels),
             std::span(blocks[block]).first(count * digit_count));
  });
  if (team != nullptr) gather_shares(*team, std::span(blocks));
  std::vector<float> logits;
  logits.reserve(blocks.size() * rows * digit_count);
  for (const Block& block : blocks) logits.insert(logits.end(), block.begin(), block.end());
  logits.resize(dataset.size() * digit_count);
  return logits;
}

Evaluation summarize(std::span<const float> logits, std::span<const std::uint8_t> labels) {
  Evaluation evaluation;
  evaluation.images = labels.size();
  std::size_t correct = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto own = logits.subspan(i * digit_count, digit_count);
    const auto answer = static_cast<std::size_t>(std::ranges::max_element(own) - own.begin());
    const bool is_correct = answer == labels[i];
    evaluation.score.loss += cross_entropy(own, labels[i], 1);
    ++evaluation.confusion[labels[i]][answer];
    add(evaluation.calibration, std::exp(-cross_entropy(own, answer, 1)), is_correct);
    correct += is_correct ? 1 : 0;
  }
  const auto images = static_cast<double>(labels.size());
  const double accuracy = static_cast<double>(correct) / images;
  evaluation.score.loss /= images;
  evaluation.score.accuracy = accuracy;
  evaluation.standard_error = std::sqrt(accuracy * (1 - accuracy) / images);
  evaluation.calibration_error = calibration_error(evaluation.calibration, labels.size());
  return evaluation;
}

std::vector<Mistake> mistakes(std::span<const float> logits, std::span<const std::uint8_t> labels,
                              std::span<const std::uint32_t> indices) {
  constexpr std::size_t most = 24;
  std::vector<Mistake> found;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto own = logits.subspan(i * digit_count, digit_count);
    const auto answer = static_cast<std::size_t>(std::ranges::max_element(own) - own.begin());
    if (answer == labels[i]) continue;
    found.push_back({indices[i], labels[i], static_cast<int>(answer),
                     static_cast<float>(std::exp(-cross_entropy(own, answer, 1)))});
  }
  std::ranges::stable_sort(found, std::greater(), &Mistake::confidence);
  if (found.size() > most) found.resize(most);
  return found;
}

/// By golden section on the logarithm: the cross-entropy has one minimum.
float fit_temperature(std::span<const float> logits, std::span<const std::uint8_t> labels) {
  const auto loss = [&](double log_temperature) {
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      sum += cross_entropy(logits.subspan(i * digit_count, digit_count), labels[i],
                           std::exp(log_temperature));
    }
    return sum;
  };
  constexpr double golden = 0.6180339887498949;
  double low = std::log(0.1);
  double high = std::log(10.0);
  double left = high - golden * (high - low);
  double right = low + golden * (high - low);
  double left_loss = loss(left);
  double right_loss = loss(right);
  while (high - low > 1e-3) {
    if (left_loss < right_loss) {
      high = std::exchange(right, left);
      right_loss = left_loss;
      left = high - golden * (high - low);
      left_loss = loss(left);
    } else {
      low = std::exchange(left, right);
      left_loss = right_loss;
      right = low + golden * (high - low);
      right_loss = loss(right);
    }
  }
  return static_cast<float>(std::exp((low + high) / 2));
}

Evaluation evaluate(const Model& model, const Dataset& dataset, Precision precision, int threads) {
  return evaluate(std::span(&model, 1), dataset, precision, threads);
}

Evaluation evaluate(std::span<const Model> models, const Dataset& dataset, Precision precision,
                    int threads) {
  return evaluate_logits(models, dataset, precision, threads).evaluation;
}

EvaluatedLogits evaluate_logits(std::span<const Model> models, const Dataset& dataset,
                                Precision precision, int threads) {
  if (models.empty()) throw std::invalid_argument("evaluation: 0 models, expected 1 or more");
  check_dataset(dataset, "evaluation");
  if (dataset.size() == 0) throw Error("evaluation: the data set is empty");
  Workers workers(threads);
  const auto start = std::chrono::steady_clock::now();
  EvaluatedLogits result;
  result.logits = models.size() == 1
                      ? logits_of(models[0], dataset, inference_type(precision, models[0]), workers)
                      : ensemble_logits(models, dataset, precision, workers);
  result.evaluation = summarize(result.logits, dataset.labels);
  result.evaluation.seconds = seconds_since(start);
  return result;
}

std::vector<Probabilities> to_probabilities(std::span<const float> logits) {
  std::vector<Probabilities> probabilities(logits.size() / digit_count, Probabilities{});
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    add_softmax(logits.subspan(i * digit_count, digit_count), 1, probabilities[i]);
  }
  return probabilities;
}

std::vector<Probabilities> predict(const Model& model, const Dataset& dataset, Precision precision,
                                   int threads) {
  check_dataset(dataset, "prediction");
  if (dataset.size() == 0) return {};
  Workers workers(threads);
  return to_probabilities(logits_of(model, dataset, inference_type(precision, model), workers));
}

}  // namespace scrawl
