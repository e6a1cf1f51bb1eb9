// The plain network, which says what is right, and every faster way held to it: training and use,
// in f32, bf16 and int8, over networks and pictures of random shapes.
#include "network/plain_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/model.hpp>

#include "formats/model_file.hpp"
#include "network/bf16.hpp"
#include "network/forward_pass.hpp"
#include "network/inference_plan.hpp"
#include "network/inference_stages.hpp"
#include "network/kernels.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "network_helpers.hpp"
#include "network_training/layer_step.hpp"
#include "network_training/training_plan.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

/// The length of the difference as a fraction of the expected length: unlike an angle, it sees a
/// wrong scale.
double distance(std::span<const float> found, std::span<const float> expected) {
  EXPECT_EQ(found.size(), expected.size());
  double difference = 0;
  double length = 0;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    const double d = static_cast<double>(found[i]) - static_cast<double>(expected[i]);
    difference += d * d;
    length += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
  }
  return length == 0 ? std::sqrt(difference) : std::sqrt(difference / length);
}

// ---- Random networks

std::size_t pick(Random& random, std::initializer_list<std::size_t> choices) {
  return choices.begin()[random.below(choices.size())];
}

std::string activation(Random& random) {
  return random.below(4) == 0 ? ", tanh" : ", relu";
}

/// A convolution of any kind, and what may stand behind one; shrinks what comes in at most by
/// half and 8 pixels.
std::string random_block(Random& random) {
  const std::size_t kernel = pick(random, {1, 2, 3, 3, 5});
  std::string text = fmt::format("conv {} {}", pick(random, {3, 8, 12, 16, 20, 33}), kernel);
  const std::size_t stride = pick(random, {1, 1, 2});
  if (stride != 1) text += fmt::format(" stride {}", stride);
  if (random.below(3) == 0) text += " dilation 2";
  if (kernel % 2 == 0 || random.below(2) == 0) text += " valid";
  if (random.below(2) == 0) text += ", norm";
  text += activation(random);
  if (stride == 1 && random.below(3) == 0)
    text += random.below(2) == 0 ? ", max-pool 2" : ", average-pool 2";
  return text;
}

/// Two convolutions around which what came in is added.
std::string random_residual(Random& random) {
  const std::size_t channels = pick(random, {16, 24});
  const std::string first = fmt::format("conv {} 1, norm, relu", channels);
  return random.below(2) == 0
             ? fmt::format(
                   "{}, conv {} 3, norm, relu, conv {} 3 dilation 2, norm, residual 5, relu", first,
                   channels, channels)
             : fmt::format("{}, conv {} 3, norm, residual 1, tanh, residual 4", first, channels);
}

std::string try_classifier(Random& random) {
  std::string text = random_block(random);
  if (random.below(2) == 0) text += ", " + random_residual(random);
  // Which values are dropped goes by where they lie, so channels that are not multiples of 16, and
  // are stored with others between them, lose other ones than in the plain network.
  if (random.below(2) == 0) text += ", conv 16 3 stride 2, relu, dropout 0.3";
  if (random.below(2) == 0) text += ", " + random_block(random);
  if (random.below(2) == 0) {
    text += fmt::format(", dense {}", pick(random, {10, 24, 33}));
    if (random.below(2) == 0) text += ", norm";
    text += activation(random);
  }
  return text + ", dense 10";
}

/// One that fits into a glyph.
std::string random_classifier(std::uint64_t seed) {
  for (Random random({seed});;) {
    const std::string text = try_classifier(random);
    try {
      parse_architecture(text);
      return text;
    } catch (const Error&) {  // nothing is left of the picture for some layer
    }
  }
}

/// Weights that a training might have left, with biases and statistics away from their first
/// values.
Model random_model(const std::string& text, std::uint64_t seed) {
  Model model = initialize(parse_architecture(text), seed);
  Random random({seed, 77});
  for (Tensor& tensor : model.weights) {
    if (!tensor.name.starts_with("norm")) continue;
    const bool positive = tensor.name.ends_with("var") || tensor.name.ends_with("weight");
    for (float& value : tensor.values) value = random.uniform() + (positive ? 0.3F : -0.5F);
  }
  return model;
}

std::vector<float> normalized(const Model& model, std::span<const std::uint8_t> glyphs) {
  std::vector<float> values(glyphs.size());
  normalize(glyphs, model.normalization, values.data());
  return values;
}

/// Of the mean cross-entropy of a batch, as a step takes it: chunk by chunk.
struct Expected {
  std::vector<float> logits;
  std::vector<Tensor> gradients;
};

constexpr std::uint64_t step_seed = 5;
constexpr std::uint64_t step_number = 3;

Expected expected_step(const Model& model, const Glyphs& glyphs) {
  const PlainNetwork network(model, model.architecture.input);
  Expected expected{{}, zero_weights(model.architecture)};
  const std::size_t rows = glyphs.labels.size();
  const std::size_t most = images_in_chunk(model.architecture.input);
  for (std::size_t begin = 0, chunk = 0; begin < rows; begin += most, ++chunk) {
    const std::size_t images = std::min(most, rows - begin);
    const std::uint64_t key = Random({step_seed, random_dropout, step_number, chunk}).next();
    const auto in = normalized(
        model, std::span(glyphs.pixels).subspan(begin * glyph_pixels, images * glyph_pixels));
    const PlainNetwork::Values values = network.train(in, images, key);
    std::vector<float> gradient = values.back();
    for (std::size_t i = 0; i < images; ++i) {
      const std::span<float> row = std::span(gradient).subspan(i * digit_count, digit_count);
      const float largest = *std::ranges::max_element(row);
      for (float& value : row) value = std::exp(value - largest);
      const float sum = std::accumulate(row.begin(), row.end(), 0.0F);
      for (float& value : row) value /= sum * static_cast<float>(rows);
      row[glyphs.labels[begin + i]] -= 1.0F / static_cast<float>(rows);
    }
    expected.logits.insert(expected.logits.end(), values.back().begin(), values.back().end());
    const std::vector<Tensor> own = network.gradients(values, images, key, gradient);
    for (std::size_t t = 0; t < own.size(); ++t) {
      for (std::size_t i = 0; i < own[t].values.size(); ++i)
        expected.gradients[t].values[i] += own[t].values[i];
    }
  }
  return expected;
}

/// So high that what a step leaves of the weights is their gradient.
constexpr float step_rate = 4096;

/// The gradients that a step of that type takes, from what it does to the weights.
Expected found_step(const Model& model, const Glyphs& glyphs, bool bf16, int threads) {
  Workers workers(threads);
  PlanOptions options;
  options.batch = glyphs.labels.size();
  options.bf16 = bf16;
  options.seed = step_seed;
  TrainingState state{model.weights, zero_weights(model.architecture), {}};
  TrainingPlan plan(model.architecture, model.normalization, options, state, workers);
  Batch batch = glyphs.all();
  batch.number = step_number;
  plan.step(batch, Sgd{step_rate, 0});
  Expected found{{plan.logits().begin(), plan.logits().end()}, plan.state().weights};
  for (std::size_t t = 0; t < found.gradients.size(); ++t) {
    for (std::size_t i = 0; i < found.gradients[t].values.size(); ++i)
      found.gradients[t].values[i] =
          (model.weights[t].values[i] - found.gradients[t].values[i]) / step_rate;
  }
  return found;
}

/// The same network without corners: rounding does not make a value change sides there.
std::string smoothed(std::string text) {
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>("relu", "tanh"), {"max-pool", "average-pool"}}) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
  }
  return text;
}

/// bf16 rounds each factor of each product to 8 bits. Twice the gradient would be at a distance of
/// 1.
double max_distance(const std::string& text, bool bf16) {
  if (bf16) return 0.4;
  return text == smoothed(text) ? 3e-4 : 0.03;
}

void expect_step(const std::string& text, std::uint64_t seed, bool bf16) {
  SCOPED_TRACE(text);
  const Model model = random_model(text, seed);
  const Glyphs glyphs = random_glyphs(41, seed);  // a whole chunk, and a smaller one
  const Expected expected = expected_step(model, glyphs);
  const Expected found = found_step(model, glyphs, bf16, 2);
  EXPECT_LT(distance(found.logits, expected.logits), bf16 ? 0.05 : 2e-5);
  for (std::size_t t = 0; t < expected.gradients.size(); ++t) {
    const Tensor& own = expected.gradients[t];
    if (is_statistic(own)) continue;
    EXPECT_LT(distance(found.gradients[t].values, own.values), max_distance(text, bf16))
        << own.name;
  }
}

TEST(PlainNetwork, TrainingInF32AgreesOverRandomNetworks) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    expect_step(random_classifier(seed), seed, false);
    expect_step(smoothed(random_classifier(seed)), seed, false);
  }
}

TEST(PlainNetwork, TrainingInBf16AgreesOverRandomNetworks) {
  if (!has_native_bf16()) GTEST_SKIP() << "this CPU has no bf16";
  for (std::uint64_t seed = 1; seed <= 12; ++seed) expect_step(random_classifier(seed), seed, true);
}

TEST(PlainNetwork, PresetsAgreeInTraining) {
  for (const char* preset : {"mlp", "lenet", "fast", "good"}) {
    expect_step(to_string(parse_architecture(preset)), 4, false);
    if (has_native_bf16()) expect_step(to_string(parse_architecture(preset)), 4, true);
  }
}

// ---- Its own gradients, by differences

TEST(PlainNetwork, GradientsAreWhatSmallChangesOfAWeightDo) {
  const Model model = random_model(
      "input 2 9 8, conv 4 3 dilation 2, norm, tanh, residual 1, conv 4 2 stride 2 valid, "
      "average-pool 2, conv 3 1",
      3);
  const std::size_t images = 3;
  Random random({9});
  std::vector<float> in(images * model.architecture.input.size());
  for (float& value : in) value = random.uniform() - 0.5F;
  // The loss is the sum of the outputs, each times a number of its own.
  const auto factor = [](std::size_t i) { return 0.3F * static_cast<float>(i % 7) - 1.0F; };
  const auto loss = [&](const Model& changed) {
    const auto out = PlainNetwork(changed, changed.architecture.input).train(in, images, 0).back();
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i) sum += static_cast<double>(out[i] * factor(i));
    return sum;
  };
  const PlainNetwork network(model, model.architecture.input);
  const auto values = network.train(in, images, 0);
  std::vector<float> gradient(values.back().size());
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = factor(i);
  const std::vector<Tensor> gradients = network.gradients(values, images, 0, gradient);
  for (std::size_t t = 0; t < gradients.size(); ++t) {
    if (is_statistic(gradients[t])) continue;
    for (std::size_t i = 0; i < gradients[t].values.size(); i += 3) {
      Model more = model;
      Model less = model;
      more.weights[t].values[i] += 0.01F;
      less.weights[t].values[i] -= 0.01F;
      EXPECT_NEAR((loss(more) - loss(less)) / 0.02, static_cast<double>(gradients[t].values[i]),
                  2e-2 * (1 + std::abs(static_cast<double>(gradients[t].values[i]))))
          << gradients[t].name << " " << i;
    }
  }
}

// ---- In use

std::vector<float> found_logits(const Model& model, const Glyphs& glyphs, DataType type) {
  std::vector<float> logits(glyphs.labels.size() * digit_count);
  InferencePlan(model, glyphs.labels.size(), type).run(glyphs.pixels, logits);
  return logits;
}

TEST(PlainNetwork, InferenceAgreesOverRandomNetworks) {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    const std::string text = random_classifier(seed);
    SCOPED_TRACE(text);
    const Model model = random_model(text, seed);
    const Glyphs glyphs = random_glyphs(5, seed);
    const PlainNetwork network(model, model.architecture.input);
    const auto expected = network.infer(normalized(model, glyphs.pixels), 5).back();
    EXPECT_LT(distance(found_logits(model, glyphs, DataType::f32), expected), 1e-5);
    if (has_native_bf16()) {
      EXPECT_LT(distance(found_logits(model, glyphs, DataType::bf16), expected), 0.05);
    }
  }
}

TEST(PlainNetwork, InferenceInInt8Agrees) {
  if (!has_native_int8()) GTEST_SKIP() << "this CPU has no products of bytes";
  for (const char* text : {"good", "best"}) {
    Model model = random_model(to_string(parse_architecture(text)), 2);
    const Glyphs glyphs = random_glyphs(32, 6);
    model.activation_ranges = measure_activation_ranges(model, glyphs.pixels);
    ASSERT_FALSE(model.activation_ranges.empty()) << text;
    const PlainNetwork network(model, model.architecture.input);
    const auto expected = network.infer(normalized(model, glyphs.pixels), 32).back();
    EXPECT_LT(distance(found_logits(model, glyphs, DataType::u8), expected), 0.03) << text;
  }
}

TEST(PlainNetwork, MapsOfPicturesOfAnySizeAgree) {
  const Model model = random_model(
      "input 1 32 32, conv 24 3 stride 2, norm, relu, conv 24 3, norm, relu, conv 24 3 dilation 4, "
      "norm, residual 5, relu, conv 24 5 stride 2 dilation 2, tanh, conv 5 1",
      8);
  for (const Shape& input : {Shape{1, 32, 32}, Shape{1, 61, 40}, Shape{1, 7, 130}}) {
    Random random({input.width});
    std::vector<float> in(2 * input.size());
    for (float& value : in) value = random.uniform() - 0.5F;
    const auto expected = PlainNetwork(model, input).infer(in, 2).back();
    for (const DataType type : {DataType::f32, DataType::bf16}) {
      if (type == DataType::bf16 && !has_native_bf16()) continue;
      const std::vector<Stage> stages = make_stages(model, 2, input, type);
      ForwardPass pass(stages, 2, input.size());
      std::vector<float> found(expected.size());
      if (type == DataType::f32) {
        std::ranges::copy(in, static_cast<float*>(pass.input()));
        std::copy_n(static_cast<const float*>(pass.run()), found.size(), found.data());
      } else {
        convert(in, static_cast<Bf16*>(pass.input()));
        const auto* out = static_cast<const Bf16*>(pass.run());
        std::transform(out, out + found.size(), found.begin(),
                       [](Bf16 value) { return load(value); });
      }
      EXPECT_LT(distance(found, expected), type == DataType::f32 ? 1e-5 : 0.03)
          << input.height << "x" << input.width;
    }
  }
}

// ---- Every alternative of Layer, wherever layers are known

constexpr const char* every_layer =
    "conv 16 3 dilation 2, norm, relu, conv 16 3, norm, residual 4, relu, max-pool 2, dropout "
    "0.25, "
    "conv 12 3 stride 2 valid, tanh, average-pool 2, dense 20, tanh, dense 10";

TEST(EveryLayer, IsInTheNetworkThatTheseTestsTake) {
  std::set<std::size_t> kinds;
  for (const Layer& layer : parse_architecture(every_layer).layers) kinds.insert(layer.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<Layer>);
}

TEST(EveryLayer, GoesThroughTextShapesAndWeights) {
  const Architecture architecture = parse_architecture(every_layer);
  EXPECT_EQ(parse_architecture(to_string(architecture)), architecture);
  EXPECT_EQ(to_string(architecture), every_layer);
  const auto placed = place_layers(architecture);
  ASSERT_EQ(placed.size(), architecture.layers.size());
  EXPECT_EQ(placed.back().out, (Shape{10, 1, 1}));
  const Model model = initialize(architecture, 1);
  EXPECT_NO_THROW(check_model(model));
  EXPECT_GT(operation_count(architecture), 0U);
}

TEST(EveryLayer, GoesThroughTrainingAndUse) {
  expect_step(every_layer, 21, false);
  const Model model = random_model(every_layer, 2);
  const Glyphs glyphs = random_glyphs(5, 2);
  const PlainNetwork network(model, model.architecture.input);
  const auto expected = network.infer(normalized(model, glyphs.pixels), 5).back();
  EXPECT_LT(distance(found_logits(model, glyphs, DataType::f32), expected), 1e-5);
}

TEST(EveryLayer, GoesThroughAFile) {
  const ScratchFolder scratch;
  const Model model = random_model(every_layer, 2);
  save_model(model, scratch / "model.safetensors");
  const Model loaded = load_model(scratch / "model.safetensors");
  EXPECT_EQ(loaded.architecture, model.architecture);
  ASSERT_EQ(loaded.weights.size(), model.weights.size());
  for (std::size_t t = 0; t < model.weights.size(); ++t)
    EXPECT_EQ(loaded.weights[t].values, model.weights[t].values);
}

TEST(Architecture, WithAnInputAndMapsIsWrittenOut) {
  const char* text = "input 3 64 128, conv 16 3 stride 2, relu, conv 7 1";
  const Architecture architecture = parse_architecture(text);
  EXPECT_EQ(architecture.input, (Shape{3, 64, 128}));
  EXPECT_EQ(to_string(architecture), text);
  EXPECT_EQ(output_shape(architecture), (Shape{7, 32, 64}));
  EXPECT_FALSE(is_classifier(architecture));
  EXPECT_THROW(check_classifier(architecture), Error);
  EXPECT_THROW(InferencePlan(initialize(architecture, 1), 1, DataType::f32), Error);
}

TEST(Architecture, RefusesResidualSumsThatCannotBe) {
  for (const char* text :
       {"residual 1, dense 10", "conv 16 3, residual 1, dense 10",
        "conv 16 3, residual 2, dense 10", "conv 16 3, conv 16 3 stride 2, residual 1, dense 10",
        "conv 16 3, conv 24 3, residual 1, dense 10", "conv 16 3, relu, residual 0, dense 10",
        "conv 16 3, relu, residual 21, dense 10",
        "conv 10 28 valid, dense 10, residual 1, dense 10", "conv 16 3 dilation 17, dense 10",
        "conv 16 3 dilation 16 valid, dense 10", "input 1 28, dense 10", "input 0 28 28, dense 10",
        "input 1 28 9000, conv 3 1", "input 1 2 3"}) {
    EXPECT_THROW(parse_architecture(text), Error) << text;
  }
}

}  // namespace
}  // namespace scrawl
