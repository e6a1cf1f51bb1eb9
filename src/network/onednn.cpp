#include "network/onednn.hpp"

#include <cstddef>
#include <fmt/core.h>
#include <span>
#include <vector>

#include <scrawl/error.hpp>

#include "network/onednn_version.hpp"

// Debian's oneDNN runs on OpenMP, and brings it along; a build on another runtime does not.
extern "C" {
[[gnu::weak]] int omp_get_max_threads();
[[gnu::weak]] void omp_set_num_threads(int);
}

namespace scrawl::onednn {

using dnnl::memory;

OneThread::OneThread(bool wanted)
    : before_(wanted && omp_get_max_threads != nullptr ? omp_get_max_threads() : 1) {
  if (before_ != 1) omp_set_num_threads(1);
}

OneThread::~OneThread() {
  if (before_ != 1) omp_set_num_threads(before_);
}

// Asked of oneDNN, so that $ONEDNN_MAX_CPU_ISA lets a new CPU stand in for an old one.
static bool has(dnnl::cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

bool has_native_bf16() {
  return has(dnnl::cpu_isa::avx512_core_bf16);
}

bool has_native_int8() {
  return has(dnnl::cpu_isa::avx512_core_vnni);
}

memory::data_type data_type(Type type) {
  switch (type) {
    case Type::f32:
      return memory::data_type::f32;
    case Type::bf16:
      return memory::data_type::bf16;
    case Type::u8:
      return memory::data_type::u8;
  }
  return memory::data_type::undef;
}

memory::data_type weight_type(Type type) {
  return type == Type::u8 ? memory::data_type::s8 : data_type(type);
}

void fit_bias(const std::vector<float>& scales, std::span<float> bias) {
  if (!scales_bias) return;
  for (std::size_t c = 0; c < scales.size(); ++c) bias[c] /= scales[c];
}

dnnl::primitive_attr attributes(const Epilogue& epilogue, int outputs) {
  dnnl::primitive_attr attr;
  // The scratchpad is ours: oneDNN's own is bound to the thread that made the primitive.
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (!epilogue.scales.empty()) set_scales(attr, epilogue.scales, outputs);
  dnnl::post_ops post_ops;
  if (epilogue.relu) append_relu(post_ops);
  attr.set_post_ops(post_ops);
  return attr;
}

namespace {

memory::desc describe(const Matrix& matrix, memory::data_type type) {
  const auto rows = static_cast<memory::dim>(matrix.rows);
  const auto columns = static_cast<memory::dim>(matrix.columns);
  const auto stride = static_cast<memory::dim>(matrix.stride);
  switch (matrix.layout) {
    case Layout::rows:
      return {{rows, columns}, type, memory::dims{stride != 0 ? stride : columns, 1}};
    case Layout::columns:
      return {{rows, columns}, type, memory::dims{1, stride != 0 ? stride : rows}};
    case Layout::packed:
      return {{rows, columns}, type, memory::format_tag::any};
  }
  return {};
}

dnnl::matmul::primitive_desc compile(const dnnl::engine& engine, const Matrix& left,
                                     const Matrix& right, const Matrix& out,
                                     const Epilogue& epilogue) {
  const memory::desc a = describe(left, data_type(left.type));
  const memory::desc b = describe(right, weight_type(right.type));
  const memory::desc c = describe(out, data_type(out.type));
  memory::desc bias;
  if (epilogue.bias) {
    bias = memory::desc({1, static_cast<memory::dim>(out.columns)}, memory::data_type::f32,
                        memory::format_tag::ab);
  }
  return describe_product(engine, a, b, bias, c, attributes(epilogue, 1));
}

/// A memory object without memory; a Matmul is given that at each call.
memory empty(const memory::desc& desc, const dnnl::engine& engine) {
  return desc.is_zero() ? memory() : memory(desc, engine, nullptr);
}

/// Compiles for as many threads as oneDNN will find when it runs.
dnnl::matmul::primitive_desc compile_for(Threads threads, const dnnl::engine& engine,
                                         const Matrix& left, const Matrix& right, const Matrix& out,
                                         const Epilogue& epilogue) {
  const OneThread one_thread(threads == Threads::one);
  try {
    return compile(engine, left, right, out, epilogue);
  } catch (const dnnl::error& error) {
    throw Error(fmt::format("oneDNN cannot multiply ({}, {}) by ({}, {}): {}", left.rows,
                            left.columns, right.rows, right.columns, error.what()));
  }
}

}  // namespace

Matmul::Matmul(const Matrix& left, const Matrix& right, const Matrix& out, const Epilogue& epilogue,
               Threads threads)
    : engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_),
      description_(compile_for(threads, engine_, left, right, out, epilogue)),
      left_(empty(description_.src_desc(), engine_)),
      right_(empty(description_.weights_desc(), engine_)),
      bias_(epilogue.bias ? empty(description_.bias_desc(), engine_) : memory()),
      out_(empty(description_.dst_desc(), engine_)),
      scratchpad_(description_.scratchpad_desc(), engine_),
      scales_(scale_argument(epilogue.scales, engine_)) {
  const OneThread one_thread(threads == Threads::one);
  primitive_ = dnnl::matmul(description_);
  arguments_ = {{DNNL_ARG_SRC, left_.get()},
                {DNNL_ARG_WEIGHTS, right_.get()},
                {DNNL_ARG_DST, out_.get()},
                {DNNL_ARG_SCRATCHPAD, scratchpad_.get()}};
  if (epilogue.bias) arguments_.push_back({DNNL_ARG_BIAS, bias_.get()});
  if (scales_) arguments_.push_back({scale_argument_index, scales_.get()});
}

void Matmul::operator()(const void* left, const void* right, const void* bias, void* out) {
  // oneDNN's handles know no const; it only reads what is given as an input.
  left_.set_data_handle(const_cast<void*>(left));
  right_.set_data_handle(const_cast<void*>(right));
  out_.set_data_handle(out);
  if (bias_) bias_.set_data_handle(const_cast<void*>(bias));
  // The C call, since the C++ one builds a map and a vector each time.
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive_.get(), stream_.get(), static_cast<int>(arguments_.size()),
                             arguments_.data()),
      "a matrix product failed");
}

std::vector<std::byte> Matmul::pack_right(const float* columns) const {
  const OneThread one_thread;
  const memory::desc to = description_.weights_desc();
  const memory::desc from(dims_of(to), memory::data_type::f32, memory::format_tag::ba);
  std::vector<std::byte> packed(to.get_size());
  memory source(from, engine_, const_cast<float*>(columns));
  memory target(to, engine_, packed.data());
  dnnl::reorder(source, target).execute(stream_, source, target);
  return packed;
}

}  // namespace scrawl::onednn
