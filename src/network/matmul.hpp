// Matrix products, compiled for one shape: on oneDNN, which makes its kernels for the CPU that it
// finds at run time (onednn_matmul.cpp), or in plain loops (plain_matmul.cpp).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "network/data_type.hpp"

namespace scrawl {

/// How a matrix lies in memory.
enum class MatrixLayout {
  rows,     ///< row by row
  columns,  ///< column by column: a row-major matrix, used transposed
  packed,   ///< as it is multiplied fastest; filled by Matmul::pack_right
};

struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  DataType type = DataType::f32;
  MatrixLayout layout = MatrixLayout::rows;
  std::size_t stride = 0;  ///< elements from one row (or column) to the next; 0: no gap
};

/// What follows the product, in the same pass: out[c] = product[c] * scales[c] + bias[c], then the
/// ReLU.
struct Epilogue {
  bool bias = false;
  bool relu = false;
  std::vector<float> scales = {};  ///< of products of bytes; empty: none
};

/// Makes the bias fit for a product with such scales: some versions of oneDNN add it before they
/// scale.
void fit_bias(const std::vector<float>& scales, std::span<float> bias);

/// Whom the work is shared out to.
enum class Threads {
  one,  ///< the calling thread does it alone
  all,  ///< oneDNN's own team: only to measure against
};

/// out = left * right (+ bias, ReLU). Not to be used by two threads at once: each has its own,
/// which is cheap, since oneDNN keeps compiled kernels in a cache. Throws Error when oneDNN cannot
/// multiply these.
class Matmul {
 public:
  Matmul(const Matrix& left, const Matrix& right, const Matrix& out, const Epilogue& epilogue = {},
         Threads threads = Threads::one);
  ~Matmul();
  Matmul(Matmul&&) noexcept;
  Matmul& operator=(Matmul&&) noexcept;

  /// `bias` is not read where the epilogue has none.
  void operator()(const void* left, const void* right, const void* bias, void* out);

  /// The right matrix in the packed layout, made from f32 in column layout.
  std::vector<std::byte> pack_right(const float* columns) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace scrawl
