// Threads that work, and what waits for them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace scrawl {

/// Safe to use from any thread.
class WorkQueue {
 public:
  using Task = std::function<void()>;  ///< throws nothing
  using Ticket = std::uint64_t;

  /// At most `max_waiting` tasks wait; those that a thread is free for do not.
  WorkQueue(std::size_t threads, std::size_t max_waiting);
  /// What has begun is finished, what waits is dropped.
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// Nothing when too many wait already.
  std::optional<Ticket> push(Task task);
  /// Takes out a task that has not begun.
  void drop(Ticket ticket);

  std::size_t waiting() const;
  bool is_full() const;

 private:
  void work();
  bool has_no_room() const { return waiting_.size() >= idle_ + max_waiting_; }

  const std::size_t max_waiting_;
  mutable std::mutex lock_;
  std::condition_variable wake_;
  std::map<Ticket, Task> waiting_;  // the first come first
  Ticket last_ticket_ = 0;
  std::size_t idle_;  // threads
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace scrawl
