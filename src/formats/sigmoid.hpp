// Sigmoids by the layers that we have: sigmoid(x) = (tanh(x / 2) + 1) / 2, so that a tanh does it
// once the numbers go into the weights before and behind it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <scrawl/model.hpp>

namespace scrawl {

/// Whether each tanh may stand for a sigmoid: weights are before and behind it, with no border of
/// zeros behind, which would not be zeros of the tanh.
bool may_have_sigmoids(const Architecture& architecture);

/// Changes the weights around each tanh so that it does what a sigmoid did.
void fold_sigmoids(Model& model);

/// The same for the tanhs with these places among the layers.
void fold_sigmoids(Model& model, std::span<const std::size_t> places);

}  // namespace scrawl
