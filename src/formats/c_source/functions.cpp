#include "formats/c_source/functions.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace scrawl::c_source {

namespace {

struct Function {
  std::string_view name;
  std::vector<std::string_view> calls;
  std::string_view text;
};

// Values lie as (height, width, channels), the weights of a Linear as (outputs, kernel, kernel,
// channels): a row of the kernel and what it covers are one run of memory each.

constexpr std::string_view exponential = R"(
/* e^x of x <= 0. */
static float exponential(float x)
{
  if (!(x > -87.0F)) return 0.0F;
  /* 2^n e^r, with ln 2 in two parts (Cody and Waite 1980): r is within +-0.35. */
  const int n = (int)(x * 1.44269504F - 0.5F);
  const float r = (x - (float)n * 0.693359375F) + (float)n * 2.12194440e-4F;
  const float e = 1.0F + r * (1.0F + r * (1.0F / 2 + r * (1.0F / 6 + r * (1.0F / 24
                       + r * (1.0F / 120 + r * (1.0F / 720 + r * (1.0F / 5040)))))));
  const uint32_t bits = (uint32_t)(n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return e * power;
}
)";

constexpr std::string_view softmax = R"(
/* Logits become probabilities; returns the digit with the largest. */
static int softmax(float values[10])
{
  int digit = 0;
  float total = 0.0F;
  for (int i = 1; i < 10; ++i)
    if (values[i] > values[digit]) digit = i;
  const float largest = values[digit];
  for (int i = 0; i < 10; ++i) total += values[i] = exponential(values[i] - largest);
  for (int i = 0; i < 10; ++i) values[i] /= total;
  return digit;
}
)";

const std::vector<Function>& int8_functions() {
  static const std::vector<Function> functions{
      {"struct linear", {}, R"(
/* A convolution, then the largest of each pool x pool sums; or a dense layer, whose kernel covers
   all of its input. */
struct linear {
  int side, channels;             /* of the input */
  int kernel, stride, dilation, pool;
  int out_side, outputs;
  const int8_t *weights;          /* (outputs, kernel, kernel, channels) */
  const int32_t *offsets;         /* (outputs), added to the sums */
  const int32_t *multipliers;     /* (outputs): a sum * multiplier / 2^shift is a byte, */
  int shift;
  int zero;                       /* counted from the one that stands for 0 */
};
)"},
      {"dot", {}, R"(
static int32_t dot(const uint8_t *values, const int8_t *weights, int count)
{
  int32_t sum = 0;
  for (int i = 0; i < count; ++i) sum += values[i] * weights[i];
  return sum;
}
)"},
      {"kernel_sum", {"struct linear", "dot"}, R"(
/* What a kernel makes of the square at `in`. */
static int32_t kernel_sum(const struct linear *l, const uint8_t *in, const int8_t *weights)
{
  const int runs = l->dilation == 1 ? 1 : l->kernel;
  const int run = l->kernel / runs * l->channels;
  int32_t sum = 0;
  for (int y = 0; y < l->kernel; ++y)
    for (int x = 0; x < runs; ++x, weights += run)
      sum += dot(in + (y * l->side + x) * l->dilation * l->channels, weights, run);
  return sum;
}
)"},
      {"largest_sum", {"kernel_sum"}, R"(
/* Of the pool x pool sums that make pixel (x, y) of an output. */
static int32_t largest_sum(const struct linear *l, const uint8_t *in, int y, int x, int output)
{
  const int8_t *weights = l->weights + output * l->kernel * l->kernel * l->channels;
  int32_t largest = INT32_MIN;
  for (int v = y * l->pool; v < (y + 1) * l->pool; ++v)
    for (int u = x * l->pool; u < (x + 1) * l->pool; ++u) {
      const uint8_t *at = in + (v * l->side + u) * l->stride * l->channels;
      const int32_t sum = kernel_sum(l, at, weights);
      if (sum > largest) largest = sum;
    }
  return largest + l->offsets[output];
}
)"},
      {"shifted", {}, R"(
/* product / 2^shift, rounded to the nearest. */
static int64_t shifted(int64_t product, int shift)
{
  const int64_t half = (int64_t)1 << (shift - 1);
  return product < 0 ? -((half - product) >> shift) : (product + half) >> shift;
}
)"},
      {"to_byte", {}, R"(
static uint8_t to_byte(int64_t value)
{
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}
)"},
      {"linear", {"largest_sum", "shifted", "to_byte"}, R"(
/* Ends in a ReLU where 0 is the byte 0. */
static void linear(const struct linear *l, const uint8_t *in, uint8_t *out)
{
  for (int y = 0; y < l->out_side; ++y)
    for (int x = 0; x < l->out_side; ++x)
      for (int o = 0; o < l->outputs; ++o) {
        const int64_t sum = largest_sum(l, in, y, x, o);
        *out++ = to_byte(l->zero + shifted(sum * l->multipliers[o], l->shift));
      }
}
)"},
      {"linear_tanh", {"largest_sum", "shifted"}, R"(
/* The same, then a tanh; `table` has 127 times that of each 1/128, the byte 128 stands for 0. */
static void linear_tanh(const struct linear *l, const uint8_t *in, const uint8_t table[512],
                        uint8_t *out)
{
  for (int y = 0; y < l->out_side; ++y)
    for (int x = 0; x < l->out_side; ++x)
      for (int o = 0; o < l->outputs; ++o) {
        const int64_t sum = largest_sum(l, in, y, x, o);
        const int64_t value = shifted(sum * l->multipliers[o], l->shift);
        const int64_t size = value < 0 ? -value : value;
        const int active = table[size < 511 ? size : 511];
        *out++ = (uint8_t)(value < 0 ? 128 - active : 128 + active);
      }
}
)"},
      {"linear_logits", {"largest_sum"}, R"(
/* The last one: `steps` is what 1 in its sums stands for. */
static void linear_logits(const struct linear *l, const uint8_t *in, const float *steps, float *out)
{
  for (int o = 0; o < l->outputs; ++o) out[o] = (float)largest_sum(l, in, 0, 0, o) * steps[o];
}
)"},
      {"pad", {}, R"(
/* A border, of what stands for 0. */
static void pad(const uint8_t *in, int side, int channels, int border, uint8_t zero, uint8_t *out)
{
  const int row = (side + 2 * border) * channels;
  for (int i = 0; i < (side + 2 * border) * row; ++i) out[i] = zero;
  for (int y = 0; y < side; ++y)
    memcpy(out + (y + border) * row + border * channels, in + y * side * channels,
           (size_t)(side * channels));
}
)"},
      {"max_pool", {}, R"(
/* Of the squares of size x size pixels that fit. */
static void max_pool(const uint8_t *in, int side, int channels, int size, uint8_t *out)
{
  for (int y = 0; y < side / size; ++y)
    for (int x = 0; x < side / size; ++x)
      for (int c = 0; c < channels; ++c) {
        uint8_t largest = 0;
        for (int v = y * size; v < (y + 1) * size; ++v)
          for (int u = x * size; u < (x + 1) * size; ++u) {
            const uint8_t value = in[(v * side + u) * channels + c];
            if (value > largest) largest = value;
          }
        *out++ = largest;
      }
}
)"},
      {"average_pool", {}, R"(
/* Of the squares of size x size pixels that fit, rounded. */
static void average_pool(const uint8_t *in, int side, int channels, int size, uint8_t *out)
{
  for (int y = 0; y < side / size; ++y)
    for (int x = 0; x < side / size; ++x)
      for (int c = 0; c < channels; ++c) {
        int32_t sum = size * size / 2;
        for (int v = y * size; v < (y + 1) * size; ++v)
          for (int u = x * size; u < (x + 1) * size; ++u) sum += in[(v * side + u) * channels + c];
        *out++ = (uint8_t)(sum / (size * size));
      }
}
)"},
      {"scale", {"shifted", "to_byte"}, R"(
/* A normalization, channel by channel. */
static void scale(const uint8_t *in, int count, int channels, const int32_t *multipliers,
                  const int32_t *offsets, int shift, uint8_t *out)
{
  for (int i = 0; i < count; ++i) {
    const int c = i % channels;
    out[i] = to_byte(shifted(in[i] * (int64_t)multipliers[c] + offsets[c], shift));
  }
}
)"},
      {"look_up", {}, R"(
static void look_up(const uint8_t *in, int count, const uint8_t table[256], uint8_t *out)
{
  for (int i = 0; i < count; ++i) out[i] = table[in[i]];
}
)"},
      {"add", {"shifted", "to_byte"}, R"(
/* A residual sum. */
static void add(const uint8_t *in, int32_t multiplier, const uint8_t *other,
                int32_t other_multiplier, int32_t offset, int shift, int count, uint8_t *out)
{
  for (int i = 0; i < count; ++i) {
    const int64_t sum = in[i] * (int64_t)multiplier + other[i] * (int64_t)other_multiplier;
    out[i] = to_byte(shifted(sum + offset, shift));
  }
}
)"},
      {"exponential", {}, exponential},
      {"softmax", {"exponential"}, softmax},
  };
  return functions;
}

const std::vector<Function>& f32_functions() {
  static const std::vector<Function> functions{
      {"struct linear", {}, R"(
/* A convolution, then the largest of each pool x pool sums; or a dense layer, whose kernel covers
   all of its input. */
struct linear {
  int side, channels;  /* of the input */
  int kernel, stride, dilation, pool;
  int out_side, outputs;
  const float *weights;  /* (outputs, kernel, kernel, channels) */
  const float *bias;     /* (outputs) */
};
)"},
      {"normalize", {}, R"(
static void normalize(const uint8_t *glyph, float mean, float deviation, float *out)
{
  for (int i = 0; i < 784; ++i) out[i] = ((float)glyph[i] / 255.0F - mean) / deviation;
}
)"},
      {"dot", {}, R"(
static float dot(const float *values, const float *weights, int count)
{
  float sum = 0.0F;
  for (int i = 0; i < count; ++i) sum += values[i] * weights[i];
  return sum;
}
)"},
      {"kernel_sum", {"struct linear", "dot"}, R"(
/* What a kernel makes of the square at `in`. */
static float kernel_sum(const struct linear *l, const float *in, const float *weights)
{
  const int runs = l->dilation == 1 ? 1 : l->kernel;
  const int run = l->kernel / runs * l->channels;
  float sum = 0.0F;
  for (int y = 0; y < l->kernel; ++y)
    for (int x = 0; x < runs; ++x, weights += run)
      sum += dot(in + (y * l->side + x) * l->dilation * l->channels, weights, run);
  return sum;
}
)"},
      {"largest_sum", {"kernel_sum"}, R"(
/* Of the pool x pool sums that make pixel (x, y) of an output. */
static float largest_sum(const struct linear *l, const float *in, int y, int x, int output)
{
  const float *weights = l->weights + output * l->kernel * l->kernel * l->channels;
  float largest = -FLT_MAX;
  for (int v = y * l->pool; v < (y + 1) * l->pool; ++v)
    for (int u = x * l->pool; u < (x + 1) * l->pool; ++u) {
      const float *at = in + (v * l->side + u) * l->stride * l->channels;
      const float sum = kernel_sum(l, at, weights);
      if (sum > largest) largest = sum;
    }
  return largest + l->bias[output];
}
)"},
      {"linear", {"largest_sum"}, R"(
static void linear(const struct linear *l, const float *in, float *out)
{
  for (int y = 0; y < l->out_side; ++y)
    for (int x = 0; x < l->out_side; ++x)
      for (int o = 0; o < l->outputs; ++o) *out++ = largest_sum(l, in, y, x, o);
}
)"},
      {"pad", {}, R"(
/* A border of zeros. */
static void pad(const float *in, int side, int channels, int border, float *out)
{
  const int row = (side + 2 * border) * channels;
  for (int i = 0; i < (side + 2 * border) * row; ++i) out[i] = 0.0F;
  for (int y = 0; y < side; ++y)
    memcpy(out + (y + border) * row + border * channels, in + y * side * channels,
           (size_t)(side * channels) * sizeof *in);
}
)"},
      {"max_pool", {}, R"(
/* Of the squares of size x size pixels that fit. */
static void max_pool(const float *in, int side, int channels, int size, float *out)
{
  for (int y = 0; y < side / size; ++y)
    for (int x = 0; x < side / size; ++x)
      for (int c = 0; c < channels; ++c) {
        float largest = -FLT_MAX;
        for (int v = y * size; v < (y + 1) * size; ++v)
          for (int u = x * size; u < (x + 1) * size; ++u) {
            const float value = in[(v * side + u) * channels + c];
            if (value > largest) largest = value;
          }
        *out++ = largest;
      }
}
)"},
      {"average_pool", {}, R"(
/* Of the squares of size x size pixels that fit. */
static void average_pool(const float *in, int side, int channels, int size, float *out)
{
  for (int y = 0; y < side / size; ++y)
    for (int x = 0; x < side / size; ++x)
      for (int c = 0; c < channels; ++c) {
        float sum = 0.0F;
        for (int v = y * size; v < (y + 1) * size; ++v)
          for (int u = x * size; u < (x + 1) * size; ++u) sum += in[(v * side + u) * channels + c];
        *out++ = sum / (float)(size * size);
      }
}
)"},
      {"scale", {}, R"(
/* A normalization, channel by channel. */
static void scale(const float *in, int count, int channels, const float *factors,
                  const float *shifts, float *out)
{
  for (int i = 0; i < count; ++i) out[i] = in[i] * factors[i % channels] + shifts[i % channels];
}
)"},
      {"relu", {}, R"(
static void relu(const float *in, int count, float *out)
{
  for (int i = 0; i < count; ++i) out[i] = in[i] > 0.0F ? in[i] : 0.0F;
}
)"},
      {"exponential", {}, exponential},
      {"hyperbolic_tangent", {"exponential"}, R"(
static void hyperbolic_tangent(const float *in, int count, float *out)
{
  for (int i = 0; i < count; ++i) {
    const float e = exponential(in[i] < 0.0F ? 2 * in[i] : -2 * in[i]);
    const float size = (1.0F - e) / (1.0F + e);
    out[i] = in[i] < 0.0F ? -size : size;
  }
}
)"},
      {"add", {}, R"(
/* A residual sum. */
static void add(const float *in, const float *other, int count, float *out)
{
  for (int i = 0; i < count; ++i) out[i] = in[i] + other[i];
}
)"},
      {"softmax", {"exponential"}, softmax},
  };
  return functions;
}

const std::vector<Function>& functions_for(Precision precision) {
  return precision == Precision::int8 ? int8_functions() : f32_functions();
}

}  // namespace

void Functions::use(std::string_view name) {
  const std::vector<Function>& functions = functions_for(precision_);
  used_.resize(functions.size());
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (functions[i].name != name) continue;
    used_[i] = true;
    for (const std::string_view called : functions[i].calls) use(called);
    return;
  }
  throw std::out_of_range("no C function " + std::string(name));
}

std::string Functions::text() const {
  const std::vector<Function>& functions = functions_for(precision_);
  std::string text;
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) text += functions[i].text;
  }
  return text;
}

}  // namespace scrawl::c_source
