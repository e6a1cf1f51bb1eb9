#include "training/stored_like.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/evaluation.hpp>

#include "dataset/transform.hpp"

namespace scrawl {

namespace {

constexpr std::size_t fewest_images = 30;  // of fewer nothing can be said
constexpr std::size_t most_images = 300;
// Of 300 images a fraction is known to 0.03; these are far from what chance does.
constexpr double well = 0.8;     // as an undisturbed data set is read, and more
constexpr double clearly = 0.6;  // with a change, ...
constexpr double further = 0.3;  // ... and so much more than without
constexpr double badly = 0.5;
constexpr float confident = 0.9F;

/// Evenly from the first to the last.
Dataset sample(std::span<const std::uint8_t> pixels, std::span<const std::uint8_t> labels) {
  const std::size_t size = pixels.size() / glyph_pixels;
  const std::size_t count = std::min(size, most_images);
  Dataset some;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t index = i * size / count;
    const auto image = pixels.subspan(index * glyph_pixels, glyph_pixels);
    some.images.insert(some.images.end(), image.begin(), image.end());
    some.labels.push_back(labels.empty() ? std::uint8_t{0} : labels[index]);
  }
  return some;
}

Dataset changed(Dataset dataset, Change change) {
  if (change.transpose) transpose_images(dataset.images);
  if (change.invert) invert_images(dataset.images);
  return dataset;
}

/// Fractions of images.
struct Read {
  double right = 0;  ///< as their labels say
  double confident = 0;
};

Read read(const Model& model, const Dataset& dataset, int threads) {
  const auto answers = predict(model, dataset, Precision::automatic, threads);
  std::size_t right = 0;
  std::size_t sure = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto best = std::ranges::max_element(answers[i]);
    right += best - answers[i].begin() == dataset.labels[i] ? 1 : 0;
    sure += *best >= confident ? 1 : 0;
  }
  const auto size = static_cast<double>(std::max<std::size_t>(answers.size(), 1));
  return {static_cast<double>(right) / size, static_cast<double>(sure) / size};
}

/// How much pixels differ from their right neighbors, next to those half an image away: strokes and
/// other things that are seen have neighbors alike.
double roughness(const std::vector<std::uint8_t>& pixels) {
  constexpr std::size_t far = glyph_pixels / 2 + glyph_side / 2;
  double near_sum = 0;
  double far_sum = 0;
  for (std::size_t start = 0; start + glyph_pixels <= pixels.size(); start += glyph_pixels) {
    for (std::size_t i = 0; i + 1 < glyph_pixels; ++i) {
      near_sum += std::abs(pixels[start + i] - pixels[start + i + 1]);
      far_sum += std::abs(pixels[start + i] - pixels[start + (i + far) % glyph_pixels]);
    }
  }
  return far_sum > 0 ? near_sum / far_sum : 0;
}

}  // namespace

StoredLike look_how_stored(const Model& model, std::span<const std::uint8_t> pixels,
                           std::span<const std::uint8_t> labels, int threads) {
  const Dataset some = sample(pixels, labels);
  const auto score = [&](const Read& of) { return labels.empty() ? of.confident : of.right; };
  const Read first = read(model, some, threads);
  StoredLike look;
  look.images = some.size();
  look.as_is = look.changed = score(first);
  if (look.images < fewest_images || look.as_is >= well) return look;
  for (const Change change : all_changes) {
    const double value = score(read(model, changed(some, change), threads));
    if (value <= look.changed) continue;
    look.changed = value;
    look.change = change;
  }
  constexpr double rough = 0.8;
  using Verdict = StoredLike::Verdict;
  if (look.changed >= clearly && look.changed >= look.as_is + further) {
    look.verdict = Verdict::changed;
  } else if (look.changed < badly) {
    if (roughness(some.images) > rough) {
      look.verdict = Verdict::permuted;
    } else {
      const bool digits = !labels.empty() && first.confident >= well;
      look.verdict = digits ? Verdict::mislabeled : Verdict::unread;
    }
  }
  return look;
}

}  // namespace scrawl
