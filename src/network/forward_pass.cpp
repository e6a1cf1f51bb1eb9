#include "network/forward_pass.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <variant>
#include <vector>

namespace scrawl {

namespace {

/// The last stage that reads each value: 0 is what comes in, i what stage i - 1 gives.
std::vector<std::size_t> last_readers(std::span<const Stage> stages) {
  std::vector<std::size_t> last(stages.size() + 1);
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    last[stage] = std::max(last[stage], stage);
    if (const auto* residual = std::get_if<ResidualStage>(&stages[stage].work))
      last[residual->source] = stage;
  }
  last.back() = stages.size();  // the caller
  return last;
}

}  // namespace

ForwardPass::ForwardPass(std::span<const Stage> stages, std::size_t rows, std::size_t in_values)
    : runs_(stages.begin(), stages.end()), added_(stages.size()) {
  const std::vector<std::size_t> last = last_readers(stages);
  std::vector<std::size_t> free_from;  // by buffer: the first stage that may write to it
  std::vector<std::size_t> sizes;      // in numbers
  for (std::size_t value = 0; value <= stages.size(); ++value) {
    const auto is_free = [&](std::size_t from) { return value > 0 && from < value; };
    const auto found = std::ranges::find_if(free_from, is_free);
    const auto slot = static_cast<std::size_t>(found - free_from.begin());
    if (found == free_from.end()) {
      free_from.push_back(0);
      sizes.push_back(0);
    }
    free_from[slot] = last[value] + 1;
    sizes[slot] =
        std::max(sizes[slot], rows * (value == 0 ? in_values : stages[value - 1].out_values));
    slots_.push_back(slot);
  }
  for (const std::size_t size : sizes) buffers_.emplace_back(size * sizeof(float));
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    if (const auto* residual = std::get_if<ResidualStage>(&stages[stage].work))
      added_[stage] = residual->source;
  }
}

const void* ForwardPass::run() {
  for (std::size_t stage = 0; stage < runs_.size(); ++stage) run(stage);
  return buffers_[slots_.back()].data();
}

const void* ForwardPass::run(std::size_t stage) {
  void* out = buffers_[slots_[stage + 1]].data();
  runs_[stage](buffers_[slots_[stage]].data(), buffers_[slots_[added_[stage]]].data(), out);
  return out;
}

}  // namespace scrawl
