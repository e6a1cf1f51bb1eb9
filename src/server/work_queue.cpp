#include "server/work_queue.hpp"

#include <csignal>
#include <utility>

namespace scrawl {

/// Its threads take no signals: oneDNN's kernels for some CPUs point the stack pointer into a
/// buffer on the heap, where a handler would write over what lies before the buffer.
WorkQueue::WorkQueue(std::size_t threads, std::size_t max_waiting)
    : max_waiting_(max_waiting), idle_(threads) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

WorkQueue::~WorkQueue() {
  std::map<Ticket, Task> dropped;  // ends without the lock: it may be the last owner of much
  {
    const std::lock_guard guard(lock_);
    ending_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<WorkQueue::Ticket> WorkQueue::push(Task task) {
  Ticket ticket = 0;
  {
    const std::lock_guard guard(lock_);
    if (has_no_room()) return std::nullopt;
    ticket = ++last_ticket_;
    waiting_.emplace_hint(waiting_.end(), ticket, std::move(task));
  }
  wake_.notify_one();
  return ticket;
}

void WorkQueue::drop(Ticket ticket) {
  std::map<Ticket, Task>::node_type dropped;  // ends without the lock
  const std::lock_guard guard(lock_);
  dropped = waiting_.extract(ticket);
}

std::size_t WorkQueue::waiting() const {
  const std::lock_guard guard(lock_);
  return waiting_.size();
}

bool WorkQueue::is_full() const {
  const std::lock_guard guard(lock_);
  return has_no_room();
}

void WorkQueue::work() {
  std::unique_lock guard(lock_);
  while (true) {
    wake_.wait(guard, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    --idle_;
    {
      auto begun = waiting_.extract(waiting_.begin());
      guard.unlock();
      begun.mapped()();
    }
    guard.lock();
    ++idle_;
  }
}

}  // namespace scrawl
