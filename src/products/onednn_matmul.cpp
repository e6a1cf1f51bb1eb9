#include <cstddef>
#include <fmt/core.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>

#include "network/matmul.hpp"
#include "network/one_thread.hpp"
#include "network/products_version.hpp"
#include "products/onednn.hpp"
#include "products/onednn_version.hpp"

// Debian's oneDNN runs on OpenMP, and brings it along; a build on another runtime does not.
extern "C" {
[[gnu::weak]] int omp_get_max_threads();
[[gnu::weak]] void omp_set_num_threads(int);
}

namespace scrawl {

namespace onednn {

dnnl::memory::data_type data_type(DataType type) {
  switch (type) {
    case DataType::f32:
      return dnnl::memory::data_type::f32;
    case DataType::bf16:
      return dnnl::memory::data_type::bf16;
    case DataType::u8:
      return dnnl::memory::data_type::u8;
  }
  return dnnl::memory::data_type::undef;
}

dnnl::memory::data_type weight_type(DataType type) {
  return type == DataType::u8 ? dnnl::memory::data_type::s8 : data_type(type);
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

}  // namespace onednn

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

bool may_use_avx512() {
  return has(dnnl::cpu_isa::avx512_core);
}

bool has_native_int8() {
  return has(dnnl::cpu_isa::avx512_core_vnni);
}

void fit_bias(const std::vector<float>& scales, std::span<float> bias) {
  if (!onednn::scales_bias) return;
  for (std::size_t c = 0; c < scales.size(); ++c) bias[c] /= scales[c];
}

namespace {

memory::desc describe(const Matrix& matrix, memory::data_type type) {
  const auto rows = static_cast<memory::dim>(matrix.rows);
  const auto columns = static_cast<memory::dim>(matrix.columns);
  const auto stride = static_cast<memory::dim>(matrix.stride);
  switch (matrix.layout) {
    case MatrixLayout::rows:
      return {{rows, columns}, type, memory::dims{stride != 0 ? stride : columns, 1}};
    case MatrixLayout::columns:
      return {{rows, columns}, type, memory::dims{1, stride != 0 ? stride : rows}};
    case MatrixLayout::packed:
      return {{rows, columns}, type, memory::format_tag::any};
  }
  return {};
}

dnnl::matmul::primitive_desc compile(const dnnl::engine& engine, const Matrix& left,
                                     const Matrix& right, const Matrix& out,
                                     const Epilogue& epilogue) {
  const memory::desc a = describe(left, onednn::data_type(left.type));
  const memory::desc b = describe(right, onednn::weight_type(right.type));
  const memory::desc c = describe(out, onednn::data_type(out.type));
  memory::desc bias;
  if (epilogue.bias) {
    bias = memory::desc({1, static_cast<memory::dim>(out.columns)}, memory::data_type::f32,
                        memory::format_tag::ab);
  }
  return onednn::describe_product(engine, a, b, bias, c, onednn::attributes(epilogue, 1));
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

struct Matmul::Compiled {
  Compiled(const Matrix& left_matrix, const Matrix& right_matrix, const Matrix& out_matrix,
           const Epilogue& epilogue, Threads threads);

  dnnl::engine engine;
  dnnl::stream stream;
  dnnl::matmul::primitive_desc description;
  dnnl::matmul primitive;
  memory left;
  memory right;
  memory bias;
  memory out;
  memory scratchpad;
  memory scales;
  std::vector<dnnl_exec_arg_t> arguments;
};

Matmul::Compiled::Compiled(const Matrix& left_matrix, const Matrix& right_matrix,
                           const Matrix& out_matrix, const Epilogue& epilogue, Threads threads)
    : engine(dnnl::engine::kind::cpu, 0),
      stream(engine),
      description(compile_for(threads, engine, left_matrix, right_matrix, out_matrix, epilogue)),
      left(empty(description.src_desc(), engine)),
      right(empty(description.weights_desc(), engine)),
      bias(epilogue.bias ? empty(description.bias_desc(), engine) : memory()),
      out(empty(description.dst_desc(), engine)),
      scratchpad(description.scratchpad_desc(), engine),
      scales(onednn::scale_argument(epilogue.scales, engine)) {
  const OneThread one_thread(threads == Threads::one);
  primitive = dnnl::matmul(description);
  arguments = {{DNNL_ARG_SRC, left.get()},
               {DNNL_ARG_WEIGHTS, right.get()},
               {DNNL_ARG_DST, out.get()},
               {DNNL_ARG_SCRATCHPAD, scratchpad.get()}};
  if (epilogue.bias) arguments.push_back({DNNL_ARG_BIAS, bias.get()});
  if (scales) arguments.push_back({onednn::scale_argument_index, scales.get()});
}

Matmul::Matmul(const Matrix& left, const Matrix& right, const Matrix& out, const Epilogue& epilogue,
               Threads threads)
    : compiled_(std::make_unique<Compiled>(left, right, out, epilogue, threads)) {}

Matmul::~Matmul() = default;
Matmul::Matmul(Matmul&&) noexcept = default;
Matmul& Matmul::operator=(Matmul&&) noexcept = default;

void Matmul::operator()(const void* left, const void* right, const void* bias, void* out) {
  Compiled& own = *compiled_;
  // oneDNN's handles know no const; it only reads what is given as an input.
  own.left.set_data_handle(const_cast<void*>(left));
  own.right.set_data_handle(const_cast<void*>(right));
  own.out.set_data_handle(out);
  if (own.bias) own.bias.set_data_handle(const_cast<void*>(bias));
  // The C call, since the C++ one builds a map and a vector each time.
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(own.primitive.get(), own.stream.get(),
                             static_cast<int>(own.arguments.size()), own.arguments.data()),
      "a matrix product failed");
}

std::vector<std::byte> Matmul::pack_right(const float* columns) const {
  const OneThread one_thread;
  const memory::desc to = compiled_->description.weights_desc();
  const memory::desc from(onednn::dims_of(to), memory::data_type::f32, memory::format_tag::ba);
  std::vector<std::byte> packed(to.get_size());
  memory source(from, compiled_->engine, const_cast<float*>(columns));
  memory target(to, compiled_->engine, packed.data());
  dnnl::reorder(source, target).execute(compiled_->stream, source, target);
  return packed;
}

std::string products_version() {
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

}  // namespace scrawl
