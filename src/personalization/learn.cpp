// Fine-tuning a model on a user's glyphs among MNIST's.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "dataset/check_dataset.hpp"
#include "network/inference_stages.hpp"
#include "network/random.hpp"
#include "training/batches.hpp"
#include "training/clock.hpp"

namespace scrawl {

namespace {

constexpr std::size_t batch = 128;
constexpr std::size_t max_held_out = 10'000;
constexpr double largest_fall = 0.001;  // of the accuracy on what is held out

void check(const Dataset& collection, const Dataset& mnist_train, const Dataset& mnist_test,
           const PersonalizationOptions& options) {
  if (options.steps == 0) throw std::invalid_argument("learning: 0 steps, expected 1 or more");
  if (!(options.collection_fraction > 0 && options.collection_fraction < 1)) {
    throw std::invalid_argument(
        fmt::format("learning: collection_fraction is {}, expected more than 0 and less than 1",
                    options.collection_fraction));
  }
  check_dataset(collection, "learning: the collection");
  check_dataset(mnist_train, "learning: MNIST's training part");
  check_dataset(mnist_test, "learning: MNIST's test part");
  if (collection.size() == 0) {
    throw Error("learning: the collection is empty, expected glyphs that were corrected");
  }
  if (mnist_train.size() < 2 || mnist_test.size() == 0) {
    throw Error(
        "learning: MNIST's images are missing, which keep the rest from being forgotten; get them "
        "first (fetch_mnist)");
  }
}

/// What is trained on, each image once: glyphs of the collection in turn, evenly among images of
/// MNIST drawn at random.
Dataset mix(const Dataset& collection, const Dataset& mnist, std::vector<std::uint32_t> replay,
            const PersonalizationOptions& options) {
  Random random({options.seed, random_order});
  random.shuffle(std::span(replay));
  const auto fraction = static_cast<double>(options.collection_fraction);
  Dataset mixed;
  const auto add = [&mixed](const Dataset& from, std::size_t index) {
    const GlyphView glyph = from.image(index);
    mixed.images.insert(mixed.images.end(), glyph.begin(), glyph.end());
    mixed.labels.push_back(from.labels[index]);
  };
  for (std::size_t i = 0; i < options.steps * batch; ++i) {
    const auto before = static_cast<std::size_t>(fraction * static_cast<double>(i));
    const bool own = static_cast<std::size_t>(fraction * static_cast<double>(i + 1)) > before;
    own ? add(collection, before % collection.size())
        : add(mnist, replay[(i - before) % replay.size()]);
  }
  return mixed;
}

/// The settings of the preset that the built-in model is from, for a short training.
TrainingOptions training_options(const Model& model, const PersonalizationOptions& learn) {
  TrainingOptions options;
  for (const Preset& preset : presets()) {
    if (preset.name == "best") options = preset.options;
  }
  options.from = model;
  options.temperature = model.temperature;
  options.epochs = 1;
  options.batch = batch;
  options.learning_rate = learn.learning_rate;
  options.warmup = 0.1F;
  options.weight_ema = 0;
  options.precision = learn.precision;
  options.threads = learn.threads;
  options.seed = learn.seed;
  return options;
}

/// Nothing when a callback wants to stop.
std::optional<PersonalizationScore> score(const Model& model, const Dataset& test,
                                          const Dataset& validation, const Dataset& collection,
                                          int threads, const PersonalizationCallbacks& callbacks) {
  std::array<Score, 3> scores;
  const std::array<const Dataset*, 3> datasets{&collection, &test, &validation};
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    if (callbacks.on_measurement && !callbacks.on_measurement()) return std::nullopt;
    scores[i] = evaluate(model, *datasets[i], Precision::automatic, threads).score;
  }
  const auto& [own, tested, validated] = scores;
  return PersonalizationScore{tested.accuracy, validated.accuracy, own.accuracy, own.loss};
}

void cancel(const Model& model, PersonalizationResult& result) {
  result.canceled = true;
  result.kept = false;
  result.model = model;
  result.after = {};
  result.reason = "it was stopped";
  result.reason_code = "stopped";
}

/// Sets `kept`, `reason` and `reason_code`.
void decide(PersonalizationResult& result) {
  const PersonalizationScore& before = result.before;
  const PersonalizationScore& after = result.after;
  const double fall = before.validation - after.validation;
  const bool better =
      after.collection > before.collection ||
      (after.collection == before.collection && after.collection_loss < before.collection_loss);
  result.kept = fall < largest_fall && better;
  if (!better) {
    result.reason_code = "no_better";
    result.reason = "it does not read your glyphs better than before";
  } else if (!result.kept) {
    result.reason_code = "forgets";
    result.reason = fmt::format(
        "it forgets too much: {:.2f} points of MNIST's held-out images, where less than {:.2f} is "
        "allowed",
        100 * fall, 100 * largest_fall);
  } else {
    result.reason_code = "better";
    result.reason =
        fmt::format("it reads your glyphs better, and MNIST's held-out images {} than before",
                    fall > 0 ? fmt::format("{:.2f} points worse", 100 * fall) : "no worse");
  }
}

/// Half way between two models of one network, in all weights: it keeps more of what the first knew
/// and most of what the second learned (Wortsman et al. 2022, WiSE-FT).
Model halfway(const Model& first, Model second, const Dataset& images) {
  for (std::size_t i = 0; i < second.weights.size(); ++i) {
    std::ranges::transform(first.weights[i].values, second.weights[i].values,
                           second.weights[i].values.begin(),
                           [](float a, float b) { return (a + b) / 2; });
  }
  second.activation_ranges.clear();
  const std::size_t measured = std::min<std::size_t>(256, images.size()) * glyph_pixels;
  second.activation_ranges =
      measure_activation_ranges(second, std::span(images.images).first(measured));
  return second;
}

}  // namespace

PersonalizationResult personalize(const Model& model, const Dataset& collection,
                                  const Dataset& mnist_train, const Dataset& mnist_test,
                                  const PersonalizationOptions& options,
                                  const PersonalizationCallbacks& callbacks) {
  const Clock::time_point start = Clock::now();
  check(collection, mnist_train, mnist_test, options);
  const Split parts =
      split(mnist_train.size(), std::min(max_held_out, mnist_train.size() / 2), options.seed);
  const Dataset validation = select(mnist_train, parts.validation);
  PersonalizationResult result;
  result.samples = collection.size();
  result.validation_images = validation.size();
  const auto measure = [&](const Model& measured) {
    return score(measured, mnist_test, validation, collection, options.threads, callbacks);
  };
  const auto stopped = [&] {
    cancel(model, result);
    result.seconds = seconds_since(start);
    return result;
  };
  const std::optional<PersonalizationScore> before = measure(model);
  if (!before) return stopped();
  result.before = *before;

  constexpr double evaluated = 0.1;  // of the work, each time
  double loss_before = 0;            // of all steps so far
  const auto on_batch = [&](const BatchReport& report) {
    if (!callbacks.on_step) return true;
    const auto step = static_cast<double>(report.batch);
    const double loss = report.average.loss * step;
    const double done = evaluated + (1 - 2 * evaluated) * step / static_cast<double>(options.steps);
    const PersonalizationProgress progress{report.batch, options.steps, loss - loss_before, done,
                                           seconds_since(start)};
    loss_before = loss;
    return callbacks.on_step(progress);
  };
  const Dataset mixed = mix(collection, mnist_train, parts.train, options);
  const TrainingResult trained =
      train(mixed, model.architecture, training_options(model, options), {on_batch, {}, {}});
  if (!trained.finished || !trained.best) return stopped();
  const auto take = [&](const Model& learned) {
    const std::optional<PersonalizationScore> after = measure(learned);
    if (!after) return false;
    result.model = learned;
    result.model.metadata["personalization"] = fmt::format("{} glyphs", collection.size());
    result.after = *after;
    decide(result);
    return true;
  };
  if (!take(*trained.best)) return stopped();
  if (!result.kept && !take(halfway(model, *trained.best, mixed))) return stopped();
  result.seconds = seconds_since(start);
  return result;
}

}  // namespace scrawl
