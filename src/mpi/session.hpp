// This process among those that mpirun has started, from MPI_Init to MPI_Finalize.
#pragma once

#include <cstddef>
#include <mpi.h>
#include <string>
#include <vector>

namespace scrawl::mpi {

/// Throws Error with MPI's own words unless `code` is MPI_SUCCESS.
void check(int code, const char* what);

class Session {
 public:
  /// Throws Error when mpirun is not of the MPI that the program was built with.
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }

  /// How many threads this process has cores for, those aside that others on this machine have.
  int threads() const { return threads_; }

  /// "rank 2 (process 4711 on nodeb)"
  std::string name_of(int rank) const;

  /// Of the processes on this machine, those that are no more, if this is the lowest rank of those
  /// that are: so one of them tells. None where one of them has told itself, before abort().
  std::vector<int> lost_ranks() const;

  /// Waits a second for all processes to call this: whether they have.
  bool meet() const;

  /// Ends all processes.
  [[noreturn]] void abort(int exit_code) const;

 private:
  struct Process {
    char host[128] = {};
    long id = 0;
  };

  void share_cores();
  bool has_been_told() const;

  int rank_ = 0;
  int size_ = 1;
  int threads_ = 1;
  MPI_Comm meeting_ = MPI_COMM_NULL;
  std::vector<Process> processes_;  // by rank
};

}  // namespace scrawl::mpi
