#include "cli/interrupt.hpp"

namespace scrawl::cli {

namespace {

// The one thing that a signal handler may touch.
volatile std::sig_atomic_t noted = 0;

}  // namespace

InterruptGuard::InterruptGuard() {
  struct sigaction action {};
  action.sa_handler = [](int) { noted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &before_int_);
  // A shell starts what runs in the background with Ctrl-C ignored; so it stays.
  if (before_int_.sa_handler == SIG_IGN) sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &action, &before_term_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool InterruptGuard::interrupted() {
  return noted != 0;
}

}  // namespace scrawl::cli
