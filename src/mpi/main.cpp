// scrawl-mpi: training by several processes, on one machine or many.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <scrawl/error.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "cli/training_team.hpp"
#include "mpi/mpi_team.hpp"
#include "mpi/session.hpp"

namespace scrawl::mpi {

namespace {

constexpr std::array reduction_words{Word{"ordered", Reduction::ordered},
                                     Word{"fast", Reduction::fast}};

constexpr const char* how_to_go_on =
    "the same command with --resume goes on from the last checkpoint, with any number of ranks";

/// All processes say the same, so rank 0 alone does: what others print goes nowhere. What only one
/// of them has to say goes to the standard error that there was.
class Voice {
 public:
  explicit Voice(int rank) : kept_(rank == 0 ? -1 : ::dup(STDERR_FILENO)) {
    if (rank == 0) return;
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    ::close(nowhere);
  }

  void raise() const {
    if (kept_ >= 0) ::dup2(kept_, STDERR_FILENO);
  }

 private:
  int kept_;
};

/// Where some processes wait for one that is no more, mpirun is about to end them.
void check_for_lost(const Session& session, const Voice& voice) {
  const std::vector<int> lost = session.lost_ranks();
  if (lost.empty()) return;
  voice.raise();
  for (const int rank : lost) {
    cli::print_error("{} has died, and the training with it; {}", session.name_of(rank),
                     how_to_go_on);
  }
  session.abort(cli::exit_failed);
}

/// Whether an error is to be printed here: where all have the same, by rank 0; where only this
/// process has it, by this one, which then ends the others.
bool settle(const Session& session, const Voice& voice, const std::string& message, int exit_code) {
  if (session.meet()) return session.rank() == 0;
  voice.raise();
  cli::print_error("{}: {}", session.name_of(session.rank()), cli::Own{message});
  session.abort(exit_code);
}

int run(int argc, char** argv) {
  const Session session;
  const Voice voice(session.rank());
  MpiTeam team([&] { check_for_lost(session, voice); });
  cli::Program program;
  program.build = [&](CLI::App& app, cli::Common& common, int& exit_code) {
    app.name("scrawl-mpi");
    app.set_version_flag("--version", "scrawl-mpi " SCRAWL_VERSION);
    app.require_subcommand(1);
    app.footer(
        "\nExample:\n"
        "  mpirun -n 4 scrawl-mpi train --model best\n\n"
        "Exit codes: 0 all was done, 1 something could not be done, 2 wrong usage.");
    cli::add_train(app, common, exit_code, {&team, session.threads()});
    CLI::Option* reduce = app.get_subcommand("train")->add_option_function<Reduction>(
        "--reduce", [&team](const Reduction& reduction) { team.reduce_by(reduction); },
        "How gradients are summed; ordered: the same weights, bit for bit, on any number of ranks; "
        "fast: as MPI likes");
    cli::take_words(reduce, reduction_words, Reduction::ordered);
  };
  program.before_error = [&](const std::string& message, int exit_code) {
    return settle(session, voice, message, exit_code);
  };
  return cli::run(argc, argv, program);
}

}  // namespace

}  // namespace scrawl::mpi

int main(int argc, char** argv) {
  try {
    return scrawl::mpi::run(argc, argv);
  } catch (const std::exception& error) {  // before there are any ranks
    scrawl::cli::print_error("{}", error.what());
    return scrawl::cli::exit_failed;
  }
}
