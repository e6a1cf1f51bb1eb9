// The processes of a training as threads.
#pragma once

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <span>
#include <thread>
#include <vector>

#include "network_training/team.hpp"

namespace scrawl {

/// What the threads of a team have in common.
struct Table {
  explicit Table(std::size_t count) : meeting(static_cast<std::ptrdiff_t>(count)), size(count) {}

  std::barrier<> meeting;
  std::size_t size;
  std::vector<float> piece;
  std::vector<std::byte> bytes;
  bool stops = false;
};

class ThreadTeam final : public Team {
 public:
  ThreadTeam(Table& table, std::size_t rank) : table_(table), rank_(rank) {}

  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return table_.size; }

  void sum(const Sum& sum) override {
    for (std::size_t i = 0; i < sum.pieces.size(); ++i) {
      for (std::size_t rank = 0; rank < table_.size; ++rank) {
        if (rank == rank_) add(sum, i);
        table_.meeting.arrive_and_wait();
      }
      std::ranges::copy(table_.piece, sum.pieces[i].begin());
      sum.use(i);
      table_.meeting.arrive_and_wait();
    }
  }

  void gather(std::span<std::byte> blocks) override {
    const std::size_t block = blocks.size() / table_.size;
    if (rank_ == 0) table_.bytes.resize(blocks.size());
    table_.meeting.arrive_and_wait();
    std::ranges::copy(blocks.subspan(rank_ * block, block),
                      table_.bytes.begin() + static_cast<std::ptrdiff_t>(rank_ * block));
    if (asks_) table_.stops = true;
    table_.meeting.arrive_and_wait();
    std::ranges::copy(table_.bytes, blocks.begin());
    stops_ = table_.stops;
    table_.meeting.arrive_and_wait();
  }

  void send_to_all(std::vector<std::byte>& bytes) override {
    if (rank_ == 0) table_.bytes = bytes;
    table_.meeting.arrive_and_wait();
    bytes = table_.bytes;
    table_.meeting.arrive_and_wait();
  }

  void ask_to_stop() override { asks_ = true; }
  bool stops() const override { return stops_; }

 private:
  void add(const Sum& sum, std::size_t i) {
    if (rank_ > 0) std::ranges::copy(table_.piece, sum.pieces[i].begin());
    sum.add(i, rank_ == 0);
    table_.piece.assign(sum.pieces[i].begin(), sum.pieces[i].end());
  }

  Table& table_;
  std::size_t rank_;
  bool asks_ = false;
  bool stops_ = false;
};

/// Calls body(team) as each of so many processes would.
template <typename Body>
void in_team(std::size_t size, const Body& body) {
  Table table(size);
  std::vector<std::thread> threads;
  for (std::size_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      ThreadTeam team(table, rank);
      body(team);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace scrawl
