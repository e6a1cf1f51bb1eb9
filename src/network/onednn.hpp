// What scrawl uses of oneDNN, but for convolutions: a matrix product, compiled for one shape.
// oneDNN makes its kernels for the CPU it finds at run time. What differs between its versions 2
// and 3 stands in onednn.cpp and onednn_convolution.cpp alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <dnnl.hpp>
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

/// The type of a matrix's elements.
enum class Type { f32, bf16 };

inline std::size_t size_of(Type type) {
  return type == Type::f32 ? 4 : 2;
}

/// This CPU multiplies bfloat16 itself. (Elsewhere oneDNN emulates it, slower than f32.)
bool has_native_bf16();

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

/// What follows the product, in the same pass.
struct Epilogue {
  bool bias = false;  ///< adds a row of f32 to every row
  bool relu = false;
};

/// oneDNN's name of a type.
dnnl::memory::data_type data_type(Type type);

/// A primitive's attributes: the epilogue but for the bias, and a scratchpad that the caller
/// brings.
dnnl::primitive_attr attributes(const Epilogue& epilogue);

/// Whom a primitive's work is shared out to.
enum class Threads {
  one,  ///< the calling thread does it alone
  all,  ///< oneDNN's own team: only to measure against
};

/// out = left * right (+ bias, ReLU). Not to be used by two threads at once: each has its own,
/// which is cheap, since oneDNN keeps compiled kernels in a cache.
class Matmul {
 public:
  Matmul(const Matrix& left, const Matrix& right, const Matrix& out, Epilogue epilogue = {},
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
  std::array<dnnl_exec_arg_t, 5> arguments_;
};

}  // namespace scrawl::onednn
