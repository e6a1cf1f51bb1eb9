// How well a page reader finds marks and tells them apart.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/model.hpp>

#include "network/data_type.hpp"
#include "network_training/detection_loss.hpp"
#include "network_training/detection_targets.hpp"
#include "network_training/team.hpp"
#include "network_training/workers.hpp"
#include "training/page_source.hpp"

namespace scrawl {

/// Digits and signs that are there, and what became of them.
struct MarkCounts {
  std::size_t marks = 0;
  std::size_t found = 0;    ///< with a center in their cell or one beside it
  std::size_t correct = 0;  ///< found, and the symbol is theirs

  double recall() const { return fraction(found, marks); }
  double accuracy() const { return fraction(correct, found); }  ///< of symbols, where found

  MarkCounts& operator+=(const MarkCounts& other);
  static double fraction(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  }
};

/// Up to which height, in pixels, marks count into which part of PageScore::by_height.
inline constexpr std::array<float, 3> mark_heights{12, 20, 32};

/// What is found if cells are taken for centers from some probability on.
struct FoundMarks {
  std::array<MarkCounts, mark_heights.size() + 1> by_height{};
  std::size_t centers = 0;  ///< those in ignored areas aside

  FoundMarks& operator+=(const FoundMarks& other);
  /// The harmonic mean of the shares of marks, and of centers, that are found with the right
  /// symbol. Each height counts the same, since more than half of all marks are points and digits
  /// below 12 pixels.
  double quality() const;
};

/// Probabilities from which on cells may be taken for centers.
inline constexpr std::array<float, 9> center_thresholds{0.1F, 0.2F, 0.3F, 0.4F, 0.5F,
                                                        0.6F, 0.7F, 0.8F, 0.9F};
using FoundByThreshold = std::array<FoundMarks, center_thresholds.size()>;

struct PageScore {
  DetectionSum loss;  ///< averaged over all pictures
  MarkCounts all;     ///< from DetectionSum::probable_center on
  std::size_t centers = 0;
  std::array<MarkCounts, mark_heights.size() + 1> by_height{};
  FoundByThreshold by_threshold{};
  std::vector<MarkCounts> by_kind;  ///< as PageSource::validation has them

  double precision() const { return MarkCounts::fraction(all.found, centers); }
  /// What models are chosen by: at the threshold that is best for it. A fixed one would be for or
  /// against models that find more but are less sure, for which a reader's threshold would be
  /// another.
  double quality() const;
};

/// A picture with what is to be found in it.
struct TargetPage {
  PageExample example;
  DetectionTargets targets;
  std::size_t kind = 0;  ///< in PageSource::validation
};

/// Adds what one picture's maps (height, width, DetectionChannels::count) show, but the loss.
void add_page(const float* maps, const TargetPage& page, PageScore& score);

/// Of all pages, each of the size of the model's input. Of a team (may be null) each process has
/// made its share of them; of the others it knows the kind alone.
PageScore score_pages(const Model& model, std::span<const TargetPage> pages, std::size_t kinds,
                      DataType type, Workers& workers, Team* team = nullptr);

}  // namespace scrawl
