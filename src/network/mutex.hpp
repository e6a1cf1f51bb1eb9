// A mutex, also where there are no threads.
#pragma once

#if defined(__wasm__) && !defined(_REENTRANT)

namespace scrawl {

// Of a program of one thread.
struct Mutex {};
struct Lock {
  explicit Lock(Mutex&) {}
};

}  // namespace scrawl

#else

#include <mutex>

namespace scrawl {

using Mutex = std::mutex;
using Lock = std::scoped_lock<Mutex>;

}  // namespace scrawl

#endif
