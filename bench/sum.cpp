// What the ranks of a training say to each other in a step, without its computing; for bench/links.
//
// usage: mpirun -n RANKS sum_bench WEIGHTS ROUNDS ordered|fast
//
// Rank 0 prints the microseconds of a round: the shortest, and the one in the middle.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fmt/core.h>
#include <span>
#include <string_view>
#include <vector>

#include "mpi/mpi_team.hpp"
#include "mpi/session.hpp"

namespace {

constexpr std::size_t piece_size = 16384;  // as in network_training/layered_training.cpp

void measure(scrawl::mpi::MpiTeam& team, std::size_t weights, std::size_t rounds) {
  std::vector<float> own(weights, 1.0F);
  std::vector<float> sum(weights);
  std::vector<std::span<float>> pieces;
  for (std::size_t at = 0; at < weights; at += piece_size)
    pieces.push_back(std::span(sum).subspan(at, std::min(piece_size, weights - at)));
  std::vector<double> microseconds;
  std::vector<std::byte> losses(8 * team.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    team.gather(losses);
    team.sum({pieces,
              [&](std::size_t piece, bool is_first) {
                const float* from = own.data() + piece * piece_size;
                float* to = pieces[piece].data();
                for (std::size_t i = 0; i < pieces[piece].size(); ++i)
                  to[i] = from[i] + (is_first ? 0.0F : to[i]);
              },
              [](std::size_t) {}});
    const auto time = std::chrono::steady_clock::now() - start;
    microseconds.push_back(std::chrono::duration<double, std::micro>(time).count());
  }
  if (sum[0] != static_cast<float>(team.size())) std::abort();
  if (team.rank() != 0) return;
  std::ranges::sort(microseconds);
  fmt::print("{:.1f} {:.1f}\n", microseconds.front(), microseconds[microseconds.size() / 2]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: mpirun -n RANKS sum_bench WEIGHTS ROUNDS ordered|fast\n", stderr);
    return 2;
  }
  using scrawl::mpi::Reduction;
  const scrawl::mpi::Session session;
  scrawl::mpi::MpiTeam team({});
  team.reduce_by(std::string_view(argv[3]) == "fast" ? Reduction::fast : Reduction::ordered);
  measure(team, std::strtoul(argv[1], nullptr, 10), std::strtoul(argv[2], nullptr, 10));
}
