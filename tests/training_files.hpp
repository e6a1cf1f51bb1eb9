// A training whose best model and checkpoint are kept in files, as `scrawl train` keeps them.
#pragma once

#include <filesystem>

#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

namespace scrawl::testing {

struct TrainingFiles {
  std::filesystem::path model;
  std::filesystem::path checkpoint;

  explicit TrainingFiles(const std::filesystem::path& name)
      : model(name.string() + ".safetensors"),
        checkpoint(name.string() + ".checkpoint.safetensors") {}

  TrainingResult train(const Dataset& dataset, const Architecture& architecture,
                       const TrainingOptions& options, const TrainingCallbacks& callbacks = {}) {
    return scrawl::train(dataset, architecture, options, keeping(callbacks));
  }

  TrainingResult resume(const Dataset& dataset, const Architecture& architecture,
                        const TrainingOptions& options, const TrainingCallbacks& callbacks = {}) {
    return resume_training(*load_checkpoint(checkpoint), dataset, architecture, options,
                           keeping(callbacks));
  }

 private:
  TrainingCallbacks keeping(TrainingCallbacks callbacks) const {
    callbacks.on_checkpoint = [this](const Checkpoint& now) { save_checkpoint(now, checkpoint); };
    callbacks.on_best = [this](const Model& best) { save_model(best, model); };
    return callbacks;
  }
};

/// Stops a training after so many batches.
inline TrainingCallbacks stop_after(int batches) {
  return {[left = batches](const BatchReport&) mutable { return --left > 0; }};
}

}  // namespace scrawl::testing
