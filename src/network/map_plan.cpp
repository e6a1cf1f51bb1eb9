#include "network/map_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <memory>
#include <stdexcept>
#include <vector>

#include <scrawl/error.hpp>

#include "network/bf16.hpp"
#include "network/convolution.hpp"
#include "network/inference_stages.hpp"
#include "network/mutex.hpp"
#include "network/one_thread.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

SizedMapPlan::SizedMapPlan(const Model& model, const Shape& input, DataType type,
                           const SizedMapPlan* other)
    : stages_(make_stages(model, 1, input, type,
                          other == nullptr ? std::span<const Stage>() : other->stages_)),
      input_(input),
      output_(place_layers(model.architecture, input).back().out),
      is_bf16_(type == DataType::bf16),
      passes_(stages_, 1, input.size(), is_bf16_, model.normalization) {}

Maps SizedMapPlan::run(std::span<const std::uint8_t> picture) {
  Maps maps{output_.height, output_.width, output_.channels, {}};
  const std::size_t stored = stages_.back().out_values / output_.pixels();
  const auto copy = [&](const auto* values) {
    maps.values.reserve(output_.size());
    for (std::size_t cell = 0; cell < output_.pixels(); ++cell) {
      for (std::size_t c = 0; c < output_.channels; ++c)
        maps.values.push_back(load(values[cell * stored + c]));
    }
  };
  passes_.run(picture, [&](const void* last) {
    is_bf16_ ? copy(static_cast<const Bf16*>(last)) : copy(static_cast<const float*>(last));
  });
  return maps;
}

struct MapPlan::Compiled {
  std::shared_ptr<SizedMapPlan> plan_for(const Shape& input) {
    // Each has room for what lies between its layers.
    const std::size_t max_kept = Convolution::is_compiled_for_size() ? 24 : 6;
    const Lock lock(mutex);
    const auto found =
        std::ranges::find_if(plans, [&](const auto& plan) { return plan->is_for(input); });
    if (found != plans.end()) {
      std::rotate(plans.begin(), found, found + 1);
    } else {
      plans.push_front(std::make_shared<SizedMapPlan>(model, input, type, largest()));
      if (plans.size() > max_kept) plans.pop_back();
    }
    return plans.front();
  }

  /// Only small pictures have no use for all weights that there are.
  const SizedMapPlan* largest() const {
    const auto found =
        std::ranges::max_element(plans, {}, [](const auto& plan) { return plan->pixels(); });
    return found == plans.end() ? nullptr : found->get();
  }

  Model model;
  DataType type;
  Mutex mutex;
  std::deque<std::shared_ptr<SizedMapPlan>> plans;  // the last that was used first
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
