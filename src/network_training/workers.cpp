#include "network_training/workers.hpp"

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <linux/futex.h>
#include <mutex>
#include <sched.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <scrawl/error.hpp>

#include "network/one_thread.hpp"

namespace scrawl {

namespace {

void pause_core() {
#if __has_builtin(__builtin_ia32_pause)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 100 microseconds: longer than any task and than it takes to wake a worker, so that one that
// came late once does not fall asleep and come late again in every round; far shorter than the
// scheduler's time slice.
constexpr int spins = 6000;

// Linux looks for work to pull when a core goes idle, but leaves a task where it is for half a
// millisecond after it ran. So whoever waits for a worker that has lost its core sleeps a little
// longer than that, and again: the second time, the core that it leaves idle takes the worker in.
constexpr std::timespec nap{0, 600'000};

// After so many naps nothing is coming soon, and one sleeps until woken.
constexpr int max_naps = 10;

/// Sleeps while `value` is `old`; returns early when woken, or when `limit` (may be null) has
/// passed.
void futex_wait(std::atomic<std::uint32_t>& value, std::uint32_t old, const std::timespec* limit) {
  syscall(SYS_futex, &value, FUTEX_WAIT_PRIVATE, old, limit, nullptr, 0);
}

/// The cores that this thread may run on.
cpu_set_t allowed_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  sched_getaffinity(0, sizeof cores, &cores);
  return cores;
}

/// Moves this thread to a core, and leaves it free to be moved on.
void move_to(int core, const cpu_set_t& allowed) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  if (sched_setaffinity(0, sizeof one, &one) == 0) sched_setaffinity(0, sizeof allowed, &allowed);
}

std::size_t team_size(int threads) {
  if (threads < 0 || threads > max_threads) {
    throw std::invalid_argument(
        fmt::format("threads: found {}, expected 0 to {}", threads, max_threads));
  }
  return static_cast<std::size_t>(threads > 0 ? threads : available_cores());
}

}  // namespace

int available_cores() {
  const cpu_set_t cores = allowed_cores();
  return std::max(1, CPU_COUNT(&cores));
}

void Workers::Signal::wait_while(std::uint32_t old) {
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause_core();
  }
  sleepers.fetch_add(1);
  for (int naps = 0; value.load() == old; ++naps) {
    futex_wait(value, old, naps < max_naps ? &nap : nullptr);
  }
  sleepers.fetch_sub(1);
}

void Workers::Signal::wake() {
  // Whoever counts itself as a sleeper looks at the value once more before it sleeps; so either it
  // sees the new value, or we see it.
  if (sleepers.load() == 0) return;
  syscall(SYS_futex, &value, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

Workers::Workers(int threads) : shares_(team_size(threads)) {
  shares_[0].core = sched_getcpu();
  const auto count = static_cast<int>(shares_.size());
  try {
    for (int worker = 1; worker < count; ++worker) {
      threads_.emplace_back([this, worker] { serve(static_cast<std::size_t>(worker)); });
    }
  } catch (const std::system_error& error) {
    close();
    throw Error(fmt::format("cannot start {} threads: {}; ask for fewer", count, error.what()));
  }
}

Workers::~Workers() {
  close();
}

void Workers::close() {
  closing_.store(true);
  round_.value.fetch_add(1);
  round_.wake();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(std::size_t tasks, const std::function<void(std::size_t, std::size_t)>& work) {
  const OneThread one_thread;
  work_ = &work;
  shares_[0].core.store(sched_getcpu(), std::memory_order_relaxed);
  undone_.value.store(static_cast<std::uint32_t>(tasks), std::memory_order_relaxed);
  const std::uint32_t round = round_.value.load(std::memory_order_relaxed) + 1;
  tasks_ = tasks;
  for (std::size_t share = 0; share < shares_.size(); ++share) {
    const std::uint64_t count = share_begin(share + 1) - share_begin(share);
    shares_[share].tickets.store(std::uint64_t{round} << 32 | count, std::memory_order_release);
  }
  round_.value.store(round);
  round_.wake();
  take_tasks(round, 0);
  for (std::uint32_t left = undone_.value.load(std::memory_order_acquire); left != 0;
       left = undone_.value.load(std::memory_order_acquire)) {
    undone_.wait_while(left);
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Workers::serve(std::size_t worker) {
  const OneThread one_thread;
  constexpr std::uint32_t rounds_between_looks = 64;  // some 5 milliseconds
  std::uint32_t looked = 0;
  keep_apart(worker);
  for (std::uint32_t seen = 0;;) {
    if (seen - looked >= rounds_between_looks) {  // a late worker does not see every round
      keep_apart(worker);
      looked = seen;
    }
    round_.wait_while(seen);
    seen = round_.value.load(std::memory_order_acquire);
    if (closing_.load()) return;
    take_tasks(seen, worker);
  }
}

/// Workers that wait for each other look to the kernel as if one core were enough for them, and it
/// may leave them on one for seconds while another idles. Of two on one core, the later moves to a
/// core without any.
void Workers::keep_apart(std::size_t worker) {
  const int core = sched_getcpu();
  shares_[worker].core = core;
  const auto holds = [](int wanted) {
    return [wanted](const Share& share) { return share.core.load() == wanted; };
  };
  const auto own = shares_.begin() + static_cast<std::ptrdiff_t>(worker);
  if (std::none_of(shares_.begin(), own, holds(core))) return;
  const cpu_set_t allowed = allowed_cores();
  for (int free = 0; free < CPU_SETSIZE; ++free) {
    if (!CPU_ISSET(free, &allowed) || std::ranges::any_of(shares_, holds(free))) continue;
    move_to(free, allowed);
    shares_[worker].core = free;
    return;
  }
}

void Workers::take_tasks(std::uint32_t round, std::size_t worker) {
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    take_from((worker + i) % shares_.size(), round, worker);
  }
}

void Workers::take_from(std::size_t share, std::uint32_t round, std::size_t worker) {
  std::atomic<std::uint64_t>& tickets = shares_[share].tickets;
  std::uint64_t ticket = tickets.load(std::memory_order_acquire);
  for (;;) {
    const auto left = static_cast<std::uint32_t>(ticket);
    // A worker that comes late finds no task left, or those of a later round, which it will be
    // called to.
    if (ticket >> 32 != round || left == 0) return;
    if (!tickets.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel)) continue;
    try {
      (*work_)(share_begin(share) + left - 1, worker);
    } catch (...) {
      const std::scoped_lock guard(failure_lock_);
      failure_ = std::current_exception();
    }
    if (undone_.value.fetch_sub(1) == 1) undone_.wake();
    ticket = tickets.load(std::memory_order_acquire);
  }
}

}  // namespace scrawl
