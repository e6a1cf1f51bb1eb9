#include "cli/interrupt.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <unistd.h>

namespace scrawl::cli {

namespace {

struct Caught {
  int signal;
  int flags;
};
// The second SIGHUP comes while the training is saved, which it must not disturb.
constexpr std::array<Caught, 3> caught{{{SIGINT, static_cast<int>(SA_RESETHAND)},
                                        {SIGTERM, static_cast<int>(SA_RESETHAND)},
                                        {SIGHUP, SA_RESTART}}};

// The two things that a signal handler may touch.
std::atomic<bool> noted = false;
std::atomic<const char*> said_at_once = "";
static_assert(std::atomic<bool>::is_always_lock_free);
static_assert(std::atomic<const char*>::is_always_lock_free);

void note(int) {
  if (noted.exchange(true)) return;
  const int error = errno;
  const char* text = said_at_once;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
  errno = error;
}

}  // namespace

InterruptGuard::InterruptGuard(const char* notice)
    : receiver_([end = end_.get_future()] { end.wait(); }) {
  said_at_once = notice;
  // oneDNN's kernels of some CPUs point the stack pointer into a buffer on the heap. A handler that
  // ran on such a thread would have its frame written over whatever lies before the buffer.
  sigset_t signals;
  sigemptyset(&signals);
  for (const Caught& one : caught) sigaddset(&signals, one.signal);
  pthread_sigmask(SIG_BLOCK, &signals, &unblocked_);
  for (std::size_t i = 0; i < caught.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = caught[i].flags;
    sigaction(caught[i].signal, &action, &before_[i]);
    // A shell starts what runs in the background with Ctrl-C ignored, nohup without SIGHUP.
    if (before_[i].sa_handler == SIG_IGN) sigaction(caught[i].signal, &before_[i], nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < caught.size(); ++i) sigaction(caught[i].signal, &before_[i], nullptr);
  said_at_once = "";
  pthread_sigmask(SIG_SETMASK, &unblocked_, nullptr);
  end_.set_value();
  receiver_.join();
}

bool InterruptGuard::interrupted() {
  return noted;
}

}  // namespace scrawl::cli
