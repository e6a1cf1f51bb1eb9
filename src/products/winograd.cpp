#include "products/winograd.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "network/clones.hpp"
#include "products/channel_block.hpp"

namespace scrawl {

namespace {

constexpr std::size_t out_side = 4;  // of a tile
constexpr std::size_t in_side = 6;
constexpr std::size_t points = in_side * in_side;

/// Tiles that are multiplied together: so many share a read of the weights, and what is between
/// the steps stays in the second cache.
constexpr std::size_t group = 16;

/// One channel's line of three weights to six numbers: G of the paper.
std::array<float, in_side> transform_weights(float a, float b, float c) {
  return {
      a / 4, -(a + b + c) / 6, -(a - b + c) / 6, a / 24 + b / 12 + c / 6, a / 24 - b / 12 + c / 6,
      c};
}

/// A line of six pixels of `channels` numbers each to six others: the paper's transposed B. The
/// results are `out_step` apart.
SCRAWL_CLONES void transform_line(const std::array<const float*, in_side>& in, std::size_t channels,
                                  std::size_t out_step, float* __restrict out) {
  for (std::size_t c = 0; c < channels; ++c) {
    const float a = in[0][c], b = in[1][c], d = in[2][c], e = in[3][c], f = in[4][c], g = in[5][c];
    out[c] = 4 * a - 5 * d + f;
    out[out_step + c] = (f - 4 * d) + (e - 4 * b);
    out[2 * out_step + c] = (f - 4 * d) - (e - 4 * b);
    out[3 * out_step + c] = (f - d) + 2 * (e - b);
    out[4 * out_step + c] = (f - d) - 2 * (e - b);
    out[5 * out_step + c] = 4 * b - 5 * e + g;
  }
}

/// A line of six sums, `in_step` apart, to four pixels: the paper's transposed A.
SCRAWL_CLONES void transform_back(const float* in, std::size_t in_step, std::size_t channels,
                                  std::size_t out_step, float* __restrict out) {
  for (std::size_t c = 0; c < channels; ++c) {
    const float a = in[c];
    const float near = in[in_step + c] + in[2 * in_step + c];
    const float near_apart = in[in_step + c] - in[2 * in_step + c];
    const float far = in[3 * in_step + c] + in[4 * in_step + c];
    const float far_apart = in[3 * in_step + c] - in[4 * in_step + c];
    out[c] = a + near + far;
    out[out_step + c] = near_apart + 2 * far_apart;
    out[2 * out_step + c] = near + 4 * far;
    out[3 * out_step + c] = near_apart + 8 * far_apart + in[5 * in_step + c];
  }
}

}  // namespace

/// Its first pixel out, and how far apart its pixels are.
struct WinogradConvolution::Tile {
  std::size_t y;
  std::size_t x;
};

bool WinogradConvolution::fits(const ConvolutionShape& shape) {
  return shape.kernel == 3 && shape.stride == 1 && shape.padding == shape.dilation &&
         shape.inputs >= block_outputs && shape.outputs % block_outputs == 0 &&
         shape.height >= 3 * shape.dilation && shape.width >= 3 * shape.dilation &&
         shape.height * shape.width >= group * out_side * out_side;
}

WinogradConvolution::WinogradConvolution(const ConvolutionShape& shape) : shape_(shape) {}

void WinogradConvolution::set_weights(const float* by_tap) {
  const std::size_t step = shape_.inputs * shape_.outputs;  // from tap to tap
  if (!weights_) weights_ = std::make_shared<std::vector<float>>(points * step);
  for (std::size_t i = 0; i < step; ++i) {
    std::array<std::array<float, in_side>, 3> rows;
    for (std::size_t ky = 0; ky < 3; ++ky) {
      const float* row = by_tap + 3 * ky * step + i;
      rows[ky] = transform_weights(row[0], row[step], row[2 * step]);
    }
    for (std::size_t x = 0; x < in_side; ++x) {
      const auto column = transform_weights(rows[0][x], rows[1][x], rows[2][x]);
      for (std::size_t y = 0; y < in_side; ++y)
        (*weights_)[(y * in_side + x) * step + i] = column[y];
    }
  }
}

WinogradConvolution::Workspace WinogradConvolution::make_workspace() const {
  const std::size_t in = shape_.inputs;
  const std::size_t out = shape_.outputs;
  return {std::vector<float>(in),
          std::vector<float>(points * in),
          std::vector<float>(points * group * in),
          std::vector<float>(points * group * out),
          std::vector<float>(out_side * in_side * out),
          std::vector<float>(out_side * out)};
}

std::vector<WinogradConvolution::Tile> WinogradConvolution::tiles_of_picture() const {
  std::vector<Tile> tiles;
  const std::size_t apart = shape_.dilation;
  for (std::size_t y0 = 0; y0 < apart; ++y0)
    for (std::size_t x0 = 0; x0 < apart; ++x0)
      for (std::size_t y = y0; y < shape_.height; y += out_side * apart)
        for (std::size_t x = x0; x < shape_.width; x += out_side * apart) tiles.push_back({y, x});
  return tiles;
}

void WinogradConvolution::transform_input(const Tile& tile, const float* picture, std::size_t place,
                                          Workspace& workspace) const {
  const std::size_t channels = shape_.inputs;
  for (std::size_t i = 0; i < in_side; ++i) {
    const std::size_t y = tile.y + i * shape_.dilation - shape_.dilation;  // wraps round above 0
    std::array<const float*, in_side> line;
    for (std::size_t j = 0; j < in_side; ++j) {
      const std::size_t x = tile.x + j * shape_.dilation - shape_.dilation;
      const bool inside = y < shape_.height && x < shape_.width;
      line[j] = inside ? picture + (y * shape_.width + x) * channels : workspace.zeros.data();
    }
    transform_line(line, channels, channels, workspace.rows.data() + i * in_side * channels);
  }
  for (std::size_t j = 0; j < in_side; ++j) {
    std::array<const float*, in_side> line;
    for (std::size_t i = 0; i < in_side; ++i)
      line[i] = workspace.rows.data() + (i * in_side + j) * channels;
    transform_line(line, channels, in_side * group * channels,
                   workspace.inputs.data() + (j * group + place) * channels);
  }
}

/// 36 products of (tiles, inputs) by (inputs, outputs); the last block may have more tiles than it
/// is asked for.
void WinogradConvolution::multiply(std::size_t tiles, Workspace& workspace) const {
  const ConvolutionShape product{.inputs = shape_.inputs, .outputs = shape_.outputs, .kernel = 1};
  constexpr float any = -std::numeric_limits<float>::infinity();
  for (std::size_t p = 0; p < points; ++p) {
    const float* weights = weights_->data() + p * shape_.inputs * shape_.outputs;
    for (std::size_t o = 0; o < shape_.outputs; o += block_outputs) {
      for (std::size_t tile = 0; tile < tiles; tile += block_pixels) {
        const std::size_t row = p * group + tile;
        convolve_block(product, workspace.inputs.data() + row * shape_.inputs, 0, weights + o,
                       nullptr, any, workspace.products.data() + row * shape_.outputs + o);
      }
    }
  }
}

void WinogradConvolution::transform_output(const Tile& tile, std::size_t place, const float* bias,
                                           float least, Workspace& workspace,
                                           float* picture) const {
  const std::size_t channels = shape_.outputs;
  const std::size_t from_point = group * channels;
  for (std::size_t j = 0; j < in_side; ++j)
    transform_back(workspace.products.data() + j * from_point + place * channels,
                   in_side * from_point, channels, in_side * channels,
                   workspace.result_rows.data() + j * channels);
  for (std::size_t i = 0; i < out_side; ++i) {
    const std::size_t y = tile.y + i * shape_.dilation;
    if (y >= shape_.height) return;
    transform_back(workspace.result_rows.data() + i * in_side * channels, channels, channels,
                   channels, workspace.result.data());
    for (std::size_t j = 0; j < out_side; ++j) {
      const std::size_t x = tile.x + j * shape_.dilation;
      if (x >= shape_.width) break;
      const float* result = workspace.result.data() + j * channels;
      float* out = picture + (y * shape_.width + x) * channels;
      for (std::size_t c = 0; c < channels; ++c)
        out[c] = std::max(result[c] + (bias == nullptr ? 0 : bias[c]), least);
    }
  }
}

void WinogradConvolution::forward(const float* in, const float* bias, float least,
                                  Workspace& workspace, float* out) const {
  const std::vector<Tile> tiles = tiles_of_picture();
  const std::size_t pixels = shape_.height * shape_.width;
  for (std::size_t image = 0; image < shape_.images; ++image) {
    for (std::size_t begin = 0; begin < tiles.size(); begin += group) {
      const std::size_t count = std::min(group, tiles.size() - begin);
      for (std::size_t i = 0; i < count; ++i) transform_input(tiles[begin + i], in, i, workspace);
      multiply(count, workspace);
      for (std::size_t i = 0; i < count; ++i)
        transform_output(tiles[begin + i], i, bias, least, workspace, out);
    }
    in += pixels * shape_.inputs;
    out += pixels * shape_.outputs;
  }
}

}  // namespace scrawl
