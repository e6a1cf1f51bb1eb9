// Convolutions of 3x3 with a quarter of the multiplications: Winograd's F(4x4, 3x3), as in Lavin
// and Gray, Fast Algorithms for Convolutional Neural Networks (2015).
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "network/convolution.hpp"

namespace scrawl {

/// A dilated convolution is one for each phase: of the pixels that are `dilation` apart.
class WinogradConvolution {
 public:
  /// Whether it is of use: kernels of 3x3 on pictures that stay as large, and not too small.
  static bool fits(const ConvolutionShape& shape);

  explicit WinogradConvolution(const ConvolutionShape& shape);

  /// by_tap (3, 3, inputs, outputs)
  void set_weights(const float* by_tap);

  /// The same as another's, for pictures of another size; it may not be trained after that.
  void share_weights(const WinogradConvolution& other) { weights_ = other.weights_; }

  /// One thread's values between the steps.
  struct Workspace {
    std::vector<float> zeros;        // (inputs): what is beyond the picture's edges
    std::vector<float> rows;         // (6, 6, inputs): a tile whose rows are transformed
    std::vector<float> inputs;       // (36, tiles, inputs)
    std::vector<float> products;     // (36, tiles, outputs)
    std::vector<float> result_rows;  // (4, 6, outputs)
    std::vector<float> result;       // (outputs): a pixel
  };
  Workspace make_workspace() const;

  /// in (images, height, width, inputs) -> out (images, height, width, outputs); bias (outputs) may
  /// be null. Values below `least` become that.
  void forward(const float* in, const float* bias, float least, Workspace& workspace,
               float* out) const;

 private:
  struct Tile;
  std::vector<Tile> tiles_of_picture() const;
  void transform_input(const Tile& tile, const float* picture, std::size_t place,
                       Workspace& workspace) const;
  void multiply(std::size_t tiles, Workspace& workspace) const;
  void transform_output(const Tile& tile, std::size_t place, const float* bias, float least,
                        Workspace& workspace, float* picture) const;

  ConvolutionShape shape_;
  std::shared_ptr<std::vector<float>> weights_;  // (36, inputs, outputs)
};

}  // namespace scrawl
