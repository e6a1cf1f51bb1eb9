// A small team of threads that shares out the tasks of one step after another.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "network/aligned.hpp"

namespace scrawl {

/// More threads than any machine has cores for are a mistake.
inline constexpr int max_threads = 1024;

/// A step of training takes a third of a millisecond, so waiting has to be cheap: a worker spins
/// for a few microseconds, then sleeps in the kernel. (OpenMP spins for milliseconds, which makes
/// training ten times slower once another process wants one of the cores.) Tasks are taken, not
/// assigned: when a worker loses its core, the others do its share.
class Workers {
 public:
  /// `threads` in all, the caller included; 0: one for each core that this process may run on.
  /// Throws std::invalid_argument when it is not 0 to max_threads, Error when the system has not
  /// so many.
  explicit Workers(int threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t size() const { return threads_.size() + 1; }

  /// Calls work(task, worker) for each task in [0, tasks), on any worker in [0, size()); returns
  /// when all are done. Within one worker, oneDNN runs on that worker's thread alone. When tasks
  /// throw, one of their exceptions is thrown again at the end. One run at a time.
  void run(std::size_t tasks, const std::function<void(std::size_t, std::size_t)>& work);

 private:
  void close();
  void serve(std::size_t worker);
  void take_tasks(std::uint32_t round, std::size_t worker);
  void take_from(std::size_t share, std::uint32_t round, std::size_t worker);

  /// The tasks of a share are those from share * tasks / shares on.
  std::size_t share_begin(std::size_t share) const { return share * tasks_ / shares_.size(); }

  struct alignas(cache_line) Share {
    std::atomic<std::uint64_t> tickets{0};  // round << 32 | tasks not yet taken
    std::atomic<int> core{-1};              // where its worker was last seen
  };

  void keep_apart(std::size_t worker);

  /// A number that others change and wait for.
  struct Signal {
    std::atomic<std::uint32_t> value{0};
    std::atomic<std::uint32_t> sleepers{0};

    void wait_while(std::uint32_t old);
    void wake();
  };

  std::vector<std::thread> threads_;
  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::vector<Share> shares_;  // one for each worker
  std::size_t tasks_ = 0;
  Signal undone_;  // tasks not yet finished
  Signal round_;
  std::atomic<bool> closing_{false};
  std::mutex failure_lock_;
  std::exception_ptr failure_;  // of a task of this round
};

/// One for each core that this process may run on.
int available_cores();

}  // namespace scrawl
