#include "mpi/mpi_team.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <sched.h>
#include <span>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "mpi/session.hpp"

namespace scrawl::mpi {

namespace {

/// Others come within a step, or they are late: on a machine with fewer cores than processes they
/// need this one.
class Patience {
 public:
  explicit Patience(const std::function<void()>& while_waiting) : while_waiting_(while_waiting) {}

  void wait() {
    constexpr int spins = 200;  // some 20 microseconds of MPI_Testany
    if (tries_ < spins) {
      ++tries_;
      return;
    }
    sched_yield();
    const auto now = Clock::now();
    if (now - told_ < std::chrono::milliseconds(100)) return;
    told_ = now;
    if (while_waiting_) while_waiting_();
  }

 private:
  using Clock = std::chrono::steady_clock;

  const std::function<void()>& while_waiting_;
  int tries_ = 0;
  Clock::time_point told_ = Clock::now();
};

/// Sums pieces in the order of the ranks. A piece has one message on its way at a time: its sum so
/// far, from the rank before; the same, to the rank after; then its total, around from the last.
class OrderedSum {
 public:
  OrderedSum(const Team::Sum& sum, MPI_Comm comm, int rank, int size)
      : sum_(sum),
        comm_(comm),
        rank_(rank),
        last_(size - 1),
        before_((rank + size - 1) % size),
        after_((rank + 1) % size),
        requests_(sum.pieces.size(), MPI_REQUEST_NULL),
        stages_(sum.pieces.size(), Stage::receiving_sum),
        open_(sum.pieces.size()) {}

  std::span<MPI_Request> requests() { return requests_; }
  bool is_done() const { return open_ == 0; }
  bool is_first() const { return rank_ == 0; }

  /// Begins with a piece: the first rank adds, others wait for what those before have added.
  void start(std::size_t piece) {
    if (!is_first()) return receive(piece, Stage::receiving_sum);
    sum_.add(piece, true);
    pass_sum_on(piece);
  }

  /// Goes on with a piece whose message has been sent, or has come.
  void go_on(std::size_t piece) {
    switch (stages_[piece]) {
      case Stage::receiving_sum:
        sum_.add(piece, false);
        return pass_sum_on(piece);
      case Stage::sending_sum:
        return receive(piece, Stage::receiving_total);
      case Stage::receiving_total:
        return pass_total_on(piece);
      case Stage::sending_total:
        --open_;
        return;
    }
  }

 private:
  enum class Stage : std::uint8_t { receiving_sum, sending_sum, receiving_total, sending_total };

  void pass_sum_on(std::size_t piece) {
    if (rank_ == last_) return pass_total_on(piece);
    send(piece, Stage::sending_sum);
  }

  /// The last rank has made the total, so the way of totals ends before it.
  void pass_total_on(std::size_t piece) {
    if (after_ != last_ && last_ != 0) {
      send(piece, Stage::sending_total);
    } else {
      --open_;
    }
    sum_.use(piece);
  }

  int tag(std::size_t piece, bool is_total) const {
    return static_cast<int>(2 * piece + (is_total ? 1 : 0));
  }

  void send(std::size_t piece, Stage stage) {
    stages_[piece] = stage;
    const std::span<float> numbers = sum_.pieces[piece];
    check(MPI_Isend(numbers.data(), static_cast<int>(numbers.size()), MPI_FLOAT, after_,
                    tag(piece, stage == Stage::sending_total), comm_, &requests_[piece]),
          "MPI_Isend");
  }

  void receive(std::size_t piece, Stage stage) {
    stages_[piece] = stage;
    const std::span<float> numbers = sum_.pieces[piece];
    check(MPI_Irecv(numbers.data(), static_cast<int>(numbers.size()), MPI_FLOAT, before_,
                    tag(piece, stage == Stage::receiving_total), comm_, &requests_[piece]),
          "MPI_Irecv");
  }

  const Team::Sum& sum_;
  MPI_Comm comm_;
  int rank_;
  int last_;
  int before_;
  int after_;
  std::vector<MPI_Request> requests_;  // one for each piece
  std::vector<Stage> stages_;
  std::size_t open_;  // pieces that are not done with
};

// What goes with a block: whether its rank asks to stop, and how it sums.
constexpr unsigned char stop_bit = 1;
constexpr unsigned char fast_bit = 2;

/// One of the requests that is done, if any.
std::optional<std::size_t> test_any(std::span<MPI_Request> requests) {
  int index = MPI_UNDEFINED;
  int done = 0;
  check(MPI_Testany(static_cast<int>(requests.size()), requests.data(), &index, &done,
                    MPI_STATUS_IGNORE),
        "MPI_Testany");
  if (done == 0 || index == MPI_UNDEFINED) return std::nullopt;
  return static_cast<std::size_t>(index);
}

}  // namespace

MpiTeam::MpiTeam(std::function<void()> while_waiting) : while_waiting_(std::move(while_waiting)) {
  check(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "MPI_Comm_dup");
  MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
  MPI_Comm_rank(comm_, &rank_);
  MPI_Comm_size(comm_, &size_);
}

MpiTeam::~MpiTeam() {
  MPI_Comm_free(&comm_);
}

void MpiTeam::sum(const Sum& sum) {
  reduction_ == Reduction::ordered ? sum_in_order(sum) : sum_fast(sum);
}

void MpiTeam::sum_in_order(const Sum& sum) {
  OrderedSum pieces(sum, comm_, rank_, size_);
  for (std::size_t piece = 0; piece < sum.pieces.size(); ++piece) {
    pieces.start(piece);
    if (!pieces.is_first()) continue;
    while (const auto done = test_any(pieces.requests())) pieces.go_on(*done);
  }
  while (!pieces.is_done()) pieces.go_on(wait_any(pieces.requests()));
}

void MpiTeam::sum_fast(const Sum& sum) {
  std::vector<MPI_Request> requests(sum.pieces.size(), MPI_REQUEST_NULL);
  std::size_t open = sum.pieces.size();
  for (std::size_t piece = 0; piece < sum.pieces.size(); ++piece) {
    sum.add(piece, true);
    const std::span<float> numbers = sum.pieces[piece];
    check(MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(numbers.size()), MPI_FLOAT,
                         MPI_SUM, comm_, &requests[piece]),
          "MPI_Iallreduce");
    if (const auto done = test_any(requests)) {
      sum.use(*done);
      --open;
    }
  }
  for (; open > 0; --open) sum.use(wait_any(requests));
}

void MpiTeam::gather(std::span<std::byte> blocks) {
  const std::size_t block = blocks.size() / size();
  gathered_.resize((block + 1) * size());
  std::byte* own = gathered_.data() + rank() * (block + 1);
  if (block > 0) std::memcpy(own, blocks.data() + rank() * block, block);
  own[block] = static_cast<std::byte>((asks_to_stop_ ? stop_bit : 0) |
                                      (reduction_ == Reduction::fast ? fast_bit : 0));
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, gathered_.data(),
                       static_cast<int>(block + 1), MPI_BYTE, comm_, &request),
        "MPI_Iallgather");
  wait(request);
  for (std::size_t rank = 0; rank < size(); ++rank) {
    const std::byte* from = gathered_.data() + rank * (block + 1);
    if (block > 0) std::memcpy(blocks.data() + rank * block, from, block);
    stops_ = stops_ || (from[block] & std::byte{stop_bit}) != std::byte{0};
    if (((from[block] ^ gathered_[block]) & std::byte{fast_bit}) == std::byte{0}) continue;
    throw Error(
        fmt::format("rank {}: --reduce is not what it is on rank 0; give all ranks the "
                    "same options",
                    rank));
  }
}

void MpiTeam::send_to_all(std::vector<std::byte>& bytes) {
  std::uint64_t length = bytes.size();
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibcast(&length, 1, MPI_UINT64_T, 0, comm_, &request), "MPI_Ibcast");
  wait(request);
  bytes.resize(length);
  constexpr std::size_t most = std::size_t{1} << 30;  // MPI counts in int
  for (std::size_t at = 0; at < bytes.size(); at += most) {
    const std::size_t count = std::min(most, bytes.size() - at);
    check(MPI_Ibcast(bytes.data() + at, static_cast<int>(count), MPI_BYTE, 0, comm_, &request),
          "MPI_Ibcast");
    wait(request);
  }
}

std::size_t MpiTeam::wait_any(std::span<MPI_Request> requests) const {
  for (Patience patience(while_waiting_);; patience.wait()) {
    if (const auto done = test_any(requests)) return *done;
  }
}

void MpiTeam::wait(MPI_Request request) const {
  wait_any({&request, 1});
}

}  // namespace scrawl::mpi
