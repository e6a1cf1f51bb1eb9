#include "network/onednn_convolution.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <fmt/core.h>
#include <functional>
#include <utility>

#include <scrawl/error.hpp>

#include "network/onednn_version.hpp"

namespace scrawl::onednn {

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

ConvolutionDescription describe(const ConvolutionShape& s, Type type, bool bias) {
  // Zeros at the right and lower edge: as many as the last step of the stride reaches.
  const auto after = [&](std::size_t side, std::size_t out_side) {
    return dim((out_side - 1) * s.stride + s.kernel) - dim(s.padding) - dim(side);
  };
  const memory::data_type data = data_type(type);
  const auto channels_last = memory::format_tag::nhwc;
  ConvolutionDescription d{
      {{dim(s.images), dim(s.inputs), dim(s.height), dim(s.width)}, data, channels_last},
      {weight_dims(s), weight_type(type), memory::format_tag::any},
      {},
      {{dim(s.images), dim(s.outputs), dim(s.out_height()), dim(s.out_width())},
       data,
       channels_last},
      {dim(s.stride), dim(s.stride)},
      {dim(s.padding), dim(s.padding)},
      {after(s.height, s.out_height()), after(s.width, s.out_width())}};
  if (bias) d.bias = {{dim(s.outputs)}, memory::data_type::f32, memory::format_tag::a};
  return d;
}

/// Of the weights' gradient, which is f32.
ConvolutionDescription describe_training(const ConvolutionShape& s, Type type) {
  ConvolutionDescription d = describe(s, type, false);
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

Convolution::Convolution(const ConvolutionShape& shape, Type type, Epilogue epilogue)
    : shape_(shape),
      plane_{shape.height, shape.width,   shape.outputs,      shape.kernel,
             shape.stride, shape.padding, shape.out_height(), shape.out_width()},
      type_(type),
      epilogue_(std::move(epilogue)),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_),
      scales_(scale_argument(epilogue_.scales, engine_)),
      forward_description_(compile(shape,
                                   [&] {
                                     return describe_forward(engine_,
                                                             describe(shape, type, epilogue_.bias),
                                                             attributes(epilogue_, 0));
                                   })),
      forward_(compile(shape, [&] { return dnnl::convolution_forward(forward_description_); })),
      forward_weights_(forward_description_.weights_desc().get_size()),
      plane_weights_(is_of_planes() ? shape.taps() * shape.outputs : 0),
      plane_pairs_(is_of_planes() ? plane_.weight_pairs_size() : 0) {}

void Convolution::prepare_training(bool input_gradient) {
  compile(shape_, [&] {
    if (!has_few_pixels()) {
      weight_description_ = describe_weight_gradient(engine_, describe_training(shape_, type_),
                                                     attributes({}, 0), forward_description_);
      weight_gradient_ = dnnl::convolution_backward_weights(*weight_description_);
    }
    const memory::desc trained = trained_weights();
    const auto reorder_to = [&](const memory::desc& to) {
      return dnnl::reorder({engine_, trained, engine_, to});
    };
    refresh_forward_ = reorder_to(forward_description_.weights_desc());
    if (input_gradient) {
      input_description_ = describe_input_gradient(engine_, describe(shape_, type_, false),
                                                   attributes({}, 0), forward_description_);
      input_gradient_ = dnnl::convolution_backward_data(*input_description_);
      backward_weights_.resize(input_description_->weights_desc().get_size());
      refresh_backward_ = reorder_to(input_description_->weights_desc());
    }
    return 0;
  });
}

/// With few pixels for each image, oneDNN's gradient of the weights runs at a third of its rate,
/// and one matrix product of all images' patches at full rate.
bool Convolution::has_few_pixels() const {
  constexpr std::size_t few = 16;
  return shape_.out_height() * shape_.out_width() <= few;
}

std::size_t Convolution::trained_size() const {
  return trained_weights().get_size() / sizeof(float);
}

/// The product of patches gives (kernel, kernel, inputs, outputs).
memory::desc Convolution::trained_weights() const {
  if (!has_few_pixels()) return weight_description_->diff_weights_desc();
  return by_tap(shape_);
}

memory::desc Convolution::plain_weights() const {
  return {weight_dims(shape_), memory::data_type::f32, memory::format_tag::oihw};
}

void Convolution::reorder(const memory::desc& from, const void* source, const memory::desc& to,
                          void* target) {
  const OneThread one_thread;
  memory a(from, engine_, const_cast<void*>(source));
  memory b(to, engine_, target);
  dnnl::reorder(a, b).execute(stream_, a, b);
}

void Convolution::import_trained(const float* plain, float* trained) {
  reorder(plain_weights(), plain, trained_weights(), trained);
}

void Convolution::export_trained(const float* trained, float* plain) {
  reorder(trained_weights(), trained, plain_weights(), plain);
}

void Convolution::set_planes(const memory::desc& from, const float* weights) {
  reorder(from, weights, by_tap(shape_), plane_weights_.data());
  if (type_ == Type::bf16) pair_weights(plane_weights_.data(), plane_, plane_pairs_.data());
}

void Convolution::set_plain(const float* plain) {
  if (is_of_planes()) set_planes(plain_weights(), plain);
  reorder(plain_weights(), plain, forward_description_.weights_desc(), forward_weights_.data());
}

void Convolution::set_trained(const float* trained) {
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

void ConvolutionRun::Arguments::add(int what, const memory::desc& desc,
                                    const dnnl::engine& engine) {
  memories.emplace_back(desc, engine, nullptr);
  list.push_back({what, memories.back().get()});
}

void ConvolutionRun::Arguments::run(const dnnl::primitive& primitive,
                                    const dnnl::stream& stream) const {
  dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive.get(), stream.get(),
                                                 static_cast<int>(list.size()), list.data()),
                          "a convolution failed");
}

ConvolutionRun::ConvolutionRun(const Convolution& convolution)
    : convolution_(&convolution), stream_(convolution.engine_) {
  const dnnl::engine& engine = convolution.engine_;
  if (convolution.is_of_planes()) {
    const std::size_t size = convolution.plane_.padded_size();
    if (convolution.type_ == Type::f32) padded_.resize(size);
    if (convolution.type_ == Type::bf16) padded_pairs_.resize(size + 1);
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
    forward_.list.push_back({scale_argument_index, convolution.scales_.get()});
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
    const Type type = convolution.type_;
    weight_product_.emplace(Matrix{s.taps(), s.out_rows(), type, Layout::columns},
                            Matrix{s.out_rows(), s.outputs, type},
                            Matrix{s.taps(), s.outputs, Type::f32});
    patches_.resize(s.out_rows() * s.taps() * size_of(type));
  }
}

/// oneDNN's convolutions of a single channel run at a quarter of their rate.
template <typename T, typename N>
void ConvolutionRun::forward_planes(const T* in, const N* weights, const float* bias, N* padded,
                                    T* out) {
  const ConvolutionShape& s = convolution_->shape_;
  const Epilogue& epilogue = convolution_->epilogue_;
  for (std::size_t i = 0; i < s.images; ++i) {
    convolve_plane(in + i * s.height * s.width, convolution_->plane_, weights,
                   epilogue.bias ? bias : nullptr, epilogue.relu, padded,
                   out + i * s.out_height() * s.out_width() * s.outputs);
  }
}

void ConvolutionRun::forward(const void* in, const float* bias, void* out) {
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

void ConvolutionRun::input_gradient(const void* output_gradient, void* input_gradient) {
  input_.set(0, output_gradient);
  input_.set(1, convolution_->backward_weights_.data());
  input_.set(2, input_gradient);
  input_.run(convolution_->input_gradient_, stream_);
}

void ConvolutionRun::weight_gradient(const void* in, const void* output_gradient,
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
void ConvolutionRun::gather_patches(const void* in) {
  const ConvolutionShape& s = convolution_->shape_;
  const std::size_t pixel = s.inputs * size_of(convolution_->type_);  // bytes
  const auto* from = static_cast<const std::byte*>(in);
  std::byte* to = patches_.data();
  const auto outside = [](std::size_t at, std::size_t side) { return at >= side; };  // or below 0
  for (std::size_t row = 0; row < s.out_rows(); ++row) {
    const std::size_t image = row / (s.out_height() * s.out_width());
    const std::size_t top = row / s.out_width() % s.out_height() * s.stride - s.padding;
    const std::size_t left = row % s.out_width() * s.stride - s.padding;
    for (std::size_t y = top; y != top + s.kernel; ++y) {
      for (std::size_t x = left; x != left + s.kernel; ++x, to += pixel) {
        if (outside(y, s.height) || outside(x, s.width)) {
          std::memset(to, 0, pixel);
        } else {
          std::memcpy(to, from + ((image * s.height + y) * s.width + x) * pixel, pixel);
        }
      }
    }
  }
}

}  // namespace scrawl::onednn
