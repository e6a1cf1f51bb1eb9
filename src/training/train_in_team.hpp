// Training by several processes.
#pragma once

#include <scrawl/training.hpp>

#include "dataset/dataset_view.hpp"
#include "network_training/team.hpp"

namespace scrawl {

/// What train() does, or, from a checkpoint (may be null), resume_training(): called by all
/// processes of the team (null: there is no other) with the same arguments, which is checked, but
/// for callbacks and threads.
/// All get the same result; those of rank 0 alone have to keep the files. Weights are the same, bit
/// for bit, as of one process where the team sums in order.
TrainingResult train_in_team(Team* team, const Checkpoint* from, const DatasetView& dataset,
                             const Architecture& architecture, const TrainingOptions& options,
                             const TrainingCallbacks& callbacks);

}  // namespace scrawl
