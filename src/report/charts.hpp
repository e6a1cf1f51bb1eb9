// Charts as SVG, each a function from numbers to text. Their colors are classes of the page.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/training.hpp>

namespace scrawl::report {

/// Where an axis has its marks: multiples of 1, 2 or 5 times a power of ten.
struct Axis {
  double low = 0;
  double high = 1;
  double step = 1;
  int decimals = 0;  ///< that the marks need
};

/// An axis that holds low to high, and ends at marks; some `about` of them.
Axis round_axis(double low, double high, int about);

/// One line of a chart over epochs.
struct Curve {
  std::string_view name;
  std::vector<double> values;
};

/// Up to two curves over the same epochs; `best` of these is marked (0: none).
std::string line_chart(std::string_view title, std::string_view unit, std::span<const int> epochs,
                       std::span<const Curve> curves, int best);

/// Confidence against accuracy, with one standard error up and down, and below the images in each
/// bin (their bars' height is the logarithm).
std::string calibration_chart(std::span<const CalibrationBin> bins);

/// Ten small bars.
std::string probability_bars(const Probabilities& probabilities, std::size_t label,
                             std::size_t answer);

}  // namespace scrawl::report
