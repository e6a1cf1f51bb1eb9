#include <array>
#include <cstddef>
#include <cstring>
#include <fmt/core.h>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "network/aligned.hpp"
#include "network/bf16.hpp"
#include "network/convolution.hpp"
#include "network/one_thread.hpp"
#include "network/plane_convolution.hpp"
#include "products/onednn.hpp"
#include "products/onednn_version.hpp"

namespace scrawl {

using dnnl::memory;

namespace {

memory::dim dim(std::size_t value) {
  return static_cast<memory::dim>(value);
}

memory::dims weight_dims(const ConvolutionShape& s) {
  return {dim(s.outputs), dim(s.inputs), dim(s.kernel), dim(s.kernel)};
}

/// (kernel, kernel, inputs, outputs) in f32.
memory::desc by_tap(const ConvolutionShape& shape) {
  return {weight_dims(shape), memory::data_type::f32, memory::format_tag::hwio};
}

onednn::ConvolutionDescription describe(const ConvolutionShape& s, DataType type, bool bias) {
  // Zeros at the right and lower edge: as many as the last step of the stride reaches.
  const auto after = [&](std::size_t side, std::size_t out_side) {
    return dim((out_side - 1) * s.stride + s.reach()) - dim(s.padding) - dim(side);
  };
  const memory::data_type data = onednn::data_type(type);
  const auto channels_last = memory::format_tag::nhwc;
  onednn::ConvolutionDescription d{
      {{dim(s.images), dim(s.inputs), dim(s.height), dim(s.width)}, data, channels_last},
      {weight_dims(s), onednn::weight_type(type), memory::format_tag::any},
      {},
      {{dim(s.images), dim(s.outputs), dim(s.out_height()), dim(s.out_width())},
       data,
       channels_last},
      {dim(s.stride), dim(s.stride)},
      {dim(s.dilation - 1), dim(s.dilation - 1)},
      {dim(s.padding), dim(s.padding)},
      {after(s.height, s.out_height()), after(s.width, s.out_width())}};
  if (bias) d.bias = {{dim(s.outputs)}, memory::data_type::f32, memory::format_tag::a};
  return d;
}

/// Of the weights' gradient, which is f32.
onednn::ConvolutionDescription describe_training(const ConvolutionShape& s, DataType type) {
  onednn::ConvolutionDescription d = describe(s, type, false);
  d.weights = {weight_dims(s), memory::data_type::f32, memory::format_tag::any};
  return d;
}

/// Calls `make`, and says which convolution it was when oneDNN cannot.
template <typename Make>
auto compile(const ConvolutionShape& s, Make make) {
  const OneThread one_thread;
  try {
    return make();
  } catch (const dnnl::error& error) {
    throw Error(fmt::format("oneDNN cannot convolve {}x{} pixels, {} to {} channels, kernel {}: {}",
                            s.height, s.width, s.inputs, s.outputs, s.kernel, error.what()));
  }
}

}  // namespace

struct Convolution::Compiled {
  Compiled(const ConvolutionShape& shape, DataType type, Epilogue epilogue);

  void prepare_training(bool input_gradient);
  bool has_few_pixels() const;
  bool is_of_planes() const {
    return shape_.inputs == 1 && shape_.dilation == 1 && type_ != DataType::u8 &&
           plane_.is_supported();
  }
  memory::desc plain_weights() const;
  memory::desc trained_weights() const;
  void reorder(const memory::desc& from, const void* source, const memory::desc& to, void* target);
  void set_planes(const memory::desc& from, const float* weights);
  void set_trained(const float* trained);

  ConvolutionShape shape_;
  PlaneConvolution plane_;  // the same, where it is one
  DataType type_;
  Epilogue epilogue_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  memory scales_;
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

Convolution::Compiled::Compiled(const ConvolutionShape& shape, DataType type, Epilogue epilogue)
    : shape_(shape),
      plane_{shape.height, shape.width,   shape.outputs,      shape.kernel,
             shape.stride, shape.padding, shape.out_height(), shape.out_width()},
      type_(type),
      epilogue_(std::move(epilogue)),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_),
      scales_(onednn::scale_argument(epilogue_.scales, engine_)),
      forward_description_(compile(shape,
                                   [&] {
                                     return onednn::describe_forward(
                                         engine_, describe(shape, type, epilogue_.bias),
                                         onednn::attributes(epilogue_, 0));
                                   })),
      forward_(compile(shape, [&] { return dnnl::convolution_forward(forward_description_); })),
      forward_weights_(forward_description_.weights_desc().get_size()),
      plane_weights_(is_of_planes() ? shape.taps() * shape.outputs : 0),
      plane_pairs_(is_of_planes() ? plane_.weight_pairs_size() : 0) {}

void Convolution::Compiled::prepare_training(bool input_gradient) {
  compile(shape_, [&] {
    if (!has_few_pixels()) {
      weight_description_ =
          onednn::describe_weight_gradient(engine_, describe_training(shape_, type_),
                                           onednn::attributes({}, 0), forward_description_);
      weight_gradient_ = dnnl::convolution_backward_weights(*weight_description_);
    }
    const memory::desc trained = trained_weights();
    const auto reorder_to = [&](const memory::desc& to) {
      return dnnl::reorder({engine_, trained, engine_, to});
    };
    refresh_forward_ = reorder_to(forward_description_.weights_desc());
    if (input_gradient) {
      input_description_ = onednn::describe_input_gradient(
          engine_, describe(shape_, type_, false), onednn::attributes({}, 0), forward_description_);
      input_gradient_ = dnnl::convolution_backward_data(*input_description_);
      backward_weights_.resize(input_description_->weights_desc().get_size());
      refresh_backward_ = reorder_to(input_description_->weights_desc());
    }
    return 0;
  });
}

/// With few pixels for each image, oneDNN's gradient of the weights runs at a third of its rate,
/// and one matrix product of all images' patches at full rate.
bool Convolution::Compiled::has_few_pixels() const {
  constexpr std::size_t few = 16;
  return shape_.out_height() * shape_.out_width() <= few;
}

/// The product of patches gives (kernel, kernel, inputs, outputs).
memory::desc Convolution::Compiled::trained_weights() const {
  if (!has_few_pixels()) return weight_description_->diff_weights_desc();
  return by_tap(shape_);
}

memory::desc Convolution::Compiled::plain_weights() const {
  return {weight_dims(shape_), memory::data_type::f32, memory::format_tag::oihw};
}

void Convolution::Compiled::reorder(const memory::desc& from, const void* source,
                                    const memory::desc& to, void* target) {
  const OneThread one_thread;
  memory a(from, engine_, const_cast<void*>(source));
  memory b(to, engine_, target);
  dnnl::reorder(a, b).execute(stream_, a, b);
}

void Convolution::Compiled::set_planes(const memory::desc& from, const float* weights) {
  reorder(from, weights, by_tap(shape_), plane_weights_.data());
  if (type_ == DataType::bf16) pair_weights(plane_weights_.data(), plane_, plane_pairs_.data());
}

void Convolution::Compiled::set_trained(const float* trained) {
  const OneThread one_thread;
  if (is_of_planes()) set_planes(trained_weights(), trained);
  memory from(trained_weights(), engine_, const_cast<float*>(trained));
  memory forward(forward_description_.weights_desc(), engine_, forward_weights_.data());
  refresh_forward_->execute(stream_, from, forward);
  if (refresh_backward_) {
    memory backward(input_description_->weights_desc(), engine_, backward_weights_.data());
    refresh_backward_->execute(stream_, from, backward);
  }
}

Convolution::Convolution(const ConvolutionShape& shape, DataType type, Epilogue epilogue)
    : compiled_(std::make_unique<Compiled>(shape, type, std::move(epilogue))) {}

Convolution::~Convolution() = default;
Convolution::Convolution(Convolution&&) noexcept = default;
Convolution& Convolution::operator=(Convolution&&) noexcept = default;

void Convolution::prepare_training(bool input_gradient) {
  compiled_->prepare_training(input_gradient);
}

std::size_t Convolution::trained_size() const {
  return compiled_->trained_weights().get_size() / sizeof(float);
}

void Convolution::import_trained(const float* plain, float* trained) {
  compiled_->reorder(compiled_->plain_weights(), plain, compiled_->trained_weights(), trained);
}

void Convolution::export_trained(const float* trained, float* plain) {
  compiled_->reorder(compiled_->trained_weights(), trained, compiled_->plain_weights(), plain);
}

void Convolution::set_plain(const float* plain) {
  Compiled& own = *compiled_;
  if (own.is_of_planes()) own.set_planes(own.plain_weights(), plain);
  own.reorder(own.plain_weights(), plain, own.forward_description_.weights_desc(),
              own.forward_weights_.data());
}

void Convolution::set_trained(const float* trained) {
  compiled_->set_trained(trained);
}

bool Convolution::is_compiled_for_size() {
  return true;
}

bool Convolution::share_weights(const Convolution& /*other*/) {
  return false;
}

struct ConvolutionRun::Workspace {
  explicit Workspace(const Convolution::Compiled& convolution);

  struct Arguments {
    std::vector<memory> memories;
    std::vector<dnnl_exec_arg_t> list;

    void add(int what, const memory::desc& desc, const dnnl::engine& engine);
    void set(std::size_t index, const void* data) {
      memories[index].set_data_handle(const_cast<void*>(data));
    }
    void run(const dnnl::primitive& primitive, const dnnl::stream& stream) const;
  };

  void forward(const void* in, const float* bias, void* out);
  template <typename T, typename N>
  void forward_planes(const T* in, const N* weights, const float* bias, N* padded, T* out);
  void weight_gradient(const void* in, const void* output_gradient, float* gradient);
  void gather_patches(const void* in);

  const Convolution::Compiled* convolution_;
  dnnl::stream stream_;
  Arguments forward_;
  Arguments input_;
  Arguments weight_;
  std::vector<memory> scratchpads_;
  std::optional<Matmul> weight_product_;  // in place of weight_ where there are few pixels
  // One picture with its padding, where is_of_planes; in pairs where the type is bf16.
  AlignedVector<float> padded_;
  AlignedVector<std::uint32_t> padded_pairs_;
  AlignedVector<std::byte> patches_;  // (out rows, taps): what each output pixel sees
};

void ConvolutionRun::Workspace::Arguments::add(int what, const memory::desc& desc,
                                               const dnnl::engine& engine) {
  memories.emplace_back(desc, engine, nullptr);
  list.push_back({what, memories.back().get()});
}

void ConvolutionRun::Workspace::Arguments::run(const dnnl::primitive& primitive,
                                               const dnnl::stream& stream) const {
  dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive.get(), stream.get(),
                                                 static_cast<int>(list.size()), list.data()),
                          "a convolution failed");
}

ConvolutionRun::Workspace::Workspace(const Convolution::Compiled& convolution)
    : convolution_(&convolution), stream_(convolution.engine_) {
  const dnnl::engine& engine = convolution.engine_;
  if (convolution.is_of_planes()) {
    const std::size_t size = convolution.plane_.padded_size();
    if (convolution.type_ == DataType::f32) padded_.resize(size);
    if (convolution.type_ == DataType::bf16) padded_pairs_.resize(size + 1);
  }
  const auto add_scratchpad = [&](Arguments& arguments, const memory::desc& desc) {
    scratchpads_.emplace_back(desc, engine);
    arguments.list.push_back({DNNL_ARG_SCRATCHPAD, scratchpads_.back().get()});
  };
  const auto& f = convolution.forward_description_;
  forward_.add(DNNL_ARG_SRC, f.src_desc(), engine);
  forward_.add(DNNL_ARG_WEIGHTS, f.weights_desc(), engine);
  forward_.add(DNNL_ARG_DST, f.dst_desc(), engine);
  if (convolution.epilogue_.bias) forward_.add(DNNL_ARG_BIAS, f.bias_desc(), engine);
  if (convolution.scales_) {
    forward_.list.push_back({onednn::scale_argument_index, convolution.scales_.get()});
  }
  add_scratchpad(forward_, f.scratchpad_desc());
  if (convolution.input_description_) {
    const auto& d = *convolution.input_description_;
    input_.add(DNNL_ARG_DIFF_DST, d.diff_dst_desc(), engine);
    input_.add(DNNL_ARG_WEIGHTS, d.weights_desc(), engine);
    input_.add(DNNL_ARG_DIFF_SRC, d.diff_src_desc(), engine);
    add_scratchpad(input_, d.scratchpad_desc());
  }
  if (convolution.weight_description_) {
    const auto& w = *convolution.weight_description_;
    weight_.add(DNNL_ARG_SRC, w.src_desc(), engine);
    weight_.add(DNNL_ARG_DIFF_DST, w.diff_dst_desc(), engine);
    weight_.add(DNNL_ARG_DIFF_WEIGHTS, w.diff_weights_desc(), engine);
    add_scratchpad(weight_, w.scratchpad_desc());
  } else if (convolution.refresh_forward_) {
    const ConvolutionShape& s = convolution.shape_;
    const DataType type = convolution.type_;
    weight_product_.emplace(Matrix{s.taps(), s.out_rows(), type, MatrixLayout::columns},
                            Matrix{s.out_rows(), s.outputs, type},
                            Matrix{s.taps(), s.outputs, DataType::f32});
    patches_.resize(s.out_rows() * s.taps() * size_of(type));
  }
}

/// oneDNN's convolutions of a single channel run at a quarter of their rate.
template <typename T, typename N>
void ConvolutionRun::Workspace::forward_planes(const T* in, const N* weights, const float* bias,
                                               N* padded, T* out) {
  const ConvolutionShape& s = convolution_->shape_;
  const Epilogue& epilogue = convolution_->epilogue_;
  for (std::size_t i = 0; i < s.images; ++i) {
    convolve_plane(in + i * s.height * s.width, convolution_->plane_, weights,
                   epilogue.bias ? bias : nullptr, epilogue.relu, padded,
                   out + i * s.out_height() * s.out_width() * s.outputs);
  }
}

void ConvolutionRun::Workspace::forward(const void* in, const float* bias, void* out) {
  if (!padded_.empty()) {
    return forward_planes(static_cast<const float*>(in), convolution_->plane_weights_.data(), bias,
                          padded_.data(), static_cast<float*>(out));
  }
  if (!padded_pairs_.empty()) {
    return forward_planes(static_cast<const Bf16*>(in), convolution_->plane_pairs_.data(), bias,
                          padded_pairs_.data(), static_cast<Bf16*>(out));
  }
  forward_.set(0, in);
  forward_.set(1, convolution_->forward_weights_.data());
  forward_.set(2, out);
  if (convolution_->epilogue_.bias) forward_.set(3, bias);
  forward_.run(convolution_->forward_, stream_);
}

void ConvolutionRun::Workspace::weight_gradient(const void* in, const void* output_gradient,
                                                float* weight_gradient) {
  if (weight_product_) {
    gather_patches(in);
    (*weight_product_)(patches_.data(), output_gradient, nullptr, weight_gradient);
    return;
  }
  weight_.set(0, in);
  weight_.set(1, output_gradient);
  weight_.set(2, weight_gradient);
  weight_.run(convolution_->weight_gradient_, stream_);
}

/// Copies to patches_ what each output pixel sees: (kernel, kernel, inputs), zeros where it looks
/// beyond the picture.
void ConvolutionRun::Workspace::gather_patches(const void* in) {
  const ConvolutionShape& s = convolution_->shape_;
  const std::size_t pixel = s.inputs * size_of(convolution_->type_);  // bytes
  const auto* from = static_cast<const std::byte*>(in);
  std::byte* to = patches_.data();
  const auto outside = [](std::size_t at, std::size_t side) { return at >= side; };  // or below 0
  for (std::size_t row = 0; row < s.out_rows(); ++row) {
    const std::size_t image = row / (s.out_height() * s.out_width());
    const std::size_t top = row / s.out_width() % s.out_height() * s.stride - s.padding;
    const std::size_t left = row % s.out_width() * s.stride - s.padding;
    for (std::size_t y = top; y != top + s.kernel * s.dilation; y += s.dilation) {
      for (std::size_t x = left; x != left + s.kernel * s.dilation; x += s.dilation, to += pixel) {
        if (outside(y, s.height) || outside(x, s.width)) {
          std::memset(to, 0, pixel);
        } else {
          std::memcpy(to, from + ((image * s.height + y) * s.width + x) * pixel, pixel);
        }
      }
    }
  }
}

ConvolutionRun::ConvolutionRun(const Convolution& convolution)
    : workspace_(std::make_unique<Workspace>(*convolution.compiled_)) {}

ConvolutionRun::~ConvolutionRun() = default;
ConvolutionRun::ConvolutionRun(ConvolutionRun&&) noexcept = default;
ConvolutionRun& ConvolutionRun::operator=(ConvolutionRun&&) noexcept = default;

void ConvolutionRun::forward(const void* in, const float* bias, void* out) {
  workspace_->forward(in, bias, out);
}

void ConvolutionRun::input_gradient(const void* output_gradient, void* input_gradient) {
  Workspace& own = *workspace_;
  own.input_.set(0, output_gradient);
  own.input_.set(1, own.convolution_->backward_weights_.data());
  own.input_.set(2, input_gradient);
  own.input_.run(own.convolution_->input_gradient_, own.stream_);
}

void ConvolutionRun::weight_gradient(const void* in, const void* output_gradient,
                                     float* weight_gradient) {
  workspace_->weight_gradient(in, output_gradient, weight_gradient);
}

}  // namespace scrawl
