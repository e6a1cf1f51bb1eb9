// What a network does to its input before the first layer with weights.
#pragma once

#include <cmath>

#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "network/shapes.hpp"

namespace scrawl {

/// The network sees scale * x + shift.
class InputScale {
 public:
  /// Whether x is known to be 0 to 255.
  void set_bytes(bool are_bytes) { are_bytes_ = are_bytes; }
  void add(float value) {
    shift_ += value;
    is_changed_ = true;
  }
  void multiply(float value) {
    scale_ *= value;
    shift_ *= value;
    is_changed_ = true;
  }

  /// Makes it the model's normalization; false where the network does nothing, so that how its
  /// pixels are normalized is not known. A network that divides much takes 0 to 255, another 0 to
  /// 1.
  bool apply(Model& model) const {
    if (!is_changed_ && !are_bytes_) return false;
    constexpr float much = 1.0F / 16;
    const bool are_bytes = are_bytes_ || std::abs(scale_) < much;
    const float scale = are_bytes ? 255 * scale_ : scale_;  // of pixels from 0 to 1
    if (!std::isnormal(scale)) throw Error("its input is multiplied by 0");
    model.normalization = {-shift_ / scale, 1 / std::abs(scale)};
    if (scale > 0) return true;
    // Black on white: the first weights take the sign.
    if (!is_linear(model.architecture.layers[0]))
      throw Error("its input is multiplied by less than 0");
    for (float& value : model.weights[0].values) value = -value;
    return true;
  }

 private:
  float scale_ = 1;
  float shift_ = 0;
  bool is_changed_ = false;
  bool are_bytes_ = false;
};

}  // namespace scrawl
