// Forward passes that threads borrow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <scrawl/model.hpp>

#include "network/bf16.hpp"
#include "network/forward_pass.hpp"
#include "network/kernels.hpp"
#include "network/mutex.hpp"

namespace scrawl {

/// As many passes through the same stages as have run at the same time. Safe to share between
/// threads; nothing is allocated once there are enough.
class ForwardPassPool {
 public:
  /// For `rows` images of `in_values` numbers, as ForwardPass has them, bf16 or f32. `stages`
  /// outlive it.
  ForwardPassPool(std::span<const Stage> stages, std::size_t rows, std::size_t in_values,
                  bool in_bf16, const Normalization& normalization)
      : stages_(stages),
        rows_(rows),
        in_values_(in_values),
        in_bf16_(in_bf16),
        normalization_(normalization) {
    give_back(make_pass());
  }

  /// Takes pixels, (rows or fewer, in values), through all stages, and shows what the last gave to
  /// `take`, which copies what it wants of it. Rows beyond those of `pixels` hold what they held
  /// before; nobody looks at what becomes of them.
  template <typename Take>
  void run(std::span<const std::uint8_t> pixels, const Take& take) {
    std::unique_ptr<ForwardPass> pass = borrow();
    if (pass == nullptr) pass = make_pass();
    void* first = pass->input();
    in_bf16_ ? normalize(pixels, normalization_, static_cast<Bf16*>(first))
             : normalize(pixels, normalization_, static_cast<float*>(first));
    take(pass->run());
    give_back(std::move(pass));
  }

 private:
  std::unique_ptr<ForwardPass> make_pass() const {
    return std::make_unique<ForwardPass>(stages_, rows_, in_values_);
  }

  std::unique_ptr<ForwardPass> borrow() {
    const Lock lock(mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<ForwardPass> pass = std::move(idle_.back());
    idle_.pop_back();
    return pass;
  }

  void give_back(std::unique_ptr<ForwardPass> pass) {
    const Lock lock(mutex_);
    idle_.push_back(std::move(pass));
  }

  std::span<const Stage> stages_;
  std::size_t rows_;
  std::size_t in_values_;
  bool in_bf16_;  // rather than f32
  Normalization normalization_;
  Mutex mutex_;
  std::vector<std::unique_ptr<ForwardPass>> idle_;
};

}  // namespace scrawl
