// Finds the digits of a page with a network that looks at all of it.
#pragma once

#include <vector>

#include <scrawl/model.hpp>
#include <scrawl/precision.hpp>

#include "network/map_plan.hpp"
#include "picture/picture.hpp"
#include "picture/plane.hpp"
#include "picture/stop.hpp"
#include "recognition/detection.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// Pictures are looked at no larger than this, in pixels of their longer side.
inline constexpr int largest_level_side = 2048;

/// Safe to share between threads.
class PageReader {
 public:
  /// Throws Error when the model is no page reader.
  explicit PageReader(const Model& model, Precision precision = Precision::automatic);

  /// Digits and signs, wherever they are, in no order. Throws Stopped soon after `stop` asks for
  /// it. `show`, where there is one, is shown each canvas, and the maps of it.
  std::vector<Detection> detect(const Plane& gray, const StopRequested& stop,
                                const ShowStage& show = {}) const;

 private:
  MapPlan plan_;
};

/// The brightness of a picture's pixels (ITU-R BT.601).
Plane find_brightness(const Picture& picture);

}  // namespace scrawl
