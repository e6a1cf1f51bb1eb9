#include "network/workers.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <sched.h>

#include "network/onednn.hpp"

namespace scrawl {

namespace {

void pause_core() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 20 microseconds: longer than one worker usually waits for another, far shorter than the
// scheduler's time slice.
constexpr int spins = 600;

/// Waits until `value` is no longer `old`.
template <typename T>
void wait_for_change(const std::atomic<T>& value, T old) {
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause_core();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

int available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return std::max(1, CPU_COUNT(&cores));
}

Workers::Workers(int threads) {
  const int count = threads > 0 ? threads : available_cores();
  for (int worker = 1; worker < count; ++worker) {
    threads_.emplace_back([this, worker] { serve(static_cast<std::size_t>(worker)); });
  }
}

Workers::~Workers() {
  closing_.store(true);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(std::size_t tasks, const std::function<void(std::size_t, std::size_t)>& work) {
  const onednn::OneThread one_thread;
  work_ = &work;
  undone_.store(static_cast<std::uint32_t>(tasks), std::memory_order_relaxed);
  const std::uint32_t round = round_.load(std::memory_order_relaxed) + 1;
  tickets_.store(std::uint64_t{round} << 32 | tasks, std::memory_order_release);
  round_.store(round, std::memory_order_release);
  if (!threads_.empty() && tasks > 1) round_.notify_all();
  take_tasks(round, 0);
  for (std::uint32_t left = undone_.load(std::memory_order_acquire); left != 0;
       left = undone_.load(std::memory_order_acquire)) {
    wait_for_change(undone_, left);
  }
}

void Workers::serve(std::size_t worker) {
  const onednn::OneThread one_thread;
  for (std::uint32_t seen = 0;;) {
    wait_for_change(round_, seen);
    seen = round_.load(std::memory_order_acquire);
    if (closing_.load()) return;
    take_tasks(seen, worker);
  }
}

void Workers::take_tasks(std::uint32_t round, std::size_t worker) {
  std::uint64_t ticket = tickets_.load(std::memory_order_acquire);
  for (;;) {
    const auto left = static_cast<std::uint32_t>(ticket);
    // A worker that comes late finds no task left, or those of a later round, which it will be
    // called to.
    if (ticket >> 32 != round || left == 0) return;
    if (!tickets_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel)) continue;
    (*work_)(left - 1, worker);
    if (undone_.fetch_sub(1, std::memory_order_acq_rel) == 1) undone_.notify_one();
    ticket = tickets_.load(std::memory_order_acquire);
  }
}

}  // namespace scrawl
