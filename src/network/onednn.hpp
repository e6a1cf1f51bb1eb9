// What scrawl uses of oneDNN, but for convolutions: a matrix product, compiled for one shape.
// oneDNN makes its kernels for the CPU it finds at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <dnnl.hpp>
#include <span>
#include <vector>

namespace scrawl::onednn {

/// While it lives, oneDNN's primitives that this thread makes or runs use this thread alone.
/// Sharing out work is the task of Workers; a second team of threads below it would only fight for
/// cores.
class OneThread {
 public:
  OneThread() : OneThread(true) {}
  /// Does nothing where `wanted` is false.
  explicit OneThread(bool wanted);
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// The type of a matrix's elements. What multiplies u8 are signed bytes.
enum class Type { f32, bf16, u8 };

inline std::size_t size_of(Type type) {
  return type == Type::f32 ? 4 : type == Type::bf16 ? 2 : 1;
}

/// This CPU multiplies bfloat16 itself. (Elsewhere oneDNN emulates it, slower than f32.)
bool has_native_bf16();

/// This CPU multiplies unsigned by signed bytes and sums in 32 bits. (Others' sums overflow.)
bool has_native_int8();

/// How a matrix lies in memory.
enum class Layout {
  rows,     ///< row by row
  columns,  ///< column by column: a row-major matrix, used transposed
  packed,   ///< as oneDNN likes it best; filled by Matmul::pack_right
};

struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  Type type = Type::f32;
  Layout layout = Layout::rows;
  std::size_t stride = 0;  ///< elements from one row (or column) to the next; 0: no gap
};

/// What follows the product, in the same pass: out[c] = product[c] * scales[c] + bias[c], then the
/// ReLU.
struct Epilogue {
  bool bias = false;
  bool relu = false;
  std::vector<float> scales = {};  ///< of products of bytes; empty: none
};

/// The bias for a primitive with such scales, as this version of oneDNN takes it.
void fit_bias(const std::vector<float>& scales, std::span<float> bias);

/// oneDNN's name of a type, and of the one that multiplies it.
dnnl::memory::data_type data_type(Type type);
dnnl::memory::data_type weight_type(Type type);

/// A primitive's attributes: the epilogue but for the bias, and a scratchpad that the caller
/// brings. `outputs` is that dimension of the weights which the scales belong to.
dnnl::primitive_attr attributes(const Epilogue& epilogue, int outputs);

/// Whom a primitive's work is shared out to.
enum class Threads {
  one,  ///< the calling thread does it alone
  all,  ///< oneDNN's own team: only to measure against
};

/// out = left * right (+ bias, ReLU). Not to be used by two threads at once: each has its own,
/// which is cheap, since oneDNN keeps compiled kernels in a cache.
class Matmul {
 public:
  Matmul(const Matrix& left, const Matrix& right, const Matrix& out, const Epilogue& epilogue = {},
         Threads threads = Threads::one);

  /// `bias` is not read where the epilogue has none.
  void operator()(const void* left, const void* right, const void* bias, void* out);

  /// The right matrix in the packed layout, made from f32 in column layout.
  std::vector<std::byte> pack_right(const float* columns) const;

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::matmul::primitive_desc description_;
  dnnl::matmul primitive_;
  dnnl::memory left_;
  dnnl::memory right_;
  dnnl::memory bias_;
  dnnl::memory out_;
  dnnl::memory scratchpad_;
  dnnl::memory scales_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

}  // namespace scrawl::onednn
