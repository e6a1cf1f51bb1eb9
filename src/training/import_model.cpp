#include "training/import_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "dataset/check_dataset.hpp"
#include "files/files.hpp"
#include "formats/model_file.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "network_training/workers.hpp"
#include "training/evaluate.hpp"

namespace scrawl {

namespace {

/// What most networks are trained with: torchvision's of MNIST; pixels from 0 to 1; from -1 to 1;
/// bytes as they are.
constexpr std::array<Normalization, 4> usual_normalizations{
    {{0.1307F, 0.3081F}, {0, 1}, {0.5F, 0.5F}, {0, 1.0F / 255}}};

/// One way to take the file, and which of the last images that it was asked for it read right.
struct Candidate {
  ImportTrial trial;
  std::size_t network = 0;  ///< 0: the most usual one
  bool lacks_relus = false;
  std::vector<bool> correct{};
};

/// `count` of the images, from everywhere among them, since they may be sorted by digit or writer:
/// steps of the golden ratio of all are the most even ones.
Dataset evenly(const Dataset& all, std::size_t count) {
  constexpr double golden_ratio = 0.618033988749895;
  auto step = static_cast<std::size_t>(golden_ratio * static_cast<double>(all.size()));
  while (std::gcd(step, all.size()) != 1) ++step;  // no image comes twice
  Dataset some;
  std::size_t index = 0;
  for (std::size_t i = 0; i < std::min(count, all.size()); ++i) {
    const GlyphView image = all.image(index);
    some.images.insert(some.images.end(), image.begin(), image.end());
    some.labels.push_back(all.labels[index]);
    index = (index + step) % all.size();
  }
  return some;
}

/// A network that learned black on white: white on black, the first weights have the other sign.
void invert(Model& model) {
  for (float& value : model.weights[0].values) value = -value;
  model.normalization.mean = 1 - model.normalization.mean;
}

/// All that the options leave open.
std::vector<Candidate> candidates_of(const Imported& imported, const ImportOptions& options,
                                     const std::filesystem::path& name, bool is_inverted) {
  std::vector<Interpretation> networks;
  if (imported.tensors.empty()) {
    networks.push_back({imported.model.architecture});
  } else if (options.architecture) {
    networks.push_back({*options.architecture});
  } else {
    networks = interpretations(imported.tensors, name);
  }
  std::vector<Normalization> normalizations(usual_normalizations.begin(),
                                            usual_normalizations.end());
  if (options.normalization) normalizations = {*options.normalization};
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const Interpretation& network = networks[i];
    if (is_inverted && !is_linear(network.architecture.layers[0])) continue;
    for (const Normalization& normalization : normalizations) {
      candidates.push_back(
          {{network.architecture, network.has_sigmoids, normalization, is_inverted},
           i,
           network.lacks_relus});
    }
  }
  return candidates;
}

Model model_of(const Imported& imported, const ImportTrial& trial,
               const std::filesystem::path& name) {
  Model model = imported.model;
  if (!imported.tensors.empty()) {
    model = model_of(imported.tensors, {trial.architecture, trial.has_sigmoids},
                     trial.normalization, name);
  }
  model.normalization = trial.normalization;
  if (trial.is_inverted) invert(model);
  return model;
}

void ask(Candidate& candidate, const Model& model, const Dataset& images, Workers& workers) {
  candidate.trial.images = images.size();
  candidate.correct.assign(images.size(), false);
  candidate.trial.accuracy = 0;
  std::vector<float> logits;
  try {
    logits = logits_of(model, images, inference_type(Precision::automatic, model), workers);
  } catch (const Error&) {  // not finite: it is none of these
    return;
  }
  // Smaller inputs make a network less sure of itself, which must not count.
  const float temperature = fit_temperature(logits, images.labels);
  for (float& logit : logits) logit /= temperature;
  const Score score = summarize(logits, images.labels).score;
  candidate.trial.accuracy = score.accuracy;
  candidate.trial.loss = score.loss;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto ten = std::span(logits).subspan(i * digit_count, digit_count);
    candidate.correct[i] = std::ranges::max_element(ten) - ten.begin() == images.labels[i];
  }
}

bool is_better(const Candidate& left, const Candidate& right) {
  const auto rank = [](const ImportTrial& trial) { return std::pair(-trial.accuracy, trial.loss); };
  return rank(left.trial) < rank(right.trial);
}

bool is_same(const ImportTrial& left, const ImportTrial& right) {
  return left.architecture == right.architecture && left.has_sigmoids == right.has_sigmoids &&
         left.normalization.mean == right.normalization.mean &&
         left.normalization.std == right.normalization.std && left.is_inverted == right.is_inverted;
}

/// By McNemar's test, at so many standard errors, on the images that one alone reads right.
bool is_clearly_worse(const Candidate& candidate, const Candidate& best,
                      double standard_errors = 3) {
  double for_best = 0;
  double against = 0;
  for (std::size_t i = 0; i < best.correct.size(); ++i) {
    if (best.correct[i] == candidate.correct[i]) continue;
    (best.correct[i] ? for_best : against) += 1;
  }
  return for_best - against > standard_errors * std::sqrt(for_best + against);
}

/// Sorts them, the best first; all but those that may be the right ones move to `others`, the best
/// of them first.
void part(std::vector<Candidate>& candidates, std::size_t most, std::vector<Candidate>& others) {
  std::ranges::stable_sort(candidates, is_better);
  const auto worse = std::stable_partition(
      candidates.begin() + 1, candidates.end(),
      [&](const Candidate& one) { return !is_clearly_worse(one, candidates[0]); });
  const auto kept =
      candidates.begin() + std::min(worse - candidates.begin(), static_cast<std::ptrdiff_t>(most));
  others.insert(others.begin(), std::move_iterator(kept), std::move_iterator(candidates.end()));
  candidates.erase(kept, candidates.end());
}

/// All are asked for a few images, those that may be right for more. Gives all, the best first, and
/// how many of them may be right.
std::size_t compare(const Imported& imported, const std::filesystem::path& name,
                    const Dataset& images, Workers& workers, std::vector<Candidate>& candidates) {
  struct Round {
    std::size_t images;
    std::size_t most_kept;
  };
  constexpr std::array<Round, 3> rounds{{{64, 32}, {1000, 12}, {5000, 12}}};
  std::vector<Candidate> others;
  for (const Round& round : rounds) {
    const Dataset some = evenly(images, round.images);
    for (Candidate& candidate : candidates) {
      ask(candidate, model_of(imported, candidate.trial, name), some, workers);
    }
    part(candidates, round.most_kept, others);
  }
  const std::size_t close = candidates.size();
  // As right as each other: the most usual network, and of its normalizations that with the least
  // loss, which the right one was trained for.
  std::ranges::stable_sort(
      candidates, {}, [](const Candidate& one) { return std::pair(one.network, one.trial.loss); });
  std::ranges::move(others, std::back_inserter(candidates));
  return close;
}

/// A network that has learned little may read a little more without one of its ReLUs, and one that
/// never had it reads far less with it. So a ReLU is only taken to be missing where the network
/// reads well without it, and with it makes more than twice the mistakes, of more images; else the
/// best network with all of them is moved to the front. Gives whether that is so.
bool keep_relus(const Imported& imported, const std::filesystem::path& name, const Dataset& images,
                Workers& workers, std::vector<Candidate>& candidates) {
  if (!candidates[0].lacks_relus) return false;
  const auto whole = std::ranges::find(candidates, false, &Candidate::lacks_relus);
  if (whole == candidates.end()) return false;
  constexpr std::size_t many = 20000;
  constexpr double good = 0.8;
  constexpr double standard_errors = 6;
  const Dataset some = evenly(images, many);
  for (Candidate* one : {&candidates[0], &*whole})
    ask(*one, model_of(imported, one->trial, name), some, workers);
  const double accuracy = candidates[0].trial.accuracy;
  const bool is_overwhelming = accuracy >= good && 1 - whole->trial.accuracy > 2 * (1 - accuracy) &&
                               is_clearly_worse(*whole, candidates[0], standard_errors);
  if (is_overwhelming) return false;
  std::rotate(candidates.begin(), whole, whole + 1);
  return true;
}

}  // namespace

MeasuredImport measure(const Imported& imported, const ImportOptions& options,
                       const std::filesystem::path& name, const Dataset& images, int threads) {
  check_dataset(images, "import");
  if (imported.knows_normalization || images.size() == 0)
    return {settle(imported, options, name), {}, false};
  Workers workers(threads);
  std::vector<Candidate> candidates = candidates_of(imported, options, name, false);
  const ImportTrial first = candidates[0].trial;
  std::size_t close = compare(imported, name, images, workers, candidates);
  constexpr double good = 0.8;
  constexpr double some = 0.5;
  if (candidates[0].trial.accuracy < good) {
    std::vector<Candidate> inverted = candidates_of(imported, options, name, true);
    if (!inverted.empty()) {
      const std::size_t close_inverted = compare(imported, name, images, workers, inverted);
      if (inverted[0].trial.accuracy > good) {
        std::swap(candidates, inverted);
        close = close_inverted;
      }
      std::ranges::move(inverted, std::back_inserter(candidates));
    }
  }
  if (keep_relus(imported, name, images, workers, candidates)) close = 0;
  if (candidates[0].trial.accuracy < some) {
    // Nothing is known then, and the most usual is taken.
    const auto usual = std::ranges::find_if(
        candidates, [&](const Candidate& one) { return is_same(one.trial, first); });
    std::rotate(candidates.begin(), usual, usual + 1);
    close = 0;
  }
  MeasuredImport measured{model_of(imported, candidates[0].trial, name), {}, close == 1};
  for (Candidate& candidate : candidates) measured.trials.push_back(std::move(candidate.trial));
  check_model(measured.model);
  return measured;
}

MeasuredImport import_model(const std::filesystem::path& file, const ImportOptions& options,
                            const Dataset& images, int threads) {
  const Imported imported = read_foreign_model(read_file(file, max_model_bytes), file, options);
  return measure(imported, options, file, images, threads);
}

}  // namespace scrawl
