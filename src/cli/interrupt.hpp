// Ctrl-C as a wish to stop.
#pragma once

#include <csignal>

namespace scrawl::cli {

/// While there is one, Ctrl-C (and SIGTERM) is only noted; a second one ends the program as usual.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool interrupted();

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace scrawl::cli
