// Glyphs that several threads ask about at the same time are classified together.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "network/inference_plan.hpp"
#include "picture/stop.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {

/// A thread that finds a core free classifies at once, alone: nobody waits for company. While all
/// `runners` are at work, those who ask queue up, and the first thread to be done lets one of them
/// take the whole queue as one batch. Safe to call from any thread.
class BatchingClassifier {
 public:
  /// `on_batch` is told the size of each batch, from the thread that runs it.
  BatchingClassifier(const Model& model, std::size_t runners,
                     std::function<void(std::size_t)> on_batch);

  Probabilities classify(GlyphView glyph);

  /// glyphs (count, 28, 28), which need no company -> count answers. Throws Stopped.
  std::vector<Probabilities> classify_all(std::span<const std::uint8_t> glyphs,
                                          const StopRequested& stop = {}) const;

  static constexpr std::size_t max_rows = 64;  // of a batch

 private:
  struct Waiting {
    explicit Waiting(GlyphView asked) : glyph(asked) {}

    GlyphView glyph;
    Probabilities answer{};
    std::exception_ptr failure;
    bool done = false;
    bool leads = false;  // its thread is to run the next batch
    std::condition_variable wake;
  };

  void run(const std::vector<Waiting*>& batch) const;
  void run_plans(std::span<const std::uint8_t> glyphs, std::span<float> logits) const;

  std::vector<InferencePlan> plans_;  // of fewer and fewer rows, the last of one
  std::function<void(std::size_t)> on_batch_;
  std::mutex lock_;
  std::size_t idle_runners_;
  std::vector<Waiting*> queue_;
};

}  // namespace scrawl
