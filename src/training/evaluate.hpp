// Evaluation on workers that are there already.
#pragma once

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

#include "network/workers.hpp"

namespace scrawl {

/// What a Precision means on this CPU.
bool uses_bf16(Precision precision);

Evaluation evaluate(const Model& model, const Dataset& dataset, bool bf16, Workers& workers);

}  // namespace scrawl
