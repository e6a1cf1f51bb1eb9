#include "server/memory_budget.hpp"

#include <algorithm>
#include <utility>

namespace scrawl {

MemoryBudget::Share::Share(Share&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MemoryBudget::Share& MemoryBudget::Share::operator=(Share&& other) noexcept {
  std::swap(budget_, other.budget_);
  std::swap(bytes_, other.bytes_);
  other.give_back();
  return *this;
}

void MemoryBudget::Share::give_back() {
  if (bytes_ > 0) budget_->give_back(std::exchange(bytes_, 0));
}

std::optional<MemoryBudget::Share> MemoryBudget::try_take(std::size_t bytes) {
  const std::lock_guard guard(lock_);
  if (!is_free(bytes)) return std::nullopt;
  taken_ += bytes;
  return Share(*this, bytes);
}

bool MemoryBudget::try_grow(Share& share, std::size_t bytes) {
  const std::lock_guard guard(lock_);
  if (!is_free(bytes)) return false;
  taken_ += bytes;
  share.budget_ = this;
  share.bytes_ += bytes;
  return true;
}

std::optional<MemoryBudget::Share> MemoryBudget::take(std::size_t bytes, Turn turn,
                                                      const std::stop_token& stop,
                                                      std::chrono::milliseconds patience) {
  std::unique_lock guard(lock_);
  const std::uint64_t ticket = ++last_ticket_;
  if (turn == Turn::in_order) waiting_.push_back(ticket);
  const bool fits = changed_.wait_for(guard, stop, patience, [&] {
    return (turn == Turn::now || waiting_.front() == ticket) && is_free(bytes);
  });
  if (fits) taken_ += bytes;
  if (turn == Turn::in_order) {
    std::erase(waiting_, ticket);
    changed_.notify_all();  // somebody else is the first now
  }
  if (!fits) return std::nullopt;
  return Share(*this, bytes);
}

std::size_t MemoryBudget::taken() const {
  const std::lock_guard guard(lock_);
  return taken_;
}

void MemoryBudget::give_back(std::size_t bytes) {
  {
    const std::lock_guard guard(lock_);
    taken_ -= bytes;
  }
  changed_.notify_all();
}

}  // namespace scrawl
