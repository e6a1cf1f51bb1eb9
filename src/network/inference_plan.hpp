// A model compiled to answer: glyphs in, logits out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <scrawl/model.hpp>

#include "network/data_type.hpp"

namespace scrawl {

/// The type in which this CPU computes the model fastest: int8 where the model has activation
/// ranges and the CPU multiplies them itself, then bf16, then f32.
DataType fastest_type(const Model& model);

/// Safe to share between threads: each call borrows working memory that no other call uses. Nothing
/// is allocated once as many calls have run as run at the same time.
class InferencePlan {
 public:
  /// Compiles for up to `rows` glyphs at once. Throws Error when the weights do not fit the
  /// architecture, and for u8 (int8) when the model has no activation ranges.
  InferencePlan(const Model& model, std::size_t rows, DataType type);
  ~InferencePlan();
  InferencePlan(InferencePlan&&) noexcept;
  InferencePlan& operator=(InferencePlan&&) noexcept;

  std::size_t rows() const;

  /// glyphs (count, 28, 28) -> logits (count, 10), divided by the model's temperature; 1 <= count
  /// <= rows(). Throws Error when they are not finite.
  void run(std::span<const std::uint8_t> glyphs, std::span<float> logits) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace scrawl
