// Batch renormalization: what keeps small batches from being normalized otherwise in training than
// in use.
#pragma once

namespace scrawl {

/// How far a normalization in training may follow its running statistics in place of the chunk's
/// (batch renormalization, Ioffe 2017, his r and d): not at all, unless told otherwise. A few
/// crops of pages differ in their statistics, and in use each has to do with the running ones.
struct Renormalization {
  float max_ratio = 1;  ///< of the deviations, either way
  float max_shift = 0;  ///< of the means, in deviations
};

}  // namespace scrawl
