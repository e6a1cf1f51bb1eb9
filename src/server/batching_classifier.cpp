#include "server/batching_classifier.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <utility>

#include "picture/stop.hpp"
#include "recognition/classify.hpp"

namespace scrawl {

namespace {

/// A plan takes as long for fewer rows as for all of its own, so a batch is cut into these.
constexpr std::array<std::size_t, 3> plan_rows{16, 4, 1};

}  // namespace

BatchingClassifier::BatchingClassifier(const Model& model, std::size_t runners,
                                       std::function<void(std::size_t)> on_batch)
    : on_batch_(std::move(on_batch)), idle_runners_(runners) {
  for (const std::size_t rows : plan_rows) plans_.emplace_back(model, rows, fastest_type(model));
}

Probabilities BatchingClassifier::classify(GlyphView glyph) {
  Waiting own(glyph);
  std::vector<Waiting*> batch{&own};
  std::unique_lock guard(lock_);
  if (idle_runners_ > 0) {
    --idle_runners_;
  } else {
    queue_.push_back(&own);
    own.wake.wait(guard, [&] { return own.done || own.leads; });
    if (own.leads) {
      const auto end = queue_.begin() + std::min(queue_.size(), max_rows);
      batch.assign(queue_.begin(), end);
      queue_.erase(queue_.begin(), end);
    }
  }
  if (!own.done) {
    guard.unlock();
    run(batch);
    guard.lock();
    for (Waiting* waiting : batch) {
      waiting->done = true;
      if (waiting != &own) waiting->wake.notify_one();
    }
    if (queue_.empty()) {
      ++idle_runners_;
    } else {
      queue_.front()->leads = true;
      queue_.front()->wake.notify_one();
    }
  }
  guard.unlock();
  if (own.failure) std::rethrow_exception(own.failure);
  return own.answer;
}

void BatchingClassifier::run(const std::vector<Waiting*>& batch) const {
  on_batch_(batch.size());
  std::array<float, max_rows * digit_count> logits;
  try {
    std::vector<std::uint8_t> glyphs;
    for (const Waiting* waiting : batch)
      glyphs.insert(glyphs.end(), waiting->glyph.begin(), waiting->glyph.end());
    run_plans(glyphs, logits);
    for (std::size_t i = 0; i < batch.size(); ++i)
      batch[i]->answer =
          softmax(std::span<const float, digit_count>(&logits[i * digit_count], digit_count));
  } catch (...) {
    for (Waiting* waiting : batch) waiting->failure = std::current_exception();
  }
}

/// glyphs (count, 28, 28) -> the first count * 10 of `logits`.
void BatchingClassifier::run_plans(std::span<const std::uint8_t> glyphs,
                                   std::span<float> logits) const {
  for (const InferencePlan& plan : plans_) {
    const std::size_t rows = plan.rows();
    for (; glyphs.size() >= rows * glyph_pixels; glyphs = glyphs.subspan(rows * glyph_pixels)) {
      plan.run(glyphs.first(rows * glyph_pixels), logits.first(rows * digit_count));
      logits = logits.subspan(rows * digit_count);
    }
  }
}

std::vector<Probabilities> BatchingClassifier::classify_all(std::span<const std::uint8_t> glyphs,
                                                            const StopRequested& stop) const {
  std::vector<Probabilities> answers;
  std::array<float, max_rows * digit_count> logits;
  const std::size_t count = glyphs.size() / glyph_pixels;
  for (std::size_t begin = 0; begin < count; begin += max_rows) {
    check_stop(stop);
    const std::size_t rows = std::min(max_rows, count - begin);
    on_batch_(rows);
    run_plans(glyphs.subspan(begin * glyph_pixels, rows * glyph_pixels), logits);
    for (std::size_t i = 0; i < rows; ++i)
      answers.push_back(
          softmax(std::span<const float, digit_count>(&logits[i * digit_count], digit_count)));
  }
  return answers;
}

}  // namespace scrawl
