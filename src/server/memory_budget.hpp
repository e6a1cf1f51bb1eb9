// The memory that requests may take together, counted before it is taken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

namespace scrawl {

/// Safe to use from any thread.
class MemoryBudget {
 public:
  /// `limit` in bytes.
  explicit MemoryBudget(std::size_t limit) : limit_(limit) {}

  /// Bytes that somebody has, given back at its end. It does not outlive the budget.
  class Share {
   public:
    Share() = default;
    ~Share() { give_back(); }
    Share(Share&& other) noexcept;
    Share& operator=(Share&& other) noexcept;

    void give_back();

   private:
    friend MemoryBudget;
    Share(MemoryBudget& budget, std::size_t bytes) : budget_(&budget), bytes_(bytes) {}

    MemoryBudget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  /// Nothing when so much is not free.
  std::optional<Share> try_take(std::size_t bytes);

  /// Adds to a share of this budget, or an empty one; false when so much is not free.
  bool try_grow(Share& share, std::size_t bytes);

  enum class Turn {
    in_order,  ///< after those who came before: else those who need little would always be first
    now,       ///< as soon as so much is free
  };

  /// Waits until so much is free. Nothing when that takes longer than `patience`, or `stop` is
  /// requested.
  std::optional<Share> take(std::size_t bytes, Turn turn, const std::stop_token& stop,
                            std::chrono::milliseconds patience);

  std::size_t limit() const { return limit_; }
  std::size_t taken() const;

 private:
  bool is_free(std::size_t bytes) const { return bytes <= limit_ - taken_; }
  void give_back(std::size_t bytes);

  const std::size_t limit_;
  mutable std::mutex lock_;
  std::condition_variable_any changed_;
  std::size_t taken_ = 0;
  std::deque<std::uint64_t> waiting_;  // tickets of those in order, the first come first
  std::uint64_t last_ticket_ = 0;
};

}  // namespace scrawl
