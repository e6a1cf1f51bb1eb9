// Which way of training a network takes.
#include "network/training_plan.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>
#include <variant>

#include "network/dense_training.hpp"
#include "network/layered_training.hpp"

namespace scrawl {

struct TrainingPlan::Compiled {
  Steps steps = Steps::any;
  std::variant<std::unique_ptr<DenseTraining<float>>, std::unique_ptr<DenseTraining<Bf16>>,
               std::unique_ptr<LayeredTraining<float>>, std::unique_ptr<LayeredTraining<Bf16>>>
      way;
};

namespace {

bool is_plain(const Batch& batch, const Sgd& sgd) {
  return batch.smoothing == 0 && batch.targets.empty() && !sgd.nesterov && sgd.decay == 0;
}

/// DenseTraining knows dense layers, each with a ReLU behind it or not.
bool is_dense(const Architecture& architecture) {
  bool after_dense = false;
  for (const Layer& layer : architecture.layers) {
    const bool dense = std::holds_alternative<Dense>(layer);
    if (!dense && !(after_dense && std::holds_alternative<Relu>(layer))) return false;
    after_dense = dense;
  }
  return true;
}

}  // namespace

TrainingPlan::TrainingPlan(const Architecture& architecture, const Normalisation& normalisation,
                           const PlanOptions& options, const TrainingState& state, Workers& workers)
    : compiled_(std::make_unique<Compiled>()) {
  compiled_->steps = options.steps;
  const auto take = [&]<typename Way>(std::unique_ptr<Way>) {
    compiled_->way = std::make_unique<Way>(architecture, normalisation, options, state, workers);
  };
  if (is_dense(architecture) && options.steps == Steps::plain && !options.average) {
    options.bf16 ? take(std::unique_ptr<DenseTraining<Bf16>>())
                 : take(std::unique_ptr<DenseTraining<float>>());
  } else {
    options.bf16 ? take(std::unique_ptr<LayeredTraining<Bf16>>())
                 : take(std::unique_ptr<LayeredTraining<float>>());
  }
}

TrainingPlan::~TrainingPlan() = default;

LossSum TrainingPlan::step(const Batch& batch, Sgd sgd, std::span<const std::uint8_t* const> next) {
  if (compiled_->steps == Steps::plain && !is_plain(batch, sgd)) {
    throw std::invalid_argument(
        "TrainingPlan: smoothing, targets, Nesterov's momentum or decay for a plan of plain steps");
  }
  return std::visit([&](auto& way) { return way->step(batch, sgd, next); }, compiled_->way);
}

TrainingState TrainingPlan::state() const {
  return std::visit([](const auto& way) { return way->state(); }, compiled_->way);
}

std::span<const float> TrainingPlan::logits() const {
  return std::visit([](const auto& way) { return way->logits(); }, compiled_->way);
}

}  // namespace scrawl
