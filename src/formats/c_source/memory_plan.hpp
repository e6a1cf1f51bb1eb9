// Where the values of a program lie: in one memory, those that are needed at the same time apart.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace scrawl::c_source {

/// Times are whatever grows from step to step.
struct Lifetime {
  std::size_t size = 0;
  std::size_t first = 0;  ///< when a step gives it
  std::size_t last = 0;   ///< when the last step that takes it gives its own
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  ///< of each value
  std::size_t size = 0;              ///< of the memory
};

/// Values in a chain take turns at the two ends of what the largest two neighbors need, or little
/// more.
MemoryPlan plan_memory(std::span<const Lifetime> values);

}  // namespace scrawl::c_source
