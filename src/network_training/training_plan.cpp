// Which trainer a network takes.
#include "network_training/training_plan.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>
#include <variant>

#include "network_training/dense_training.hpp"
#include "network_training/layered_training.hpp"

namespace scrawl {

struct TrainingPlan::Compiled {
  Steps steps = Steps::any;
  std::variant<std::unique_ptr<DenseTraining<float>>, std::unique_ptr<DenseTraining<Bf16>>,
               std::unique_ptr<LayeredTraining<float>>, std::unique_ptr<LayeredTraining<Bf16>>>
      trainer;
};

namespace {

constexpr const char* not_plain =
    "TrainingPlan: smoothing, targets, Nesterov's momentum, decay or AdamW for a plan of plain "
    "steps";

bool is_plain(const Batch& batch) {
  return batch.smoothing == 0 && batch.targets.empty();
}

bool is_plain(const Optimizer& optimizer) {
  const auto* sgd = std::get_if<Sgd>(&optimizer);
  return sgd != nullptr && !sgd->nesterov && sgd->decay == 0;
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

TrainingPlan::TrainingPlan(const Architecture& architecture, const Normalization& normalization,
                           const PlanOptions& options, const TrainingState& state, Workers& workers)
    : compiled_(std::make_unique<Compiled>()) {
  compiled_->steps = options.steps;
  const auto take = [&]<typename Trainer>(std::unique_ptr<Trainer>) {
    compiled_->trainer =
        std::make_unique<Trainer>(architecture, normalization, options, state, workers);
  };
  if (is_dense(architecture) && options.steps == Steps::plain && !options.weight_ema &&
      !options.squares) {
    options.bf16 ? take(std::unique_ptr<DenseTraining<Bf16>>())
                 : take(std::unique_ptr<DenseTraining<float>>());
  } else {
    options.bf16 ? take(std::unique_ptr<LayeredTraining<Bf16>>())
                 : take(std::unique_ptr<LayeredTraining<float>>());
  }
}

TrainingPlan::~TrainingPlan() = default;

LossSum TrainingPlan::gradient(const Batch& batch, std::span<const std::uint8_t* const> next) {
  if (compiled_->steps == Steps::plain && !is_plain(batch)) throw std::invalid_argument(not_plain);
  return std::visit([&](auto& trainer) { return trainer->gradient(batch, next); },
                    compiled_->trainer);
}

DetectionSum TrainingPlan::gradient(const PageBatch& batch) {
  return std::visit(
      [&]<typename Trainer>(std::unique_ptr<Trainer>& trainer) -> DetectionSum {
        if constexpr (requires { trainer->gradient(batch); }) {
          return trainer->gradient(batch);
        } else {
          throw std::invalid_argument("TrainingPlan: pages for a network of dense layers");
        }
      },
      compiled_->trainer);
}

void TrainingPlan::update(const Optimizer& optimizer) {
  if (compiled_->steps == Steps::plain && !is_plain(optimizer)) {
    throw std::invalid_argument(not_plain);
  }
  std::visit(
      [&]<typename Trainer>(std::unique_ptr<Trainer>& trainer) {
        if constexpr (requires { trainer->update(optimizer); }) {
          trainer->update(optimizer);
        } else {
          trainer->update(std::get<Sgd>(optimizer));
        }
      },
      compiled_->trainer);
}

TrainingState TrainingPlan::state() const {
  return std::visit([](const auto& trainer) { return trainer->state(); }, compiled_->trainer);
}

Share TrainingPlan::own_rows(std::size_t rows) const {
  return std::visit(
      [&]<typename Trainer>(const std::unique_ptr<Trainer>& trainer) -> Share {
        if constexpr (requires { trainer->own_rows(rows); }) {
          return trainer->own_rows(rows);
        } else {
          return {0, rows};
        }
      },
      compiled_->trainer);
}

std::span<const float> TrainingPlan::logits() const {
  return std::visit([](const auto& trainer) { return trainer->logits(); }, compiled_->trainer);
}

}  // namespace scrawl
