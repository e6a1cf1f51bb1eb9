// Convolutions, compiled for one shape: on oneDNN (onednn_convolution.cpp) or in plain loops
// (plain_convolution.cpp). Pictures lie in memory as (images, height, width, channels), so that
// what works on channels finds them side by side.
#pragma once

#include <cstddef>
#include <memory>

#include "network/data_type.hpp"
#include "network/matmul.hpp"

namespace scrawl {

/// One convolution: the pictures that come in, and the kernels.
struct ConvolutionShape {
  std::size_t images = 0;
  std::size_t inputs = 0;   ///< channels
  std::size_t outputs = 0;  ///< channels
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t kernel = 0;
  std::size_t stride = 1;
  std::size_t padding = 0;
  std::size_t dilation = 1;  ///< pixels from one weight of the kernel to the next

  /// The side, in pixels, of what one output pixel sees.
  std::size_t reach() const { return (kernel - 1) * dilation + 1; }
  std::size_t out_height() const { return (height + 2 * padding - reach()) / stride + 1; }
  std::size_t out_width() const { return (width + 2 * padding - reach()) / stride + 1; }
  std::size_t out_rows() const { return images * out_height() * out_width(); }
  std::size_t taps() const { return kernel * kernel * inputs; }
};

/// One convolution and its weights. Shared by threads, each of which runs it with a ConvolutionRun
/// of its own. The weights' plain form is (outputs, inputs, kernel, kernel) in f32.
class Convolution {
 public:
  /// Forward only. Products of bytes want the epilogue's scales, and a bias after fit_bias. Throws
  /// Error when oneDNN cannot.
  Convolution(const ConvolutionShape& shape, DataType type, Epilogue epilogue);
  ~Convolution();
  Convolution(Convolution&&) noexcept;
  Convolution& operator=(Convolution&&) noexcept;

  /// Prepares the gradients too; that of the input only where it is wanted.
  void prepare_training(bool input_gradient);

  /// The weights' gradient, and the weights that an optimizer works on, are f32 in an order of the
  /// convolution's choice, the same for both, with so many numbers.
  std::size_t trained_size() const;
  void import_trained(const float* plain, float* trained);
  void export_trained(const float* trained, float* plain);

  /// Sets the weights that are multiplied with; bytes are rounded to.
  void set_plain(const float* plain);
  void set_trained(const float* trained);

  /// Takes over the weights of the same convolution of pictures of another size, so that they need
  /// not be prepared again. Whether it could: oneDNN's may lie in another order.
  bool share_weights(const Convolution& other);

  /// Whether it takes some time to make one for another size of pictures.
  static bool is_compiled_for_size();

 private:
  friend class ConvolutionRun;
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

/// One thread's way to run a Convolution, which outlives it.
class ConvolutionRun {
 public:
  explicit ConvolutionRun(const Convolution& convolution);
  ~ConvolutionRun();
  ConvolutionRun(ConvolutionRun&&) noexcept;
  ConvolutionRun& operator=(ConvolutionRun&&) noexcept;

  /// in (images, height, width, inputs) -> out (images, out height, out width, outputs). `bias`
  /// (outputs) is not read where the epilogue has none.
  void forward(const void* in, const float* bias, void* out);

  /// The gradient of the input from that of the output.
  void input_gradient(const void* output_gradient, void* input_gradient);

  /// The gradient of the weights, in the order of trained weights.
  void weight_gradient(const void* in, const void* output_gradient, float* weight_gradient);

 private:
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace scrawl
