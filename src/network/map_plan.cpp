#include "network/map_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "network/bf16.hpp"
#include "network/forward_pass.hpp"
#include "network/inference_stages.hpp"
#include "network/kernels.hpp"
#include "network/mutex.hpp"
#include "network/one_thread.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

/// What was compiled for one size of picture.
class SizedPlan {
 public:
  SizedPlan(const Model& model, const Shape& input, DataType type)
      : stages_(make_stages(model, 1, input, type)),
        input_(input),
        output_(place_layers(model.architecture, input).back().out),
        is_bf16_(type == DataType::bf16),
        normalization_(model.normalization) {}

  bool is_for(const Shape& input) const { return input_ == input; }

  Maps run(std::span<const std::uint8_t> picture) {
    std::unique_ptr<ForwardPass> pass = borrow();
    void* first = pass->input();
    is_bf16_ ? normalize(picture, normalization_, static_cast<Bf16*>(first))
             : normalize(picture, normalization_, static_cast<float*>(first));
    const void* last = pass->run();
    Maps maps =
        is_bf16_ ? copy(static_cast<const Bf16*>(last)) : copy(static_cast<const float*>(last));
    give_back(std::move(pass));
    return maps;
  }

 private:
  std::unique_ptr<ForwardPass> borrow() {
    const Lock lock(mutex_);
    if (idle_.empty()) return std::make_unique<ForwardPass>(stages_, 1, input_.size());
    std::unique_ptr<ForwardPass> pass = std::move(idle_.back());
    idle_.pop_back();
    return pass;
  }

  void give_back(std::unique_ptr<ForwardPass> pass) {
    const Lock lock(mutex_);
    idle_.push_back(std::move(pass));
  }

  /// Without the channels that were only stored.
  template <typename T>
  Maps copy(const T* values) const {
    Maps maps{output_.height, output_.width, output_.channels, {}};
    const std::size_t stored = stages_.back().out_values / output_.pixels();
    maps.values.reserve(output_.size());
    for (std::size_t cell = 0; cell < output_.pixels(); ++cell) {
      for (std::size_t c = 0; c < output_.channels; ++c)
        maps.values.push_back(load(values[cell * stored + c]));
    }
    return maps;
  }

  std::vector<Stage> stages_;
  Shape input_;
  Shape output_;
  bool is_bf16_;  // rather than f32
  Normalization normalization_;
  Mutex mutex_;
  std::vector<std::unique_ptr<ForwardPass>> idle_;
};

}  // namespace

struct MapPlan::Compiled {
  std::shared_ptr<SizedPlan> plan_for(const Shape& input) {
    constexpr std::size_t max_kept = 24;
    const Lock lock(mutex);
    const auto found =
        std::ranges::find_if(plans, [&](const auto& plan) { return plan->is_for(input); });
    if (found != plans.end()) {
      std::rotate(plans.begin(), found, found + 1);
    } else {
      plans.push_front(std::make_shared<SizedPlan>(model, input, type));
      if (plans.size() > max_kept) plans.pop_back();
    }
    return plans.front();
  }

  Model model;
  DataType type;
  Mutex mutex;
  std::deque<std::shared_ptr<SizedPlan>> plans;  // the last that was used first
};

MapPlan::MapPlan(const Model& model, DataType type) {
  check_model(model);
  if (is_classifier(model.architecture))
    throw Error("model: it says which digit a glyph is; one that ends in maps is needed here");
  compiled_ = std::make_unique<Compiled>();
  compiled_->model = model;
  compiled_->type = type;
}

MapPlan::~MapPlan() = default;
MapPlan::MapPlan(MapPlan&&) noexcept = default;
MapPlan& MapPlan::operator=(MapPlan&&) noexcept = default;

Maps MapPlan::run(std::span<const std::uint8_t> picture, std::size_t height,
                  std::size_t width) const {
  if (picture.size() != height * width)
    throw std::invalid_argument("MapPlan: a picture's pixels do not fit its height and width");
  const OneThread one_thread;
  Maps maps = compiled_->plan_for({1, height, width})->run(picture);
  if (!std::ranges::all_of(maps.values, [](float value) { return std::isfinite(value); }))
    throw Error("model: its maps are not finite: the weights are too large");
  return maps;
}

}  // namespace scrawl
