// Long work that is not wanted any more.
#pragma once

#include <exception>
#include <stop_token>

namespace scrawl {

/// What work throws that was asked to stop. No Error: nothing has gone wrong with the picture.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped: nobody waits for it any more"; }
};

/// Throws Stopped when that is asked for. Long work calls it every few milliseconds.
inline void check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Stopped();
}

}  // namespace scrawl
