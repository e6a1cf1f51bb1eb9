// Processes that train one network together, each with some chunks of every batch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace scrawl {

/// Those of some items that fall to one process.
struct Share {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
};

/// The shares of processes 0, 1, ... follow each other, as even as can be.
inline Share share_of(std::size_t items, std::size_t rank, std::size_t size) {
  return {items * rank / size, items * (rank + 1) / size};
}

/// One of the processes, as it sees the others. All of them call the same functions in the same
/// order, and all wait for whoever is last.
class Team {
 public:
  virtual ~Team() = default;

  virtual std::size_t rank() const = 0;  ///< below size()
  virtual std::size_t size() const = 0;

  /// What is summed over all processes, in pieces: while one travels, others are added to.
  struct Sum {
    /// The same number of pieces, of the same lengths, in all processes.
    std::span<const std::span<float>> pieces;
    /// Adds this process's terms to piece `index`, which holds the sum of lower ranks' or, where
    /// `is_first`, nothing yet.
    std::function<void(std::size_t index, bool is_first)> add;
    /// The piece holds the sum of all, and is not to be changed.
    std::function<void(std::size_t index)> use;
  };
  virtual void sum(const Sum& sum) = 0;

  /// `blocks` is size() blocks of one length; each process has filled the one of its rank. Then all
  /// of them are.
  virtual void gather(std::span<std::byte> blocks) = 0;

  /// Gives all what rank 0 has; what the others have is lost.
  virtual void send_to_all(std::vector<std::byte>& bytes) = 0;

  /// Wishes that all end the training. The wish goes with the next gather, from which on stops() is
  /// true everywhere: so all stop behind the same step.
  virtual void ask_to_stop() = 0;
  virtual bool stops() const = 0;
};

/// Each process has set its share of the items; then all have all.
template <typename Item>
void gather_shares(Team& team, std::span<Item> items) {
  const std::size_t most = (items.size() + team.size() - 1) / team.size();
  std::vector<Item> blocks(most * team.size());
  const auto copy = [&](std::size_t rank, const auto& copy_items) {
    const Share share = share_of(items.size(), rank, team.size());
    copy_items(items.subspan(share.begin, share.size()),
               std::span(blocks).subspan(rank * most, share.size()));
  };
  copy(team.rank(), [](auto item, auto block) { std::ranges::copy(item, block.begin()); });
  team.gather(std::as_writable_bytes(std::span(blocks)));
  for (std::size_t rank = 0; rank < team.size(); ++rank) {
    copy(rank, [](auto item, auto block) { std::ranges::copy(block, item.begin()); });
  }
}

}  // namespace scrawl
