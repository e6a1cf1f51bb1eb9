// The weights of the first layer that has any, as pictures.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

#include "picture/picture.hpp"

namespace scrawl::report {

struct Filters {
  std::string layer;              ///< as in an architecture
  bool convolution = false;       ///< kernels; else what a Dense makes of each pixel of its input
  std::size_t outputs = 0;        ///< that the layer has; some may not be shown
  float limit = 0;                ///< of the colors: weights beyond it look as it does
  std::vector<Picture> pictures;  ///< one for each output, 64 at most, a pixel a weight
};

Filters draw_filters(const Model& model);

/// The colors as a picture, from -limit to limit.
Picture color_scale();

}  // namespace scrawl::report
