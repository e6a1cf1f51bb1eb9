// A model compiled to answer: glyphs in, logits out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <scrawl/model.hpp>

namespace scrawl {

/// Safe to share between threads: each call borrows working memory that no other call uses. Nothing
/// is allocated once as many calls have run as run at the same time.
class InferencePlan {
 public:
  /// Compiles for up to `rows` glyphs at once; `bf16` multiplies in bfloat16 (see
  /// onednn::has_native_bf16). Throws Error when the weights do not fit the architecture.
  InferencePlan(const Model& model, std::size_t rows, bool bf16);
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
