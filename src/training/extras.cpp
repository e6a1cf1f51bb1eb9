#include "training/extras.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/glyph.hpp>
#include <scrawl/probabilities.hpp>

#include "network/random.hpp"
#include "training/augment.hpp"
#include "training/outlier.hpp"

namespace scrawl {

namespace {

constexpr std::uint8_t no_digit = digit_count;  // the label of outliers, which is never right

/// The number of the extra that comes at `place` among `extras`. The first numbers are outliers,
/// the last are rare styles: steps of three spread these too, where they reach every number.
std::size_t number_at(std::size_t place, std::size_t extras) {
  const std::size_t step = extras % 3 == 0 ? 1 : 3;
  return place * step % extras;
}

/// What is to be learned of a glyph with such a label.
Probabilities target_of(std::uint8_t label, float smoothing) {
  Probabilities target;
  if (label == no_digit) {
    target.fill(1.0F / digit_count);
  } else {
    target.fill(smoothing / digit_count);
    target[label] += 1 - smoothing;
  }
  return target;
}

}  // namespace

Extras extras_of(const TrainingOptions& options, std::size_t images) {
  const auto count = [images](float fraction) {
    return static_cast<std::size_t>(fraction * static_cast<float>(images) + 0.5F);
  };
  return {count(options.outliers), count(options.rare_styles)};
}

Batch ExtraGlyphs::mix(const Batch& batch, int epoch, std::size_t begin, const Share& own,
                       Workers& workers) {
  const std::size_t digits = batch.labels.size();
  const Extras extras = extras_of(options_, digits);
  const std::size_t rows = digits + extras.size();
  make(extras, epoch, begin,
       {extras_before(own.begin, extras.size(), rows), extras_before(own.end, extras.size(), rows)},
       workers);
  images_.clear();
  labels_.clear();
  targets_.clear();
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t extra = extras_before(row, extras.size(), rows);
    const std::size_t digit = row - extra;
    const bool is_extra = extras_before(row + 1, extras.size(), rows) > extra;
    if (is_extra) {
      append(extras_.data() + extra * glyph_pixels, no_digit,  // so that it is not counted
             target_of(extra_labels_[extra], batch.smoothing));
    } else if (batch.targets.empty()) {
      append(batch.images[digit], batch.labels[digit],
             target_of(batch.labels[digit], batch.smoothing));
    } else {
      append(batch.images[digit], batch.labels[digit],
             batch.targets.subspan(digit * digit_count, digit_count));
    }
  }
  Batch mixed = batch;
  mixed.images = images_;
  mixed.labels = labels_;
  mixed.targets = targets_;
  return mixed;
}

/// The random numbers are those of the extra's number in the training, whichever worker makes it.
void ExtraGlyphs::make(const Extras& extras, int epoch, std::size_t begin, const Share& own,
                       Workers& workers) {
  extras_.resize(extras.size() * glyph_pixels);
  extra_labels_.resize(extras.size());
  workers.run(own.size(), [&](std::size_t task, std::size_t) {
    const std::size_t place = own.begin + task;
    const std::size_t number = number_at(place, extras.size());
    const auto random = [&](RandomPurpose purpose) {
      return Random({options_.seed, purpose, static_cast<std::uint64_t>(epoch), begin + number});
    };
    const LabeledGlyph extra =
        number < extras.outliers
            ? LabeledGlyph{make_outlier(dataset_, indices_, random(random_extra)), no_digit}
            : draw_rare_style(random(random_extra));
    extra_labels_[place] = extra.label;
    augment(extra.glyph, options_.augmentation, random(random_extra_change),
            extras_.data() + place * glyph_pixels);
  });
}

void ExtraGlyphs::append(const std::uint8_t* image, std::uint8_t label,
                         std::span<const float> target) {
  images_.push_back(image);
  labels_.push_back(label);
  targets_.insert(targets_.end(), target.begin(), target.end());
}

}  // namespace scrawl
