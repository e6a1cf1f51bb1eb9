// Whether the processes of a team are about to do the same.
#pragma once

#include <map>
#include <string>

#include "network_training/team.hpp"

namespace scrawl {

/// What this process computes with: where it differs, so would weights that all have to keep alike.
std::map<std::string, std::string> facts_of_this_process();

/// Throws Error, the same in all processes, where one of them has another value than rank 0: it
/// names the process, what it has, what rank 0 has, and what to do.
void check_team(Team& team, const std::map<std::string, std::string>& facts);

}  // namespace scrawl
