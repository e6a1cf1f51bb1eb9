#include "formats/c_source/quantize.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "network/kernels.hpp"
#include "network/overloaded.hpp"
#include "network/plain_network.hpp"

namespace scrawl::c_source {

namespace {

/// Of values, or of nothing at all: 0 is in it, since borders are 0.
struct Range {
  double low = 0;
  double high = 0;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// A value v is stored as v / step + zero.
struct Bytes {
  double step = 1;
  double zero = 0;  // whole but for the glyph, whose pixels are what they are
};

Bytes bytes_for(const Range& range) {
  constexpr double nothing = 1e-20;
  const double width = range.high - range.low;
  if (!std::isfinite(width)) {
    throw Error("model: on training images its values become too large for f32; train it again");
  }
  if (!(width > nothing)) return {};
  return {width / 255, std::round(-range.low * 255 / width)};
}

/// In f32, over glyphs (count, 28, 28): of what comes out of each step.
std::vector<Range> measure_ranges(const Model& model, std::span<const Step> steps,
                                  std::span<const std::uint8_t> glyphs) {
  const PlainNetwork network(model, model.architecture.input);
  std::vector<Range> ranges(steps.size());
  std::vector<float> in(glyph_pixels);
  for (std::size_t at = 0; at + glyph_pixels <= glyphs.size(); at += glyph_pixels) {
    normalize(glyphs.subspan(at, glyph_pixels), model.normalization, in.data());
    const PlainNetwork::Values values = network.infer(in, 1);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      for (const float value : values[steps[i].layers_done]) {
        ranges[i].include(static_cast<double>(value));
      }
    }
  }
  return ranges;
}

/// Those of the model are of each Linear but the last, all of which end in a ReLU; what lies
/// between them changes no range. Empty where the network is another.
std::vector<Range> known_ranges(const Model& model, std::span<const Step> steps) {
  std::vector<Range> ranges(steps.size());
  std::size_t linear_steps = 0;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    const auto* pool = std::get_if<Pool>(&steps[i].work);
    const bool keeps_range = std::holds_alternative<Pad>(steps[i].work) ||
                             (pool != nullptr && pool->kind == Pool::Kind::max);
    if (keeps_range) continue;
    const auto* linear = std::get_if<Linear>(&steps[i].work);
    if (linear == nullptr || linear->activation != Activation::relu ||
        linear_steps == model.activation_ranges.size()) {
      return {};
    }
    ranges[i].high = static_cast<double>(model.activation_ranges[linear_steps++]);
  }
  return linear_steps == model.activation_ranges.size() ? ranges : std::vector<Range>();
}

std::vector<Range> ranges_of(const Model& model, std::span<const Step> steps,
                             std::span<const std::uint8_t> glyphs) {
  if (!model.activation_ranges.empty()) {
    std::vector<Range> known = known_ranges(model, steps);
    if (!known.empty()) return known;
  }
  if (glyphs.size() < glyph_pixels) {
    throw Error(
        "model: it has no activation ranges, so its values become bytes only where glyphs show how "
        "large they are; give some training images, or take f32");
  }
  return measure_ranges(model, steps, glyphs);
}

std::int32_t to_int32(double value) {
  constexpr double most = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::clamp(std::round(value), -most, most));
}

/// Numbers as integers below 2^30 that are shifted right, all by as much.
struct Shifted {
  std::vector<std::int32_t> values;
  int shift = 1;
};

Shifted shifted(std::span<const double> numbers) {
  double largest = 0;
  for (const double number : numbers) largest = std::max(largest, std::abs(number));
  int exponent = 0;  // largest = fraction * 2^exponent, with a fraction below 1
  std::frexp(largest, &exponent);
  Shifted result;
  result.shift = std::clamp(30 - exponent, 1, 62);
  for (const double number : numbers) {
    result.values.push_back(to_int32(std::ldexp(number, result.shift)));
  }
  return result;
}

class Quantization {
 public:
  Quantization(const Model& model, std::span<const Step> steps, std::vector<Range> ranges)
      : steps_(steps), ranges_(std::move(ranges)) {
    // A pixel p is (p / 255 - mean) / std.
    const auto mean = static_cast<double>(model.normalization.mean);
    const auto std_dev = static_cast<double>(model.normalization.std);
    values_.push_back({1 / (255 * std_dev), 255 * mean});
  }

  std::vector<Int8Step> run() {
    std::vector<Int8Step> quantized;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Bytes out = stored(i);
      quantized.push_back(quantize_step(i, out));
      values_.push_back(out);
    }
    return quantized;
  }

 private:
  /// How the next value is stored; a border and a pooling change nothing.
  Bytes stored(std::size_t i) const {
    return std::visit(
        Overloaded{[&](const Linear& linear) {
                     return linear.activation == Activation::tanh
                                ? Bytes{1.0 / 127, 128}
                                : bytes_for(range_of(i, linear.activation));
                   },
                   [&](const Pad&) { return values_.back(); },
                   [&](const Pool&) { return values_.back(); },
                   [&](const Scale&) { return bytes_for(ranges_[i]); },
                   [&](const Activation& activation) { return bytes_for(range_of(i, activation)); },
                   [&](const Sum&) { return bytes_for(ranges_[i]); }},
        steps_[i].work);
  }

  Int8Step quantize_step(std::size_t i, const Bytes& out) const {
    const Bytes& in = values_.back();
    Int8Step step = std::visit(
        Overloaded{[&](const Linear& linear) {
                     return i + 1 == steps_.size() ? logits(linear, in)
                                                   : quantize_linear(linear, in, out);
                   },
                   [&](const Pad&) { return Int8Step(); }, [&](const Pool&) { return Int8Step(); },
                   [&](const Scale& scale) { return quantize_scale(scale, in, out); },
                   [&](const Activation& activation) { return tabulate(activation, in, out); },
                   [&](const Sum& sum) { return quantize_sum(in, values_[sum.other], out); }},
        steps_[i].work);
    step.zero = static_cast<std::uint8_t>(std::clamp(std::round(out.zero), 0.0, 255.0));
    return step;
  }

  Range range_of(std::size_t step, Activation activation) const {
    Range range = ranges_[step];
    if (activation == Activation::relu) range.low = 0;
    return range;
  }

  /// What 127 stands for: the largest of a row, or more where that lets the bias fit 29 bits.
  static double largest_weight(std::span<const float> row, double bias, const Bytes& in) {
    double largest = std::max(1e-20, std::abs(bias) * 127 / (in.step * (1 << 29)));
    for (const float weight : row) {
      largest = std::max(largest, static_cast<double>(std::abs(weight)));
    }
    return largest;
  }

  /// Weights as signed bytes, with a step for each output; what they and `in` make of the bias.
  static std::vector<double> quantize_weights(const Linear& linear, const Bytes& in,
                                              Int8Step& step) {
    const std::size_t outputs = linear.bias.size();
    const std::size_t size = linear.weights.size() / outputs;
    std::vector<double> sum_steps;
    step.weights.reserve(linear.weights.size());
    for (std::size_t o = 0; o < outputs; ++o) {
      const std::span<const float> row = std::span(linear.weights).subspan(o * size, size);
      const double largest = largest_weight(row, static_cast<double>(linear.bias[o]), in);
      double total = 0;
      double magnitude = 0;
      for (const float weight : row) {
        const double rounded = std::round(static_cast<double>(weight) * 127 / largest);
        step.weights.push_back(static_cast<std::int8_t>(rounded));
        total += rounded;
        magnitude += std::abs(rounded);
      }
      sum_steps.push_back(in.step * largest / 127);
      const double offset =
          std::round(static_cast<double>(linear.bias[o]) / sum_steps[o] - in.zero * total);
      require_32_bits(linear.name, 255 * magnitude + std::abs(offset));
      step.offsets.push_back(to_int32(offset));
    }
    return sum_steps;
  }

  static void require_32_bits(const std::string& name, double largest_sum) {
    if (largest_sum < static_cast<double>(std::numeric_limits<std::int32_t>::max())) return;
    throw Error(fmt::format("model: {}: its sums of bytes do not fit 32 bits; take f32", name));
  }

  static Int8Step quantize_linear(const Linear& linear, const Bytes& in, const Bytes& out) {
    Int8Step step;
    std::vector<double> factors = quantize_weights(linear, in, step);
    const double out_step = linear.activation == Activation::tanh ? 1.0 / tanh_steps : out.step;
    for (double& factor : factors) factor /= out_step;
    const Shifted multipliers = shifted(factors);
    step.multipliers = multipliers.values;
    step.shift = multipliers.shift;
    return step;
  }

  static Int8Step logits(const Linear& linear, const Bytes& in) {
    Int8Step step;
    const std::vector<double> sum_steps = quantize_weights(linear, in, step);
    std::ranges::transform(sum_steps, std::back_inserter(step.logit_steps),
                           [](double value) { return static_cast<float>(value); });
    return step;
  }

  /// (in - zero) * step * scale + shift, as a byte.
  static Int8Step quantize_scale(const Scale& scale, const Bytes& in, const Bytes& out) {
    const std::size_t channels = scale.scale.size();
    std::vector<double> numbers;
    for (const float factor : scale.scale) {
      numbers.push_back(static_cast<double>(factor) * in.step / out.step);
    }
    for (std::size_t c = 0; c < channels; ++c) {
      numbers.push_back(out.zero + static_cast<double>(scale.shift[c]) / out.step -
                        in.zero * numbers[c]);
    }
    return affine(numbers, channels);
  }

  static Int8Step quantize_sum(const Bytes& in, const Bytes& other, const Bytes& out) {
    const double factor = in.step / out.step;
    const double other_factor = other.step / out.step;
    return affine(
        std::array{factor, other_factor, out.zero - in.zero * factor - other.zero * other_factor},
        2);
  }

  /// `multipliers` numbers, and what is added behind them.
  static Int8Step affine(std::span<const double> numbers, std::size_t multipliers) {
    const Shifted whole = shifted(numbers);
    const auto middle = whole.values.begin() + static_cast<std::ptrdiff_t>(multipliers);
    Int8Step step;
    step.multipliers.assign(whole.values.begin(), middle);
    step.offsets.assign(middle, whole.values.end());
    step.shift = whole.shift;
    return step;
  }

  static Int8Step tabulate(Activation activation, const Bytes& in, const Bytes& out) {
    Int8Step step;
    for (int byte = 0; byte < 256; ++byte) {
      const double value = (byte - in.zero) * in.step;
      const double active =
          activation == Activation::tanh ? std::tanh(value) : std::max(value, 0.0);
      const double stored = std::clamp(std::round(active / out.step + out.zero), 0.0, 255.0);
      step.table.push_back(static_cast<std::uint8_t>(stored));
    }
    return step;
  }

  std::span<const Step> steps_;
  std::vector<Range> ranges_;  // of what comes out of each step
  std::vector<Bytes> values_;  // so far; the first is the glyph
};

}  // namespace

std::array<std::uint8_t, 4 * tanh_steps> tanh_table() {
  std::array<std::uint8_t, 4 * tanh_steps> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<std::uint8_t>(
        std::lround(127 * std::tanh(static_cast<double>(i) / tanh_steps)));
  }
  return table;
}

std::vector<Int8Step> quantize(const Model& model, std::span<const Step> steps,
                               std::span<const std::uint8_t> glyphs) {
  return Quantization(model, steps, ranges_of(model, steps, glyphs)).run();
}

}  // namespace scrawl::c_source
