// Batch renormalisation: what keeps small batches from being normalised otherwise in training than
// in use.
#pragma once

namespace scrawl {

/// How far a normalisation in training may follow its running statistics in place of the chunk's
/// (batch renormalisation, Ioffe 2017, his r and d): not at all, unless told otherwise. A few
/// crops of pages differ in their statistics, and in use each has to do with the running ones.
struct Renormalisation {
  float most_ratio = 1;  ///< of the deviations, either way
  float most_shift = 0;  ///< of the means, in deviations
};

}  // namespace scrawl
