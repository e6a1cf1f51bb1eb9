// What differs between oneDNN's versions 2 and 3; nothing else asks which one it is. Debian 12 has
// 2.6, Debian 13 has 3.7.
#pragma once

#include <cstddef>
#include <cstring>
#include <dnnl.hpp>
#include <vector>

namespace scrawl::onednn {

/// What oneDNN wants to know of a convolution. A bias without dimensions is none.
struct ConvolutionDescription {
  dnnl::memory::desc in;
  dnnl::memory::desc weights;
  dnnl::memory::desc bias;
  dnnl::memory::desc out;
  dnnl::memory::dims strides;
  dnnl::memory::dims dilates;  ///< pixels between those that the kernel sees; 0: none
  dnnl::memory::dims before;   ///< zeros at the upper and left edge
  dnnl::memory::dims after;    ///< zeros at the lower and right edge
};

inline constexpr auto direct = dnnl::algorithm::convolution_direct;
inline constexpr auto forward_training = dnnl::prop_kind::forward_training;

#if DNNL_VERSION_MAJOR >= 3

/// Whether the bias is added before the product is scaled.
inline constexpr bool scales_bias = false;

/// `outputs` is the dimension of the weights which the scales belong to.
inline void set_scales(dnnl::primitive_attr& attributes, const std::vector<float>&, int outputs) {
  attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1 << outputs);
}

/// The scales as an argument of each call; empty where there is none.
inline constexpr int scale_argument_index = DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS;
inline dnnl::memory scale_argument(const std::vector<float>& scales, const dnnl::engine& engine) {
  if (scales.empty()) return {};
  const dnnl::memory::desc desc({static_cast<dnnl::memory::dim>(scales.size())},
                                dnnl::memory::data_type::f32, dnnl::memory::format_tag::a);
  dnnl::memory memory(desc, engine);
  std::memcpy(memory.get_data_handle(), scales.data(), scales.size() * sizeof(float));
  return memory;
}

inline void append_relu(dnnl::post_ops& post_ops) {
  post_ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
}

inline dnnl::memory::dims dims_of(const dnnl::memory::desc& desc) {
  return desc.get_dims();
}

inline dnnl::matmul::primitive_desc describe_product(const dnnl::engine& engine,
                                                     const dnnl::memory::desc& left,
                                                     const dnnl::memory::desc& right,
                                                     const dnnl::memory::desc& bias,
                                                     const dnnl::memory::desc& out,
                                                     const dnnl::primitive_attr& attributes) {
  if (bias.is_zero()) return {engine, left, right, out, attributes};
  return {engine, left, right, bias, out, attributes};
}

inline dnnl::convolution_forward::primitive_desc describe_forward(
    const dnnl::engine& engine, const ConvolutionDescription& d,
    const dnnl::primitive_attr& attributes) {
  return {engine, forward_training, direct,    d.in,     d.weights, d.bias,
          d.out,  d.strides,        d.dilates, d.before, d.after,   attributes};
}

inline dnnl::convolution_backward_data::primitive_desc describe_input_gradient(
    const dnnl::engine& engine, const ConvolutionDescription& d,
    const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& forward) {
  return {engine,    direct,   d.in,    d.weights, d.out,     d.strides,
          d.dilates, d.before, d.after, forward,   attributes};
}

inline dnnl::convolution_backward_weights::primitive_desc describe_weight_gradient(
    const dnnl::engine& engine, const ConvolutionDescription& d,
    const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& forward) {
  return {engine,    direct,   d.in,    d.weights, d.out,     d.strides,
          d.dilates, d.before, d.after, forward,   attributes};
}

#else

inline constexpr bool scales_bias = true;

/// Of the output's second dimension.
inline void set_scales(dnnl::primitive_attr& attributes, const std::vector<float>& scales, int) {
  attributes.set_output_scales(1 << 1, scales);
}

inline constexpr int scale_argument_index = 0;  // not used
inline dnnl::memory scale_argument(const std::vector<float>&, const dnnl::engine&) {
  return {};
}

inline void append_relu(dnnl::post_ops& post_ops) {
  post_ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
}

inline dnnl::memory::dims dims_of(const dnnl::memory::desc& desc) {
  return desc.dims();
}

inline dnnl::matmul::primitive_desc describe_product(const dnnl::engine& engine,
                                                     const dnnl::memory::desc& left,
                                                     const dnnl::memory::desc& right,
                                                     const dnnl::memory::desc& bias,
                                                     const dnnl::memory::desc& out,
                                                     const dnnl::primitive_attr& attributes) {
  const auto desc = bias.is_zero() ? dnnl::matmul::desc(left, right, out)
                                   : dnnl::matmul::desc(left, right, bias, out);
  return {desc, attributes, engine};
}

inline dnnl::convolution_forward::primitive_desc describe_forward(
    const dnnl::engine& engine, const ConvolutionDescription& d,
    const dnnl::primitive_attr& attributes) {
  const dnnl::convolution_forward::desc desc(forward_training, direct, d.in, d.weights, d.bias,
                                             d.out, d.strides, d.dilates, d.before, d.after);
  return {desc, attributes, engine};
}

inline dnnl::convolution_backward_data::primitive_desc describe_input_gradient(
    const dnnl::engine& engine, const ConvolutionDescription& d,
    const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& forward) {
  const dnnl::convolution_backward_data::desc desc(direct, d.in, d.weights, d.out, d.strides,
                                                   d.dilates, d.before, d.after);
  return {desc, attributes, engine, forward};
}

inline dnnl::convolution_backward_weights::primitive_desc describe_weight_gradient(
    const dnnl::engine& engine, const ConvolutionDescription& d,
    const dnnl::primitive_attr& attributes,
    const dnnl::convolution_forward::primitive_desc& forward) {
  const dnnl::convolution_backward_weights::desc desc(direct, d.in, d.weights, d.out, d.strides,
                                                      d.dilates, d.before, d.after);
  return {desc, attributes, engine, forward};
}

#endif

}  // namespace scrawl::onednn
