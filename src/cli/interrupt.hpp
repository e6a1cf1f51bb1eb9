// Ctrl-C as a wish to stop.
#pragma once

#include <array>
#include <csignal>
#include <future>
#include <thread>

namespace scrawl::cli {

/// While there is one, Ctrl-C is only noted, and so are SIGTERM and SIGHUP, which a terminal sends
/// when it is closed. A second one ends the program as usual, but for SIGHUP: a closed terminal and
/// its shell send one each. They come on a thread of its own: make one before the threads that
/// work. What was ignored before, as under nohup, stays so.
class InterruptGuard {
 public:
  /// `notice` goes to stderr when the first comes, at once; it outlives the guard.
  explicit InterruptGuard(const char* notice = "");
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool interrupted();

 private:
  std::array<struct sigaction, 3> before_{};
  sigset_t unblocked_{};
  std::promise<void> end_;
  std::thread receiver_;
};

}  // namespace scrawl::cli
