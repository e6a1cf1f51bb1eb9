// Long work that is not wanted any more.
#pragma once

#include <exception>
#include <functional>

namespace scrawl {

/// What work throws that was asked to stop. No Error: nothing has gone wrong with the picture.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped: nobody waits for it any more"; }
};

/// Whether work is to stop; it asks every few milliseconds. Empty: it never is. (No
/// std::stop_token, which a platform without threads has not.)
using StopRequested = std::function<bool()>;

/// Throws Stopped when that is asked for.
inline void check_stop(const StopRequested& stop) {
  if (stop && stop()) throw Stopped();
}

}  // namespace scrawl
