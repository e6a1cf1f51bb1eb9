// Calling Python from work that has let go of its lock.
#pragma once

#include <chrono>

#include "module.hpp"

namespace scrawl::python {

/// Lets a callback, and whoever presses Ctrl-C, end long work. What Python raises,
/// KeyboardInterrupt too, goes through the library and out of the call.
class Caller {
 public:
  /// Whether to go on: not when the callback answers what is false, but for None. Without a
  /// callback, Python's lock is taken but every 50 ms, which is when signals are looked for.
  template <typename... Report>
  bool goes_on(const py::object& callback, const Report&... report) {
    const auto now = std::chrono::steady_clock::now();
    if (callback.is_none() && now - looked_ < std::chrono::milliseconds(50)) return true;
    looked_ = now;
    const py::gil_scoped_acquire with_gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (callback.is_none()) return true;
    const py::object answer = callback(report...);
    return answer.is_none() || py::bool_(answer);
  }

 private:
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace scrawl::python
