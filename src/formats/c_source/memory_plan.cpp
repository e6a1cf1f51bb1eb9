#include "formats/c_source/memory_plan.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace scrawl::c_source {

namespace {

bool together(const Lifetime& a, const Lifetime& b) {
  return a.first <= b.last && b.first <= a.last;
}

struct Block {
  std::size_t offset;
  std::size_t end;
};

/// Where the first gap between `taken` begins that holds `size`.
std::size_t first_gap(std::vector<Block>& taken, std::size_t size) {
  std::ranges::sort(taken, {}, &Block::offset);
  std::size_t offset = 0;
  for (const Block& block : taken) {
    if (block.offset >= offset + size) break;
    offset = std::max(offset, block.end);
  }
  return offset;
}

}  // namespace

MemoryPlan plan_memory(std::span<const Lifetime> values) {
  // The largest first, each where it first fits: what TensorFlow Lite for Microcontrollers does.
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return values[i].size; });
  MemoryPlan plan;
  plan.offsets.resize(values.size());
  std::vector<std::size_t> placed;
  for (const std::size_t i : order) {
    std::vector<Block> taken;
    for (const std::size_t other : placed) {
      if (!together(values[i], values[other])) continue;
      taken.push_back({plan.offsets[other], plan.offsets[other] + values[other].size});
    }
    plan.offsets[i] = first_gap(taken, values[i].size);
    plan.size = std::max(plan.size, plan.offsets[i] + values[i].size);
    placed.push_back(i);
  }
  return plan;
}

}  // namespace scrawl::c_source
