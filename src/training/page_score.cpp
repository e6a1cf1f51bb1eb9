#include "training/page_score.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "network/map_plan.hpp"

namespace scrawl {

namespace {

/// A cell that says that a center is in it.
struct Center {
  std::size_t x = 0;
  std::size_t y = 0;
  bool used = false;  // it is some mark's
};

float logit_at(const float* maps, const DetectionTargets& size, std::size_t x, std::size_t y) {
  return maps[(y * size.width + x) * DetectionChannels::count + DetectionChannels::center];
}

/// Whether no cell around has a higher logit; of equal ones the first counts.
bool is_highest(const float* maps, const DetectionTargets& size, std::size_t x, std::size_t y) {
  const float own = logit_at(maps, size, x, y);
  for (std::size_t v = y == 0 ? 0 : y - 1; v < std::min(size.height, y + 2); ++v) {
    for (std::size_t u = x == 0 ? 0 : x - 1; u < std::min(size.width, x + 2); ++u) {
      const float other = logit_at(maps, size, u, v);
      const bool before = v < y || (v == y && u < x);
      if (other > own || (before && other == own)) return false;
    }
  }
  return true;
}

std::vector<Center> find_centers(const float* maps, const DetectionTargets& size, float threshold) {
  const float least = std::log(threshold / (1 - threshold));
  std::vector<Center> centers;
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < size.width; ++x) {
      if (logit_at(maps, size, x, y) > least && is_highest(maps, size, x, y)) {
        centers.push_back({x, y, false});
      }
    }
  }
  return centers;
}

/// The center nearest to a mark's that is no other's, in cells around it; or none.
Center* center_of(const Rectangle& box, std::vector<Center>& centers) {
  constexpr float cell = cell_pixels;
  const float x = (box.left + box.right) / 2 / cell - 0.5F;
  const float y = (box.top + box.bottom) / 2 / cell - 0.5F;
  constexpr float most = 1.5F;  // a cell, and what rounding to a cell takes
  Center* nearest = nullptr;
  float least = most;
  for (Center& center : centers) {
    const float distance = std::max(std::abs(static_cast<float>(center.x) - x),
                                    std::abs(static_cast<float>(center.y) - y));
    if (center.used || distance > least) continue;
    nearest = &center;
    least = distance;
  }
  return nearest;
}

std::size_t symbol_at(const float* maps, const DetectionTargets& size, const Center& center) {
  const float* symbols = maps + (center.y * size.width + center.x) * DetectionChannels::count +
                         DetectionChannels::symbols;
  return static_cast<std::size_t>(std::max_element(symbols, symbols + symbol_count) - symbols);
}

FoundMarks find_marks(const float* maps, const TargetPage& page, float threshold) {
  const DetectionTargets& targets = page.targets;
  std::vector<Center> centers = find_centers(maps, targets, threshold);
  FoundMarks found;
  for (const TargetMark& mark : page.example.marks) {
    if (mark.symbol == other_symbol) continue;
    MarkCounts counts{1, 0, 0};
    if (Center* center = center_of(mark.box, centers)) {
      center->used = true;
      counts.found = 1;
      counts.correct = symbol_at(maps, targets, *center) == mark.symbol ? 1 : 0;
    }
    const float height = mark.box.bottom - mark.box.top;
    const auto part = std::ranges::lower_bound(mark_heights, height) - mark_heights.begin();
    found.by_height[static_cast<std::size_t>(part)] += counts;
  }
  found.centers = static_cast<std::size_t>(std::ranges::count_if(centers, [&](const Center& c) {
    return c.used || targets.counted[c.y * targets.width + c.x] != 0;
  }));
  return found;
}

FoundByThreshold find_marks(const float* maps, const TargetPage& page) {
  FoundByThreshold found;
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i] = find_marks(maps, page, center_thresholds[i]);
  return found;
}

/// Of center_thresholds, the one that recall and precision are printed for.
constexpr std::size_t probable = 3;
static_assert(center_thresholds[probable] == DetectionSum::probable_center);

void add(const FoundByThreshold& found, std::size_t kind, PageScore& sum) {
  const FoundMarks& marks = found[probable];
  sum.centers += marks.centers;
  for (std::size_t i = 0; i < sum.by_height.size(); ++i) {
    sum.all += marks.by_height[i];
    sum.by_height[i] += marks.by_height[i];
    sum.by_kind[kind] += marks.by_height[i];
  }
  for (std::size_t i = 0; i < found.size(); ++i) sum.by_threshold[i] += found[i];
}

/// What a PageScore is the sum of, as plain bytes.
struct OnePage {
  DetectionSum loss;
  FoundByThreshold found;
};

/// Page by page, so that the sum is the same however many processes have made them.
DetectionCounts count(std::span<const TargetPage> pages, const Share& own, Team* team) {
  std::vector<DetectionCounts> counts(pages.size());
  for (std::size_t i = own.begin; i < own.end; ++i) counts[i].add(pages[i].targets);
  if (team != nullptr) gather_shares(*team, std::span(counts));
  DetectionCounts sum;
  for (const DetectionCounts& page : counts) sum += page;
  return sum;
}

}  // namespace

MarkCounts& MarkCounts::operator+=(const MarkCounts& other) {
  marks += other.marks;
  found += other.found;
  correct += other.correct;
  return *this;
}

FoundMarks& FoundMarks::operator+=(const FoundMarks& other) {
  for (std::size_t i = 0; i < by_height.size(); ++i) by_height[i] += other.by_height[i];
  centers += other.centers;
  return *this;
}

double FoundMarks::quality() const {
  double sum = 0, heights = 0, correct = 0;
  for (const MarkCounts& counts : by_height) {
    if (counts.marks == 0) continue;
    sum += MarkCounts::fraction(counts.correct, counts.marks);
    heights += 1;
    correct += static_cast<double>(counts.correct);
  }
  const double of_marks = sum / std::max(heights, 1.0);
  const double of_centers = correct / std::max(static_cast<double>(centers), 1.0);
  return of_marks > 0 ? 2 * of_marks * of_centers / (of_marks + of_centers) : 0;
}

double PageScore::quality() const {
  double best = 0;
  for (const FoundMarks& found : by_threshold) best = std::max(best, found.quality());
  return best;
}

void add_page(const float* maps, const TargetPage& page, PageScore& score) {
  add(find_marks(maps, page), page.kind, score);
}

PageScore score_pages(const Model& model, std::span<const TargetPage> pages, std::size_t kinds,
                      DataType type, Workers& workers, Team* team) {
  SizedMapPlan plan(model, model.architecture.input, type);
  const Share own =
      team == nullptr ? Share{0, pages.size()} : share_of(pages.size(), team->rank(), team->size());
  const DetectionCounts counts = count(pages, own, team);
  std::vector<std::vector<float>> gradients(workers.size());  // which nobody wants
  std::vector<OnePage> scores(pages.size());
  workers.run(own.size(), [&](std::size_t task, std::size_t worker) {
    const TargetPage& page = pages[own.begin + task];
    const Maps maps = plan.run(page.example.pixels);
    gradients[worker].resize(maps.values.size());
    const float* values = maps.values.data();
    scores[own.begin + task] = {
        detection_loss(values, page.targets, counts, gradients[worker].data()),
        find_marks(values, page)};
  });
  if (team != nullptr) gather_shares(*team, std::span(scores));
  PageScore sum;
  sum.by_kind.resize(kinds);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    sum.loss += scores[i].loss;
    add(scores[i].found, pages[i].kind, sum);
  }
  return sum;
}

}  // namespace scrawl
