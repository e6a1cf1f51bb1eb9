#include "report/charts.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recognition/percent.hpp"
#include "report/html.hpp"

namespace scrawl::report {

namespace {

// The sides of a chart, and of the plot in it, in units of the SVG.
constexpr double width = 440;
constexpr double height = 270;
constexpr double left = 46;
constexpr double right = 416;
constexpr double top = 40;
constexpr double bottom = 232;

double between(double value, double low, double high, double from, double to) {
  return from + (value - low) / (high - low) * (to - from);
}

double x_of(double value, const Axis& axis) {
  return between(value, axis.low, axis.high, left, right);
}

double y_of(double value, const Axis& axis) {
  return between(value, axis.low, axis.high, bottom, top);
}

std::vector<double> marks(const Axis& axis) {
  std::vector<double> values;
  const double first = std::ceil(axis.low / axis.step - 1e-9);
  for (double i = first; i * axis.step <= axis.high + axis.step * 1e-6; ++i) {
    values.push_back(i * axis.step + 0.0);  // not -0
  }
  return values;
}

std::string text(double x, double y, std::string_view anchor, std::string_view content,
                 std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, more, content);
}

std::string line(double x1, double y1, double x2, double y2, std::string_view kind) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2,
      y2, kind);
}

std::string vertical_axis(const Axis& axis, std::string_view unit) {
  std::string svg;
  for (const double value : marks(axis)) {
    const double y = y_of(value, axis);
    svg += line(left, y, right, y, "grid");
    svg += text(left - 6, y + 4, "end", fmt::format("{:.{}f}{}", value, axis.decimals, unit));
  }
  return svg;
}

std::string horizontal_axis(const Axis& axis, double y, std::string_view unit,
                            std::string_view label) {
  std::string svg;
  for (const double value : marks(axis)) {
    svg += text(x_of(value, axis), y + 16, "middle",
                fmt::format("{:.{}f}{}", value, axis.decimals, unit));
  }
  return svg + text((left + right) / 2, y + 33, "middle", label);
}

std::string begin(std::string_view title, double high) {
  return fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n<title>{}</title>\n", width,
      high, title, title);
}

/// Epochs from 1 on, whole numbers at the marks.
Axis epoch_axis(std::span<const int> epochs) {
  const double last = epochs.back();
  Axis axis = round_axis(0, last, 6);
  axis.step = std::max(1.0, axis.step);
  axis.decimals = 0;
  axis.low = std::min<double>(epochs.front(), last - 1);
  axis.high = last;
  return axis;
}

std::string polyline(std::span<const int> epochs, const Curve& curve, const Axis& x, const Axis& y,
                     std::string_view kind) {
  std::string points;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    points += fmt::format("{:.1f},{:.1f} ", x_of(epochs[i], x), y_of(curve.values[i], y));
  }
  std::string svg = fmt::format("<polyline points=\"{}\" class=\"line {}\"/>\n", points, kind);
  if (epochs.size() > 30) return svg;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" class=\"fill-{}\"/>\n",
                       x_of(epochs[i], x), y_of(curve.values[i], y), kind);
  }
  return svg;
}

/// The names of the curves, at the right above the plot.
std::string legend(std::span<const Curve> curves) {
  std::string svg;
  double end = right;
  for (std::size_t i = curves.size(); i-- > 0;) {
    const std::string_view kind = i == 0 ? "a" : "b";
    const double start = end - 6.2 * static_cast<double>(curves[i].name.size());
    svg += text(end, 20, "end", curves[i].name);
    svg += line(start - 28, 16, start - 6, 16, fmt::format("line {}", kind));
    end = start - 40;
  }
  return svg;
}

constexpr double counts_bottom = 345;  // of the lower part of the calibration chart
constexpr double counts_height = 62;

double accuracy_of(const CalibrationBin& bin) {
  return static_cast<double>(bin.correct) / static_cast<double>(bin.images);
}

/// Where a bin's images are on average, with one standard error.
std::string calibration_point(const CalibrationBin& bin, const Axis& axis) {
  const auto images = static_cast<double>(bin.images);
  const double accuracy = accuracy_of(bin);
  // (correct + 1) / (images + 2) keeps the error of few images from being none (Laplace).
  const double smooth = (static_cast<double>(bin.correct) + 1) / (images + 2);
  const double error = std::sqrt(smooth * (1 - smooth) / images);
  const double x = x_of(100 * bin.confidence / images, axis);
  const auto y = [&](double fraction) { return y_of(100 * std::clamp(fraction, 0.0, 1.0), axis); };
  return line(x, y(accuracy - error), x, y(accuracy + error), "a") +
         fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" class=\"fill-a\"/>\n", x,
                     y(accuracy));
}

}  // namespace

Axis round_axis(double low, double high, int about) {
  // Marks nearer to each other than neighboring numbers are would never reach the end.
  const double least = 1e-9 * std::max(std::abs(low), std::abs(high));
  if (!(high - low > least)) high = low + std::max(1e-6, std::abs(low) * 0.1);
  const double rough = (high - low) / about;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough * 0.999) step = factor * power;
  }
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step,
          decimals};
}

std::string line_chart(std::string_view title, std::string_view unit, std::span<const int> epochs,
                       std::span<const Curve> curves, int best) {
  double low = curves[0].values[0];
  double high = low;
  for (const Curve& curve : curves) {
    const auto [least, most] = std::ranges::minmax(curve.values);
    low = std::min(low, least);
    high = std::max(high, most);
  }
  const Axis y = round_axis(low, high, 5);
  const Axis x = epoch_axis(epochs);
  std::string svg = begin(fmt::format("{} after each epoch of the training", title), height);
  svg += text(left, 20, "start", title, " class=\"title\"") + legend(curves);
  svg += vertical_axis(y, unit) + horizontal_axis(x, bottom, "", "epoch");
  if (best >= epochs.front() && best <= epochs.back()) {
    const double at = x_of(best, x);
    const bool late = at > (left + right) / 2;
    svg += line(at, top, at, bottom, "dash");
    svg += text(at + (late ? -5 : 5), (top + bottom) / 2, late ? "end" : "start", "taken");
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    svg += polyline(epochs, curves[i], x, y, i == 0 ? "a" : "b");
  }
  return svg + "</svg>\n";
}

std::string calibration_chart(std::span<const CalibrationBin> bins) {
  const Axis axis{0, 100, 20, 0};
  std::string svg = begin("Confidence against accuracy, in 15 bins of confidence", 385);
  svg += text(left, 20, "start", "accuracy of images with that confidence", " class=\"title\"");
  svg += vertical_axis(axis, " %");
  svg += line(x_of(0, axis), y_of(0, axis), x_of(100, axis), y_of(100, axis), "dash");
  svg += text(right, 20, "end", "perfect calibration") +
         line(right - 138, 16, right - 112, 16, "dash");
  std::size_t most = 1;
  for (const CalibrationBin& bin : bins) most = std::max(most, bin.images);
  svg += text(left, 262, "start", "images", " class=\"title\"");
  const double slot = (right - left) / static_cast<double>(bins.size());
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double x = left + slot * static_cast<double>(i);
    if (bins[i].images > 0) svg += calibration_point(bins[i], axis);
    const double tall = counts_height * std::log1p(static_cast<double>(bins[i].images)) /
                        std::log1p(static_cast<double>(most));
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"1.5\" "
        "class=\"fill-soft\" opacity=\"0.45\"/>\n",
        x + 2, counts_bottom - tall, slot - 4, tall);
    svg += text(x + slot / 2, counts_bottom - tall - 4, "middle", fmt::format("{}", bins[i].images),
                " style=\"font-size:9.5px\"");
  }
  svg += line(left, counts_bottom, right, counts_bottom, "grid");
  return svg + horizontal_axis(axis, counts_bottom, " %", "confidence") + "</svg>\n";
}

std::string probability_bars(const Probabilities& probabilities, std::size_t label,
                             std::size_t answer) {
  constexpr double slot = 10;
  constexpr double tall = 24;
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 100 36\" role=\"img\" aria-label=\"{} for {}, {} for {}\">",
      escape(percent(probabilities[answer])), answer, escape(percent(probabilities[label])), label);
  for (std::size_t digit = 0; digit < probabilities.size(); ++digit) {
    const double x = slot * static_cast<double>(digit);
    const double high = std::max(0.6, tall * probabilities[digit]);
    const std::string_view kind = digit == answer  ? "fill-b"
                                  : digit == label ? "fill-a"
                                                   : "fill-soft";
    svg +=
        fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"8\" height=\"{:.1f}\" class=\"{}\"/>",
                    x + 1, tall - high, high, kind);
    const bool strong = digit == answer || digit == label;
    svg += text(x + slot / 2, 34.5, "middle", fmt::format("{}", digit),
                strong ? " class=\"strong\" style=\"font-size:9px;font-weight:600\""
                       : " style=\"font-size:9px\"");
  }
  return svg + "</svg>";
}

}  // namespace scrawl::report
