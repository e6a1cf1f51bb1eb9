// One call's way through the stages of a network, and the memory for what lies between them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "network/aligned.hpp"
#include "network/stage_run.hpp"

namespace scrawl {

/// Not to be used by two threads at once; each has its own.
class ForwardPass {
 public:
  /// For `rows` images of `in_values` numbers. `stages` outlive it.
  ForwardPass(std::span<const Stage> stages, std::size_t rows, std::size_t in_values);

  /// Where what comes in, (rows, in values), is to be written before each run.
  void* input() { return buffers_[slots_.front()].data(); }

  /// Runs all stages, and gives what the last gave, (rows, out values), until the next run.
  const void* run();

  /// Runs one stage, and gives what it gave, until another takes its place.
  const void* run(std::size_t stage);

 private:
  std::vector<StageRun> runs_;
  /// By value: 0 is what comes in, i what stage i - 1 gives. Values that are not needed at the same
  /// time share a buffer.
  std::vector<std::size_t> slots_;
  std::vector<std::size_t> added_;  // by stage: the value that a residual sum adds; else 0
  std::vector<AlignedVector<std::byte>> buffers_;
};

}  // namespace scrawl
