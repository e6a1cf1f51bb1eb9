// A stage at work.
#pragma once

#include <variant>

#include "network/convolution.hpp"
#include "network/inference_stages.hpp"
#include "network/matmul.hpp"

namespace scrawl {

/// What one call at a time needs to run a stage, which outlives it: in (rows, in size) -> out
/// (rows, out size). `added` is what a ResidualStage adds; others do not read it.
class StageRun {
 public:
  explicit StageRun(const Stage& stage);
  void operator()(const void* in, const void* added, void* out);

 private:
  struct ConvolutionWork {
    const ConvolutionStage* stage;
    ConvolutionRun run;
  };
  struct DenseWork {
    const DenseStage* stage;
    Matmul product;
  };
  using Work = std::variant<ConvolutionWork, DenseWork, const ScaleStage*, const PoolStage*,
                            const ActivationStage*, const ResidualStage*, const QuantizeStage*>;
  static Work work_of(const Stage& stage);

  Work work_;
};

}  // namespace scrawl
