// What two scans of a form have in common: where it is darker than around.
#pragma once

#include <cstddef>
#include <vector>

#include "forms/affine.hpp"
#include "picture/plane.hpp"

namespace scrawl {

/// How much darker than its surroundings each place of a page is, at a reduced size. In units of
/// the map's standard deviation, cut off at 3.
struct FeatureMap {
  int width = 0;
  int height = 0;
  std::vector<float> values;  ///< (height, width)

  /// Between pixels; 0 beyond the edges.
  float at(PagePoint place) const;
};

/// Of a page, scaled so that the square root of its area is `side` pixels.
FeatureMap make_feature_map(const Plane& page, int side);

/// A place of a feature map where there is something.
struct Feature {
  PagePoint place;
  float value = 0;
};

/// At most `count` of them, evenly over the map.
std::vector<Feature> choose_features(const FeatureMap& map, std::size_t count);

}  // namespace scrawl
