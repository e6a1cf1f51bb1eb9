// A model that ends in maps, compiled to answer for pictures of any size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

#include "network/data_type.hpp"
#include "network/forward_pass_pool.hpp"
#include "network/inference_stages.hpp"

namespace scrawl {

/// What a network says of each cell of a picture.
struct Maps {
  std::size_t height = 0;  ///< cells
  std::size_t width = 0;
  std::size_t channels = 0;
  std::vector<float> values;  ///< (height, width, channels)

  const float* at(std::size_t y, std::size_t x) const {
    return values.data() + (y * width + x) * channels;
  }
};

/// What is compiled for pictures of one size. Safe to share between threads.
class SizedMapPlan {
 public:
  /// The model has been checked; `input` is a size that it takes. `other`, where there is one, is
  /// of the same model and type.
  SizedMapPlan(const Model& model, const Shape& input, DataType type,
               const SizedMapPlan* other = nullptr);

  bool is_for(const Shape& input) const { return input_ == input; }
  std::size_t pixels() const { return input_.pixels(); }

  /// picture (height, width) -> its maps, finite or not.
  Maps run(std::span<const std::uint8_t> picture);

 private:
  std::vector<Stage> stages_;
  Shape input_;
  Shape output_;
  bool is_bf16_;  // rather than f32
  ForwardPassPool passes_;
};

/// Safe to share between threads. Each size of picture is compiled when it first comes, some
/// milliseconds; the last few are kept.
class MapPlan {
 public:
  /// Throws Error when the weights do not fit the architecture, or it does not end in maps.
  MapPlan(const Model& model, DataType type);
  ~MapPlan();
  MapPlan(MapPlan&&) noexcept;
  MapPlan& operator=(MapPlan&&) noexcept;

  /// picture (height, width) -> its maps. Throws Error when they are not finite.
  Maps run(std::span<const std::uint8_t> picture, std::size_t height, std::size_t width) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace scrawl
