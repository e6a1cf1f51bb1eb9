// A team whose processes talk by MPI.
#pragma once

#include <cstddef>
#include <functional>
#include <mpi.h>
#include <span>
#include <vector>

#include "network_training/team.hpp"

namespace scrawl::mpi {

enum class Reduction {
  /// In the order of the ranks, and so the same bits however many there are. A piece goes up the
  /// ranks, each of which adds its terms, and from the last around to all others: as much is sent
  /// over each link as by a ring that reduces, in as many steps, but the sums' order is one.
  ordered,
  /// As MPI_Iallreduce likes: in other orders for other numbers of ranks.
  fast,
};

/// All functions throw Error when MPI fails, and gather, in all processes, where they do not all
/// reduce in the same way.
class MpiTeam final : public Team {
 public:
  /// `while_waiting` is called some ten times a second while others are waited for; it may throw.
  explicit MpiTeam(std::function<void()> while_waiting);
  ~MpiTeam() override;
  MpiTeam(const MpiTeam&) = delete;
  MpiTeam& operator=(const MpiTeam&) = delete;

  void reduce_by(Reduction reduction) { reduction_ = reduction; }

  std::size_t rank() const override { return static_cast<std::size_t>(rank_); }
  std::size_t size() const override { return static_cast<std::size_t>(size_); }
  void sum(const Sum& sum) override;
  void gather(std::span<std::byte> blocks) override;
  void send_to_all(std::vector<std::byte>& bytes) override;
  void ask_to_stop() override { asks_to_stop_ = true; }
  bool stops() const override { return stops_; }

 private:
  void sum_in_order(const Sum& sum);
  void sum_fast(const Sum& sum);
  std::size_t wait_any(std::span<MPI_Request> requests) const;
  void wait(MPI_Request request) const;

  std::function<void()> while_waiting_;
  Reduction reduction_ = Reduction::ordered;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  bool asks_to_stop_ = false;
  bool stops_ = false;
  std::vector<std::byte> gathered_;  // (size, a block and what goes with it)
};

}  // namespace scrawl::mpi
