// How the images of a data set are stored, next to MNIST's: EMNIST's are transposed, others are
// dark on light. Told by a model that reads MNIST's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <scrawl/model.hpp>

namespace scrawl {

/// What would have to be done to images to have them as MNIST's.
struct Change {
  bool transpose = false;
  bool invert = false;

  bool operator==(const Change&) const = default;
};

inline constexpr std::array<Change, 4> all_changes{Change{false, false}, Change{true, false},
                                                   Change{false, true}, Change{true, true}};

/// What a look at some of the images gave.
struct StoredLike {
  enum class Verdict {
    mnist,       ///< read well as they are, or none of the below is clear
    changed,     ///< read well only with `change`
    mislabeled,  ///< look like digits, but labels say other ones
    permuted,    ///< read in no way, and neighboring pixels have nothing to do with each other
    unread,      ///< read in no way: not digits as MNIST's
  };
  Verdict verdict = Verdict::mnist;
  std::size_t images = 0;  ///< so many were looked at
  double as_is = 0;    ///< fraction of them that is read as labeled; without labels, confidently
  Change change{};     ///< by which most are read
  double changed = 0;  ///< fraction with it
};

/// Looks at up to 300 of the images, from all of the data set. `labels` may be empty.
StoredLike look_how_stored(const Model& model, std::span<const std::uint8_t> pixels,
                           std::span<const std::uint8_t> labels, int threads = 0);

}  // namespace scrawl
