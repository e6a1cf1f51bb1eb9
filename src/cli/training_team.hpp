// `scrawl train` as one of several processes that train together.
#pragma once

#include "cli/cli.hpp"
#include "network_training/team.hpp"

namespace scrawl::cli {

struct TrainingTeam {
  Team* team = nullptr;  ///< outlives the program; null: this process is alone
  int threads = 0;       ///< what --threads 0 means; 0: one for each core

  /// Whether this process is the one that writes.
  bool keeps_files() const { return team == nullptr || team->rank() == 0; }
};

/// add_train of such a process.
void add_train(CLI::App& app, Common& common, int& exit_code, const TrainingTeam& team);

}  // namespace scrawl::cli
