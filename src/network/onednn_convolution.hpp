// Convolutions on oneDNN, compiled for one shape. Pictures lie in memory as (images, height, width,
// channels), so that what works on channels finds them side by side; weights lie as oneDNN likes
// them best.
#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <optional>
#include <vector>

#include "network/aligned.hpp"
#include "network/onednn.hpp"
#include "network/plane_convolution.hpp"

namespace scrawl::onednn {

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

  std::size_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  std::size_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
  std::size_t out_rows() const { return images * out_height() * out_width(); }
  std::size_t taps() const { return kernel * kernel * inputs; }
};

/// The primitives of one convolution, and its weights. Shared by threads, each of which runs them
/// with a ConvolutionRun of its own. The weights' plain form is (outputs, inputs, kernel, kernel)
/// in f32.
class Convolution {
 public:
  /// Forward only. Products of bytes want the epilogue's scales, and a bias after fit_bias.
  Convolution(const ConvolutionShape& shape, Type type, Epilogue epilogue);

  /// Makes the gradients' primitives too; that of the input only where it is wanted.
  void prepare_training(bool input_gradient);

  /// The weights' gradient, and the weights that an optimiser works on, are f32 in an order of
  /// oneDNN's choice, the same for both, with so many numbers.
  std::size_t trained_size() const;
  void import_trained(const float* plain, float* trained);
  void export_trained(const float* trained, float* plain);

  /// Sets the weights that are multiplied with; bytes are rounded to.
  void set_plain(const float* plain);
  void set_trained(const float* trained);

 private:
  friend class ConvolutionRun;

  bool has_few_pixels() const;
  void set_planes(const dnnl::memory::desc& from, const float* weights);
  bool is_of_planes() const {
    return shape_.inputs == 1 && type_ != Type::u8 && plane_.is_supported();
  }

  dnnl::memory::desc plain_weights() const;
  dnnl::memory::desc trained_weights() const;
  void reorder(const dnnl::memory::desc& from, const void* source, const dnnl::memory::desc& to,
               void* target);

  ConvolutionShape shape_;
  PlaneConvolution plane_;  // the same, where it is one
  Type type_;
  Epilogue epilogue_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::memory scales_;
  dnnl::convolution_forward::primitive_desc forward_description_;
  dnnl::convolution_forward forward_;
  std::optional<dnnl::convolution_backward_data::primitive_desc> input_description_;
  dnnl::convolution_backward_data input_gradient_;
  std::optional<dnnl::convolution_backward_weights::primitive_desc> weight_description_;
  dnnl::convolution_backward_weights weight_gradient_;
  std::optional<dnnl::reorder> refresh_forward_;
  std::optional<dnnl::reorder> refresh_backward_;
  AlignedVector<std::byte> forward_weights_;
  AlignedVector<std::byte> backward_weights_;
  // Where is_of_planes: (kernel, kernel, outputs), and the same in pairs where the type is bf16.
  AlignedVector<float> plane_weights_;
  AlignedVector<std::uint32_t> plane_pairs_;
};

/// One thread's way to run a Convolution, which outlives it.
class ConvolutionRun {
 public:
  explicit ConvolutionRun(const Convolution& convolution);

  /// in (images, height, width, inputs) -> out (images, out height, out width, outputs). `bias`
  /// (outputs) is not read where the epilogue has none.
  void forward(const void* in, const float* bias, void* out);

  /// The gradient of the input from that of the output.
  void input_gradient(const void* output_gradient, void* input_gradient);

  /// The gradient of the weights, in the order of trained weights.
  void weight_gradient(const void* in, const void* output_gradient, float* weight_gradient);

 private:
  struct Arguments {
    std::vector<dnnl::memory> memories;
    std::vector<dnnl_exec_arg_t> list;

    void add(int what, const dnnl::memory::desc& desc, const dnnl::engine& engine);
    void set(std::size_t index, const void* data) {
      memories[index].set_data_handle(const_cast<void*>(data));
    }
    void run(const dnnl::primitive& primitive, const dnnl::stream& stream) const;
  };

  void gather_patches(const void* in);
  template <typename T, typename N>
  void forward_planes(const T* in, const N* weights, const float* bias, N* padded, T* out);

  const Convolution* convolution_;
  dnnl::stream stream_;
  Arguments forward_;
  Arguments input_;
  Arguments weight_;
  std::vector<dnnl::memory> scratchpads_;
  std::optional<Matmul> weight_product_;  // in place of weight_ where there are few pixels
  // One picture with its padding, where is_of_planes; in pairs where the type is bf16.
  AlignedVector<float> padded_;
  AlignedVector<std::uint32_t> padded_pairs_;
  AlignedVector<std::byte> patches_;  // (out rows, taps): what each output pixel sees
};

}  // namespace scrawl::onednn
