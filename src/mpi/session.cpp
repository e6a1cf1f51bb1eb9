#include "mpi/session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <sched.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>

#include "network_training/workers.hpp"

namespace scrawl::mpi {

namespace {

constexpr int end_tag = 1;  // of the message that its sender ends the training, and has said why

/// "Open MPI v4.1.4, package: ...": up to the first comma or line's end.
std::string library_name() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  if (MPI_Get_library_version(text.data(), &length) != MPI_SUCCESS) return "unknown";
  const std::string_view all(text.data(), static_cast<std::size_t>(length));
  return std::string(all.substr(0, all.find_first_of(",\n")));
}

/// How many processes the environment speaks of, as the mpirun of Open MPI or that of MPICH and
/// its relatives sets it; 1: none.
int announced_processes() {
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* text = std::getenv(variable);
    if (text != nullptr) return std::max(1, std::atoi(text));
  }
  return 1;
}

/// A process that has ended stays a zombie (Z) until its parent has asked for its exit code.
bool is_gone(long process) {
  if (::kill(static_cast<pid_t>(process), 0) != 0) return errno == ESRCH;
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string line;
  if (!std::getline(file, line)) return false;
  const std::size_t name_end = line.rfind(") ");
  return name_end != std::string::npos && name_end + 2 < line.size() &&
         (line[name_end + 2] == 'Z' || line[name_end + 2] == 'X');
}

}  // namespace

void check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw Error(
      fmt::format("{}: {}", what, std::string_view(text.data(), static_cast<std::size_t>(length))));
}

Session::Session() {
  int provided = 0;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
  const int announced = announced_processes();
  if (size_ == 1 && announced > 1) {
    MPI_Finalize();
    throw Error(
        fmt::format("mpirun has started {} processes that do not know of each other: this program "
                    "is built with {}, and has to be started by its mpirun",
                    announced, library_name()));
  }
  check(MPI_Comm_dup(MPI_COMM_WORLD, &meeting_), "MPI_Comm_dup");
  Process own;
  gethostname(own.host, sizeof own.host - 1);
  own.id = getpid();
  processes_.resize(static_cast<std::size_t>(size_));
  check(MPI_Allgather(&own, sizeof own, MPI_BYTE, processes_.data(), sizeof own, MPI_BYTE,
                      MPI_COMM_WORLD),
        "MPI_Allgather");
  share_cores();
}

Session::~Session() {
  MPI_Comm_free(&meeting_);
  MPI_Finalize();
}

/// mpirun may have bound each process to cores of its own, or none.
void Session::share_cores() {
  MPI_Comm here = MPI_COMM_NULL;
  check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &here),
        "MPI_Comm_split_type");
  int processes = 1;
  MPI_Comm_size(here, &processes);
  cpu_set_t own;
  CPU_ZERO(&own);
  sched_getaffinity(0, sizeof own, &own);
  std::vector<cpu_set_t> all(static_cast<std::size_t>(processes));
  check(MPI_Allgather(&own, sizeof own, MPI_BYTE, all.data(), sizeof own, MPI_BYTE, here),
        "MPI_Allgather");
  MPI_Comm_free(&here);
  const auto sharing = std::ranges::count_if(
      all, [&own](const cpu_set_t& other) { return CPU_EQUAL(&own, &other); });
  threads_ = std::max(1, available_cores() / static_cast<int>(sharing));
}

std::string Session::name_of(int rank) const {
  const Process& process = processes_[static_cast<std::size_t>(rank)];
  return fmt::format("rank {} (process {} on {})", rank, process.id,
                     static_cast<const char*>(process.host));
}

bool Session::has_been_told() const {
  int told = 0;
  return MPI_Iprobe(MPI_ANY_SOURCE, end_tag, meeting_, &told, MPI_STATUS_IGNORE) == MPI_SUCCESS &&
         told != 0;
}

std::vector<int> Session::lost_ranks() const {
  const Process& own = processes_[static_cast<std::size_t>(rank_)];
  std::vector<int> lost;
  for (int rank = 0; rank < size_; ++rank) {
    const Process& other = processes_[static_cast<std::size_t>(rank)];
    if (rank == rank_ || std::strcmp(own.host, other.host) != 0) continue;
    if (is_gone(other.id)) {
      lost.push_back(rank);
    } else if (rank < rank_) {
      return {};
    }
  }
  return has_been_told() ? std::vector<int>() : lost;
}

bool Session::meet() const {
  MPI_Request request = MPI_REQUEST_NULL;
  if (MPI_Ibarrier(meeting_, &request) != MPI_SUCCESS) return false;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  for (int done = 0; done == 0;) {
    if (MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
    if (std::chrono::steady_clock::now() > end) return done != 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void Session::abort(int exit_code) const {
  for (int rank = 0; rank < size_; ++rank) {
    MPI_Request request = MPI_REQUEST_NULL;
    if (rank == rank_) continue;
    if (MPI_Isend(nullptr, 0, MPI_BYTE, rank, end_tag, meeting_, &request) == MPI_SUCCESS)
      MPI_Request_free(&request);
  }
  std::fflush(stdout);
  std::fflush(stderr);
  MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

}  // namespace scrawl::mpi
