// Matrix products in plain loops, and what else the build without oneDNN has in place of it.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>

#include "network/data_type.hpp"
#include "network/matmul.hpp"
#include "network/one_thread.hpp"
#include "network/products_version.hpp"

namespace scrawl {

OneThread::OneThread(bool /*wanted*/) : before_(1) {}
OneThread::~OneThread() = default;

bool has_native_bf16() {
  return false;
}

bool has_native_int8() {
  return false;
}

bool may_use_avx512() {
  return true;
}

void fit_bias(const std::vector<float>& /*scales*/, std::span<float> /*bias*/) {}

struct Matmul::Compiled {
  Matrix left;
  Matrix right;
  Matrix out;
  Epilogue epilogue;
};

namespace {

/// Where an element stands.
std::size_t place_of(const Matrix& matrix, std::size_t row, std::size_t column) {
  if (matrix.layout == MatrixLayout::columns) {
    return column * (matrix.stride != 0 ? matrix.stride : matrix.rows) + row;
  }
  return row * (matrix.stride != 0 ? matrix.stride : matrix.columns) + column;
}

/// The right matrix as (inner, columns) without gaps, so that the innermost loop runs along rows.
std::vector<float> rows_of(const Matrix& matrix, const float* values) {
  std::vector<float> rows(matrix.rows * matrix.columns);
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    for (std::size_t c = 0; c < matrix.columns; ++c) {
      rows[r * matrix.columns + c] = values[place_of(matrix, r, c)];
    }
  }
  return rows;
}

}  // namespace

Matmul::Matmul(const Matrix& left, const Matrix& right, const Matrix& out, const Epilogue& epilogue,
               Threads /*threads*/)
    : compiled_(std::make_unique<Compiled>(Compiled{left, right, out, epilogue})) {
  for (const Matrix& matrix : {left, right, out}) {
    if (matrix.type == DataType::f32) continue;
    throw Error("products of bf16 and int8 need oneDNN, which this build is without; take f32");
  }
}

Matmul::~Matmul() = default;
Matmul::Matmul(Matmul&&) noexcept = default;
Matmul& Matmul::operator=(Matmul&&) noexcept = default;

void Matmul::operator()(const void* left, const void* right, const void* bias, void* out) {
  const Compiled& own = *compiled_;
  const auto* factors = static_cast<const float*>(left);
  const auto* given = static_cast<const float*>(right);
  std::vector<float> copy;
  if (own.right.layout == MatrixLayout::columns || own.right.stride != 0) {
    copy = rows_of(own.right, given);
    given = copy.data();
  }
  for (std::size_t r = 0; r < own.out.rows; ++r) {
    float* __restrict to = static_cast<float*>(out) + place_of(own.out, r, 0);
    for (std::size_t c = 0; c < own.out.columns; ++c) {
      to[c] = own.epilogue.bias ? static_cast<const float*>(bias)[c] : 0.0F;
    }
    for (std::size_t k = 0; k < own.left.columns; ++k) {
      const float factor = factors[place_of(own.left, r, k)];
      const float* row = given + k * own.out.columns;
      for (std::size_t c = 0; c < own.out.columns; ++c) to[c] += factor * row[c];
    }
    if (!own.epilogue.relu) continue;
    for (std::size_t c = 0; c < own.out.columns; ++c) to[c] = to[c] > 0 ? to[c] : 0.0F;
  }
}

std::vector<std::byte> Matmul::pack_right(const float* columns) const {
  const Matrix& right = compiled_->right;
  const std::vector<float> rows =
      rows_of({right.rows, right.columns, right.type, MatrixLayout::columns}, columns);
  std::vector<std::byte> packed(rows.size() * sizeof(float));
  std::memcpy(packed.data(), rows.data(), packed.size());
  return packed;
}

std::string products_version() {
  return "plain loops";
}

}  // namespace scrawl
