// Keeps oneDNN to the thread that calls it.
#pragma once

namespace scrawl {

/// While it lives, what this thread compiles or runs of matmul.hpp and convolution.hpp uses this
/// thread alone. Sharing out work is the task of Workers; a second team of threads below it would
/// only fight for cores.
class OneThread {
 public:
  OneThread() : OneThread(true) {}
  /// Does nothing where `wanted` is false.
  explicit OneThread(bool wanted);
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  [[maybe_unused]] int before_;  // threads that the calling thread's OpenMP team had
};

}  // namespace scrawl
