// Networks compiled to answer, in f32, bf16 and int8.
#include <atomic>
#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <span>
#include <thread>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "network/data_type.hpp"
#include "network/inference_plan.hpp"
#include "network/inference_stages.hpp"
#include "network/random.hpp"
#include "network_helpers.hpp"

namespace scrawl {
namespace {

TEST(InferencePlan, GivesTheSameAnswersFromManyThreadsAtOnce) {
  const InferencePlan plan(initialize(parse_architecture("mlp"), 1), 1, DataType::f32);
  const Glyphs glyphs = random_glyphs(16, 9);
  const auto answer = [&](std::size_t i) {
    std::vector<float> logits(digit_count);
    plan.run(std::span(glyphs.pixels).subspan(i * glyph_pixels, glyph_pixels), logits);
    return logits;
  };
  std::vector<std::vector<float>> expected;
  for (std::size_t i = 0; i < 16; ++i) expected.push_back(answer(i));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 400; ++i) wrong += answer(i % 16) != expected[i % 16] ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

/// Convolutions and dense layers of several sizes, pooling before and behind bytes.
Model model_for_int8() {
  Model model = initialize(
      parse_architecture("conv 6 5 valid, max-pool 2, norm, relu, conv 40 3, relu, max-pool 2, "
                         "conv 33 3 valid, norm, relu, dropout 0.5, dense 24, relu, dense 10"),
      3);
  model.temperature = 0.7F;
  Random random({11});
  for (Tensor& tensor : model.weights) {
    if (tensor.name.ends_with("running_mean")) {
      for (float& value : tensor.values) value = random.uniform() - 0.5F;
    }
  }
  return model;
}

TEST(InferencePlan, InInt8GivesNearlyTheSameLogits) {
  if (!has_native_int8()) GTEST_SKIP() << "this CPU has no products of bytes";
  Model model = model_for_int8();
  const Glyphs glyphs = random_glyphs(64, 9);
  model.activation_ranges = measure_activation_ranges(model, glyphs.pixels);
  ASSERT_EQ(model.activation_ranges.size(), 4U);
  const auto logits = [&](DataType type) {
    std::vector<float> values(64 * digit_count);
    InferencePlan(model, 64, type).run(glyphs.pixels, values);
    return values;
  };
  const std::vector<float> exact = logits(DataType::f32);
  const std::vector<float> bytes = logits(DataType::u8);
  EXPECT_LT(relative_error(bytes, exact), 0.02);
  EXPECT_NE(bytes, exact);
  EXPECT_EQ(fastest_type(model), DataType::u8);
}

TEST(InferencePlan, InInt8OneGlyphIsReadAsAmongMany) {
  if (!has_native_int8()) GTEST_SKIP() << "this CPU has no products of bytes";
  Model model = model_for_int8();
  const Glyphs glyphs = random_glyphs(8, 9);
  model.activation_ranges = measure_activation_ranges(model, glyphs.pixels);
  std::vector<float> many(8 * digit_count);
  std::vector<float> one(digit_count);
  InferencePlan(model, 8, DataType::u8).run(glyphs.pixels, many);
  InferencePlan(model, 1, DataType::u8)
      .run(std::span(glyphs.pixels).subspan(5 * glyph_pixels, glyph_pixels), one);
  for (std::size_t c = 0; c < digit_count; ++c) EXPECT_EQ(one[c], many[5 * digit_count + c]);
}

TEST(InferencePlan, HasNoBytesForValuesBelowZeroAndAveragesAndLittleWork) {
  const Glyphs glyphs = random_glyphs(4, 9);
  for (const char* text :
       {"fast", "lenet", "dense 1000, relu, dense 10", "conv 80 3, dense 10",
        "conv 80 3, relu, average-pool 2, dense 10", "conv 8 3, relu, dense 100, tanh, dense 10"}) {
    Model model = initialize(parse_architecture(text), 1);
    EXPECT_TRUE(measure_activation_ranges(model, glyphs.pixels).empty()) << text;
    EXPECT_NE(fastest_type(model), DataType::u8) << text;
    EXPECT_THROW(InferencePlan(model, 1, DataType::u8), Error) << text;
  }
}

TEST(InferencePlan, RefusesRangesThatDoNotFit) {
  Model model = model_for_int8();
  model.activation_ranges = {1, 2, 3};
  EXPECT_THROW(InferencePlan(model, 1, DataType::f32), Error);
  for (const char* text : {"conv 8 3, norm, tanh, dense 20, relu, dense 10",
                           "conv 8 3, relu, average-pool 2, dense 20, relu, dense 10",
                           "dense 20, relu, dense 20, relu, dense 10"}) {
    model = initialize(parse_architecture(text), 1);
    model.activation_ranges = {1, 2};
    EXPECT_THROW(InferencePlan(model, 1, DataType::u8), Error) << text;
  }
}

TEST(InferencePlan, InInt8StandsAbsurdRanges) {
  if (!has_native_int8()) GTEST_SKIP() << "this CPU has no products of bytes";
  Model model = model_for_int8();
  const Glyphs glyphs = random_glyphs(1, 9);
  for (const float range : {0.0F, 1e-45F, 1e-19F, 3e38F}) {
    model.activation_ranges.assign(4, range);
    std::vector<float> logits(digit_count);
    const InferencePlan plan(model, 1, DataType::u8);
    try {
      plan.run(glyphs.pixels, logits);
      for (const float logit : logits) EXPECT_TRUE(std::isfinite(logit)) << range;
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "model: its logits are not finite: the weights are too large");
    }
  }
}

TEST(InferencePlan, RefusesWeightsThatDoNotFit) {
  Model model = initialize(parse_architecture("mlp"), 1);
  model.weights[2].shape = {128, 255};
  EXPECT_THROW(InferencePlan(model, 1, DataType::f32), Error);
  model = initialize(parse_architecture("mlp"), 1);
  model.weights[0].values[17] = NAN;
  EXPECT_THROW(InferencePlan(model, 1, DataType::f32), Error);
  model.weights.pop_back();
  EXPECT_THROW(InferencePlan(model, 1, DataType::f32), Error);
}

TEST(InferencePlan, RefusesModelsThatNoFileCouldHold) {
  const auto refuses = [](auto change) {
    Model model = model_for_int8();
    change(model);
    EXPECT_THROW(InferencePlan(model, 1, DataType::f32), Error);
  };
  refuses([](Model& model) { model = {}; });
  refuses([](Model& model) { model.architecture.layers.emplace_back(Pool{Pool::Kind::max, 0}); });
  refuses([](Model& model) { model.temperature = 0; });
  refuses([](Model& model) { model.normalization.std = NAN; });
  refuses([](Model& model) { model.activation_ranges = {1, NAN, 1, 1}; });
}

}  // namespace
}  // namespace scrawl
