// What a page reader's maps should say, how far they are from it, and training toward it: against
// PyTorch, numerical gradients and the plain network.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "network/data_type.hpp"
#include "network/kernels.hpp"
#include "network/plain_network.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "network_helpers.hpp"
#include "network_training/detection_loss.hpp"
#include "network_training/detection_targets.hpp"
#include "network_training/layer_step.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"
#include "pytorch_fixture.hpp"

namespace scrawl {
namespace {

constexpr std::size_t channels = DetectionChannels::count;

/// As make_fixtures.py has them.
std::vector<DetectionTargets> fixture_targets() {
  const std::vector<TargetMark> first{{7, {2.5F, 3, 11, 18.5F}, true},
                                      {3, {9, 4, 19.25F, 20}, true},
                                      {11, {21, 15, 23, 19}, true},
                                      {other_symbol, {26, 2, 38, 21}, false}};
  const std::vector<TargetMark> second{{0, {-2, 1, 9, 13}, false},
                                       {1, {30, 8, 33, 24}, false},
                                       {other_symbol, {10, 2, 31, 9}, true}};
  const std::vector<Rectangle> first_ignored{{0, 20, 10.5F, 24}};
  const std::vector<Rectangle> second_ignored{{12, 12, 26, 22}, {-3, 20, 50, 30}};
  const std::vector<Rectangle> first_small{{0, 20, 10.5F, 24}};
  const std::vector<Rectangle> second_small{{24, 13, 27, 18}};
  return {make_targets(first, first_ignored, first_small, 6, 10),
          make_targets(second, second_ignored, second_small, 6, 10)};
}

DetectionCounts counts_of(std::span<const DetectionTargets> targets) {
  DetectionCounts counts;
  for (const DetectionTargets& own : targets) counts.add(own);
  return counts;
}

/// Of all pictures, whose maps lie behind each other.
struct Loss {
  DetectionSum sum;
  std::vector<float> gradient;
};

Loss loss_of(std::span<const float> maps, std::span<const DetectionTargets> targets) {
  Loss loss{{}, std::vector<float>(maps.size())};
  const std::size_t size = maps.size() / targets.size();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    loss.sum += detection_loss(maps.data() + i * size, targets[i], counts_of(targets),
                               loss.gradient.data() + i * size);
  }
  return loss;
}

// ---- Targets and loss

TEST(DetectionTargets, AgreeWithTheFixture) {
  const PyTorch torch("pytorch_pages.safetensors");
  std::vector<float> found[7];
  for (const DetectionTargets& own : fixture_targets()) {
    for (std::size_t i = 0; i < own.center.size(); ++i) {
      found[0].push_back(own.center[i]);
      found[1].push_back(own.counted[i]);
      found[2].push_back(own.weight[i]);
      found[3].push_back(own.symbol[i]);
      found[4].push_back(own.handwritten[i] ? 1.0F : 0.0F);
      found[5].push_back(own.too_small[i] ? 1.0F : 0.0F);
      found[6].insert(found[6].end(), own.box[i].begin(), own.box[i].end());
    }
  }
  const char* names[] = {"center", "counted", "weight", "symbol", "written", "too_small", "box"};
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_LT(relative_error(found[i], torch[fmt::format("targets.{}", names[i])]), 1e-6)
        << names[i];
  }
}

TEST(DetectionTargets, HaveAPeakOfOneForEachDigitAndSignAndNoneForOthers) {
  const auto targets = fixture_targets();
  EXPECT_EQ(targets[0].peaks, 3U);
  EXPECT_EQ(targets[1].peaks, 2U);
  EXPECT_EQ(targets[0].center[2 * 10 + 1], 1.0F);  // of the 7: its box's middle is at (6.75, 10.75)
  EXPECT_EQ(targets[0].symbol[2 * 10 + 1], 7);
  EXPECT_LT(targets[0].center[2 * 10 + 8], 0.01F);  // of the one that is none
  EXPECT_EQ(targets[0].symbol[2 * 10 + 8], other_symbol);
}

TEST(DetectionTargets, ADigitCountsInAnIgnoredAreaAndOverAnotherMark) {
  const std::vector<TargetMark> marks{{other_symbol, {0, 0, 16, 16}, false},
                                      {4, {0, 0, 16, 16}, true}};
  const DetectionTargets targets =
      make_targets(marks, std::vector<Rectangle>{{0, 0, 40, 40}}, {}, 8, 8);
  const std::size_t peak = 2 * 8 + 2;
  EXPECT_EQ(targets.center[peak], 1.0F);
  EXPECT_EQ(targets.symbol[peak], 4);
  EXPECT_EQ(targets.counted[peak], 1.0F);
  EXPECT_EQ(targets.counted[peak + 1], 0.0F);
  EXPECT_EQ(std::ranges::count(targets.counted, 0.0F), 64 - 1);
}

TEST(DetectionTargets, ALowDigitIsTooSmallAndALetterIsNot) {
  const std::vector<TargetMark> marks{
      {5, {0, 0, 7, 10}, true}, {5, {12, 0, 19, 14}, true}, {other_symbol, {24, 0, 31, 10}, true}};
  const DetectionTargets targets =
      make_targets(marks, {}, std::vector<Rectangle>{{0, 28, 5, 31}}, 8, 8);
  std::string cells;
  for (const bool small : targets.too_small) cells += small ? '#' : '.';
  EXPECT_EQ(cells,
            "##......"
            "##......"
            "##......"
            "........"
            "........"
            "........"
            "........"
            "##......");
}

TEST(DetectionTargets, OfNothingAreEmpty) {
  const DetectionTargets targets = make_targets({}, {}, {}, 4, 5);
  EXPECT_EQ(targets.peaks, 0U);
  EXPECT_EQ(targets.weights, 0);
  EXPECT_EQ(std::ranges::count(targets.counted, 1.0F), 20);
  const std::vector<float> maps(20 * channels, -1.0F);
  const Loss loss = loss_of(maps, std::vector{targets});
  EXPECT_GT(loss.sum.center, 0);
  EXPECT_EQ(loss.sum.symbol + loss.sum.box + loss.sum.handwritten, 0);
}

TEST(DetectionLoss, AndItsGradientAgreeWithPyTorch) {
  const PyTorch torch("pytorch_pages.safetensors");
  const Loss loss = loss_of(torch["maps"], fixture_targets());
  const float parts[] = {static_cast<float>(loss.sum.center), static_cast<float>(loss.sum.symbol),
                         static_cast<float>(loss.sum.box), static_cast<float>(loss.sum.handwritten),
                         static_cast<float>(loss.sum.too_small)};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(parts[i], torch["parts"][i], 1e-5) << i;
  for (std::size_t c = 0; c < channels; ++c) {
    std::vector<float> found;
    std::vector<float> expected;
    for (std::size_t i = c; i < loss.gradient.size(); i += channels) {
      found.push_back(loss.gradient[i]);
      expected.push_back(torch["gradient"][i]);
    }
    EXPECT_LT(relative_error(found, expected), 1e-5) << c;
  }
}

TEST(DetectionLoss, CountsPeaksFoundAndRight) {
  const auto targets = fixture_targets();
  std::vector<float> maps(6 * 10 * channels, 0.0F);
  float* seven = maps.data() + (2 * 10 + 1) * channels;
  seven[DetectionChannels::center] = -0.3F;
  seven[DetectionChannels::symbols + 7] = 1;
  for (const float center : {-0.5F, -0.3F}) {
    seven[DetectionChannels::center] = center;
    const DetectionSum sum = loss_of(maps, std::span(targets).first(1)).sum;
    EXPECT_EQ(sum.peaks, 3U);
    EXPECT_EQ(sum.found, center > -0.4F ? 3U : 2U);  // others' logits of 0 are above .4 too
    EXPECT_EQ(sum.correct, 1U);
  }
}

// ---- Training

/// Made-up pictures of a page reader's input, and views of them.
struct Pages {
  std::vector<std::uint8_t> pixels;
  std::vector<const std::uint8_t*> images;
  std::vector<DetectionTargets> targets;

  PageBatch first(std::size_t count) const {
    return {std::span(images).first(count), std::span(targets).first(count)};
  }
};

Pages random_pages(std::size_t count, const Shape& input, std::uint64_t seed) {
  Random random({seed});
  Pages pages;
  pages.pixels.resize(count * input.size());
  for (auto& pixel : pages.pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  for (std::size_t i = 0; i < count; ++i) {
    pages.images.push_back(pages.pixels.data() + i * input.size());
    std::vector<TargetMark> marks;
    for (std::size_t k = 0; k < 1 + 3 * i; ++k) {
      const float left = random.uniform() * static_cast<float>(input.width - 8);
      const float top = random.uniform() * static_cast<float>(input.height - 12);
      marks.push_back({random.below(symbol_count), {left, top, left + 8, top + 12}, i % 2 == 0});
    }
    pages.targets.push_back(
        make_targets(marks, {}, {}, input.height / cell_pixels, input.width / cell_pixels));
  }
  return pages;
}

TrainingState state_of(const Model& model) {
  return {model.weights, zero_weights(model.architecture), {}};
}

constexpr const char* reader =
    "input 1 64 96, conv 16 3 stride 2, norm, relu, conv 24 3 stride 2, norm, relu, conv 24 3, "
    "norm, relu, conv 24 3 dilation 2, norm, residual 5, relu, conv 24 3, norm, residual 2, relu, "
    "conv 23 1";

/// What a step is to find: the loss, and its gradient by the weights, chunk by chunk.
struct Expected {
  double loss = 0;
  std::vector<Tensor> gradients;
};

Expected expected_step(const Model& model, const Pages& pages) {
  const Shape& input = model.architecture.input;
  const PlainNetwork network(model, input);
  Expected expected{0, zero_weights(model.architecture)};
  const std::size_t most = images_in_chunk(input);
  const std::size_t count = pages.images.size();
  for (std::size_t begin = 0; begin < count; begin += most) {
    const std::size_t images = std::min(most, count - begin);
    std::vector<float> in(images * input.size());
    normalize({pages.images[begin], in.size()}, model.normalization, in.data());
    const PlainNetwork::Values values = network.train(in, images, 0);
    const std::size_t size = values.back().size() / images;
    std::vector<float> gradient(values.back().size());
    for (std::size_t i = 0; i < images; ++i) {
      expected.loss += detection_loss(values.back().data() + i * size, pages.targets[begin + i],
                                      counts_of(pages.targets), gradient.data() + i * size)
                           .loss();
    }
    const std::vector<Tensor> own = network.gradients(values, images, 0, gradient);
    for (std::size_t t = 0; t < own.size(); ++t) {
      for (std::size_t i = 0; i < own[t].values.size(); ++i)
        expected.gradients[t].values[i] += own[t].values[i];
    }
  }
  return expected;
}

TEST(PageTraining, GradientsAgreeWithThePlainNetworks) {
  const Model model = initialize(parse_architecture(reader), 3);
  const Pages pages = random_pages(6, model.architecture.input, 2);  // a chunk of 4, and of 2
  const Expected expected = expected_step(model, pages);
  constexpr float rate = 4096;
  for (const bool bf16 : {false, true}) {
    if (bf16 && !has_native_bf16()) continue;
    Workers workers(2);
    TrainingPlan plan(model.architecture, model.normalization, {.batch = 6, .bf16 = bf16},
                      state_of(model), workers);
    const DetectionSum sum = plan.gradient(pages.first(6));
    EXPECT_NEAR(sum.loss(), expected.loss, (bf16 ? 2e-2 : 1e-5) * expected.loss);
    plan.update(Sgd{rate, 0});
    const TrainingState state = plan.state();
    for (std::size_t t = 0; t < expected.gradients.size(); ++t) {
      const Tensor& own = expected.gradients[t];
      if (is_statistic(own)) continue;
      double difference = 0;
      double length = 0;
      for (std::size_t i = 0; i < own.values.size(); ++i) {
        const double found =
            static_cast<double>(model.weights[t].values[i] - state.weights[t].values[i]) / rate;
        const auto right = static_cast<double>(own.values[i]);
        difference += (found - right) * (found - right);
        length += right * right;
      }
      EXPECT_LT(std::sqrt(difference / length), bf16 ? 0.4 : 3e-3) << own.name << " bf16 " << bf16;
    }
  }
}

/// A single normalization: what renormalization makes of it is one with other weights.
TEST(PageTraining, RenormalizationIsANormalizationWithOtherWeights) {
  Model model = initialize(
      parse_architecture("input 1 24 40, conv 16 3 stride 2, norm, tanh, conv 23 3 stride 2"), 3);
  const Shape& input = model.architecture.input;
  const Pages pages = random_pages(2, input, 2);
  std::vector<float> in(2 * input.size());
  normalize(pages.pixels, model.normalization, in.data());
  const PlainNetwork::Values values = PlainNetwork(model, input).train(in, 2, 0);
  Tensor* norm = &model.weights[1];  // weight, bias, running mean, running variance
  constexpr Renormalization most{1.5F, 0.4F};
  std::vector<float> ratio(16);
  std::vector<float> offset(16);
  Model equal = model;
  for (std::size_t c = 0; c < 16; ++c) {
    double mean = 0;
    double square = 0;
    const std::size_t rows = values[1].size() / 16;
    for (std::size_t i = c; i < values[1].size(); i += 16) {
      mean += static_cast<double>(values[1][i]) / static_cast<double>(rows);
      square += static_cast<double>(values[1][i] * values[1][i]) / static_cast<double>(rows);
    }
    const double variance = square - mean * mean;
    // A quarter of the channels is beyond each limit.
    norm[0].values[c] = equal.weights[1].values[c] = 1.3F;
    norm[2].values[c] = static_cast<float>(mean + std::sqrt(variance) * (c % 2 == 0 ? 0.2 : -3));
    norm[3].values[c] = static_cast<float>(variance * (c % 4 < 2 ? 1.4 : 9));
    const double running = 1 / std::sqrt(static_cast<double>(norm[3].values[c]) + 1e-5);
    ratio[c] = static_cast<float>(std::clamp(std::sqrt(variance + 1e-5) * running,
                                             1 / static_cast<double>(most.max_ratio), 1.5));
    offset[c] = static_cast<float>(
        std::clamp((mean - static_cast<double>(norm[2].values[c])) * running, -0.4, 0.4));
    equal.weights[1].values[c] = 1.3F * ratio[c];
    equal.weights[2].values[c] = norm[1].values[c] + 1.3F * offset[c];
  }
  Expected expected = expected_step(equal, pages);
  for (std::size_t c = 0; c < 16; ++c) {
    float& weight = expected.gradients[1].values[c];
    weight = ratio[c] * weight + offset[c] * expected.gradients[2].values[c];
  }
  Workers workers(1);
  TrainingPlan plan(model.architecture, model.normalization, {.batch = 2}, state_of(model),
                    workers);
  PageBatch batch = pages.first(2);
  batch.renormalization = most;
  EXPECT_NEAR(plan.gradient(batch).loss(), expected.loss, 1e-5 * expected.loss);
  plan.update(Sgd{4096, 0});
  const std::vector<Tensor> after = plan.state().weights;
  for (const std::size_t t : {0U, 1U, 2U, 5U, 6U}) {
    std::vector<float> found;
    for (std::size_t i = 0; i < after[t].values.size(); ++i)
      found.push_back((model.weights[t].values[i] - after[t].values[i]) / 4096);
    EXPECT_LT(relative_error(found, expected.gradients[t].values), 1e-3) << after[t].name;
  }
}

TEST(PageTraining, FiveStepsOfClippedAdamWAgreeWithPyTorch) {
  const PyTorch torch("pytorch_pages.safetensors");
  Model model = torch.model(
      "input 1 24 40, conv 16 3 stride 2, norm, relu, conv 16 3 stride 2, relu, conv 23 1");
  const auto pixels = torch["images"];
  const std::vector<std::uint8_t> bytes(pixels.begin(), pixels.end());
  const std::vector<const std::uint8_t*> images{bytes.data(), bytes.data() + bytes.size() / 2};
  const std::vector<DetectionTargets> targets = fixture_targets();
  Workers workers(2);
  TrainingPlan plan(model.architecture, {}, {.batch = 2, .squares = true}, state_of(model),
                    workers);
  AdamW adam{.rate = 0.01F, .decay = 0.05F, .max_norm = 1.5F};
  for (std::size_t step = 0; step < 5; ++step, ++adam.number) {
    EXPECT_NEAR(plan.gradient(PageBatch{images, targets}).loss(), torch["losses"][step], 2e-4)
        << step;
    plan.update(adam);
  }
  for (const Tensor& tensor : plan.state().weights) {
    if (is_statistic(tensor)) continue;
    EXPECT_LT(relative_error(tensor.values, torch["after." + tensor.name]), 1e-3) << tensor.name;
  }
}

TEST(PageTraining, DoesNotDependOnTheNumberOfThreads) {
  const Architecture architecture = parse_architecture(reader);
  const Pages pages = random_pages(9, architecture.input, 6);
  std::vector<TrainingState> states;
  for (const int threads : {1, 2, 5}) {
    Workers workers(threads);
    TrainingPlan plan(architecture, {},
                      {.batch = 9, .bf16 = has_native_bf16(), .weight_ema = true, .squares = true},
                      state_of(initialize(architecture, 1)), workers);
    AdamW adam{.rate = 1e-3F, .decay = 0.02F, .max_norm = 1, .ema_decay = 0.9F};
    for (const std::size_t count : {9U, 9U, 5U, 1U}) {
      plan.gradient(pages.first(count));
      plan.update(adam);
      ++adam.number;
    }
    states.push_back(plan.state());
  }
  for (std::size_t t = 0; t < states[0].weights.size(); ++t) {
    for (const TrainingState& other : std::span(states).subspan(1)) {
      EXPECT_EQ(states[0].weights[t].values, other.weights[t].values);
      EXPECT_EQ(states[0].weight_ema[t].values, other.weight_ema[t].values);
      EXPECT_EQ(states[0].squares[t].values, other.squares[t].values);
    }
  }
}

TEST(PageTraining, GoesOnFromItsState) {
  const Architecture architecture = parse_architecture(reader);
  const Pages pages = random_pages(3, architecture.input, 6);
  Workers workers(2);
  const PlanOptions options{.batch = 3, .weight_ema = true, .squares = true};
  AdamW adam{.rate = 1e-3F, .ema_decay = 0.9F};
  TrainingPlan first(architecture, {}, options, state_of(initialize(architecture, 1)), workers);
  first.gradient(pages.first(3));
  first.update(adam);
  TrainingPlan second(architecture, {}, options, first.state(), workers);
  ++adam.number;
  for (TrainingPlan* plan : {&first, &second}) {
    plan->gradient(pages.first(3));
    plan->update(adam);
  }
  for (std::size_t t = 0; t < first.state().weights.size(); ++t) {
    EXPECT_EQ(first.state().weights[t].values, second.state().weights[t].values);
    EXPECT_EQ(first.state().weight_ema[t].values, second.state().weight_ema[t].values);
  }
}

TEST(PageTraining, RefusesWhatIsNoPageReader) {
  Workers workers(1);
  const auto plan_of = [&](const char* text, PlanOptions options = {.batch = 2}) {
    const Architecture architecture = parse_architecture(text);
    return std::make_unique<TrainingPlan>(architecture, Normalization(), options,
                                          state_of(initialize(architecture, 1)), workers);
  };
  EXPECT_THROW(plan_of("input 1 64 96, conv 22 3 stride 2"), Error);
  EXPECT_THROW(plan_of("input 1 64 96, conv 16 3 stride 2, conv 21 3 stride 2"), Error);
  const Pages pages = random_pages(3, {1, 64, 96}, 1);
  EXPECT_THROW(plan_of("dense 10")->gradient(pages.first(2)), std::invalid_argument);
  EXPECT_THROW(plan_of("dense 10", {.batch = 2, .steps = Steps::plain})->gradient(pages.first(2)),
               std::invalid_argument);
  const auto plan = plan_of(reader);
  EXPECT_THROW(plan->gradient(pages.first(3)), std::invalid_argument);
  EXPECT_THROW(plan->gradient(random_glyphs(2, 1).all()), std::invalid_argument);
  plan->gradient(pages.first(2));
  EXPECT_THROW(plan->update(AdamW{.rate = 1e-3F}), std::invalid_argument);
}

}  // namespace
}  // namespace scrawl
