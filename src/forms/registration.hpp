// Where on a scan a form lies: the scan may be shifted, scaled and turned a little, or upside down.
#pragma once

#include <memory>
#include <vector>

#include "forms/affine.hpp"
#include "picture/plane.hpp"
#include "picture/stop.hpp"

namespace scrawl {

struct Registration {
  Affine to_scan;       ///< from pixels of the reference to those of the scan
  float agreement = 0;  ///< of what is printed: the correlation, 1 where both are the same
  bool is_shifted_farthest = false;  ///< as far as is looked for: it may lie farther away
};

/// Below this, a scan shows another form, or none.
inline constexpr float least_agreement = 0.3F;

/// Below this, it may lie elsewhere than it was found. Made-up scans that were found to the pixel
/// agreed by 0.73 or more, however faint or noisy; those that were 12 pixels off or more by 0.62 or
/// less.
inline constexpr float good_agreement = 0.7F;

/// A scan of a form, to which others are registered by what is printed on both. All members are
/// const and safe to call from several threads.
class ReferencePage {
 public:
  /// Throws Error when there is nothing on the page to register by.
  explicit ReferencePage(const Plane& page);

  int width() const { return width_; }
  int height() const { return height_; }

  /// The best there is, however bad. Shifted by up to an eighth of the page, larger or smaller by
  /// up to an eighth, turned by up to 10 degrees from any of the four sides. Throws Stopped soon
  /// after `stop` asks for it.
  Registration find_on(const Plane& scan, const StopRequested& stop = {}) const;

 private:
  struct Level;
  int width_;
  int height_;
  std::shared_ptr<const std::vector<Level>> levels_;  // from the coarsest
};

}  // namespace scrawl
