// Winograd's convolutions are those of the plain loops.
#include "products/winograd.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include "network/plain_loops.hpp"
#include "network/random.hpp"

namespace scrawl {
namespace {

std::vector<float> random_values(std::size_t count, Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = 2 * random.uniform() - 1;
  return values;
}

ConvolutionShape random_shape(Random& random) {
  ConvolutionShape shape{.images = 1 + random.below(3), .kernel = 3};
  shape.inputs = 16 + random.below(40);
  shape.outputs = 16 * (1 + random.below(3));
  shape.height = 12 + random.below(30);
  shape.width = 22 + random.below(50);
  shape.dilation = std::size_t{1} << random.below(3);
  shape.padding = shape.dilation;
  return shape;
}

/// The largest difference, as a share of the largest value.
float difference(const std::vector<float>& a, const std::vector<float>& b) {
  float most = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    most = std::max(most, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return most / largest;
}

TEST(Winograd, AgreesWithPlainLoopsOverRandomShapes) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random({seed});
    const ConvolutionShape shape = random_shape(random);
    ASSERT_TRUE(WinogradConvolution::fits(shape));
    const auto in = random_values(shape.images * shape.height * shape.width * shape.inputs, random);
    const auto weights = random_values(shape.taps() * shape.outputs, random);
    const auto bias = random_values(shape.outputs, random);
    const bool with_bias = random.below(2) == 1;
    const bool relu = random.below(2) == 1;
    std::vector<float> expected(shape.out_rows() * shape.outputs);
    plain::convolve(shape, in.data(), weights.data(), with_bias ? bias.data() : nullptr,
                    expected.data());
    if (relu)
      for (float& value : expected) value = std::max(value, 0.0F);
    WinogradConvolution convolution(shape);
    convolution.set_weights(weights.data());
    auto workspace = convolution.make_workspace();
    std::vector<float> out(expected.size(), std::numeric_limits<float>::quiet_NaN());
    convolution.forward(in.data(), with_bias ? bias.data() : nullptr,
                        relu ? 0 : -std::numeric_limits<float>::infinity(), workspace, out.data());
    EXPECT_LT(difference(out, expected), 1e-5F)
        << "seed " << seed << ", dilation " << shape.dilation << ", " << shape.height << "x"
        << shape.width;
    ASSERT_TRUE(std::ranges::none_of(out, [](float value) { return std::isnan(value); }));
  }
}

TEST(Winograd, IsNotForOtherKernelsOrSmallPictures) {
  ConvolutionShape shape{
      .inputs = 48, .outputs = 48, .height = 32, .width = 64, .kernel = 3, .padding = 1};
  ASSERT_TRUE(WinogradConvolution::fits(shape));
  ConvolutionShape other = shape;
  other.stride = 2;
  EXPECT_FALSE(WinogradConvolution::fits(other));
  other = shape;
  other.kernel = 5;
  EXPECT_FALSE(WinogradConvolution::fits(other));
  other = shape;
  other.padding = 0;
  EXPECT_FALSE(WinogradConvolution::fits(other));
  other = shape;
  other.outputs = 50;
  EXPECT_FALSE(WinogradConvolution::fits(other));
  other = shape;
  other.height = other.width = 7;
  EXPECT_FALSE(WinogradConvolution::fits(other));
}

}  // namespace
}  // namespace scrawl
