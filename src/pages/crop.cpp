// What a network is trained on: pages after local contrast, small ones side by side.
#include <algorithm>
#include <vector>

#include "pages/chance.hpp"
#include "pages/page.hpp"
#include "picture/local_contrast.hpp"

namespace scrawl::pages {

namespace {

Rectangle moved(const Rectangle& box, float x, float y) {
  return {box.left + x, box.top + y, box.right + x, box.bottom + y};
}

/// Puts a page's contrast at (x, y) of the crop.
void place(const Page& page, int x, int y, Crop& crop) {
  const Plane contrast = local_contrast(page.picture);
  for (int row = 0; row < contrast.height; ++row)
    std::copy_n(contrast.row(row), contrast.width, crop.contrast.row(y + row) + x);
  const auto left = static_cast<float>(x);
  const auto top = static_cast<float>(y);
  int line = 0, number = 0;
  if (!crop.marks.empty()) {
    line = crop.marks.back().line + 1;
    number = crop.marks.back().number + 1;
  }
  for (Mark mark : page.marks) {
    mark.box = moved(mark.box, left, top);
    mark.line += line;
    mark.number += number;
    crop.marks.push_back(mark);
  }
  for (const Rectangle& box : page.ignored) crop.ignored.push_back(moved(box, left, top));
  for (const Rectangle& box : page.too_small) crop.too_small.push_back(moved(box, left, top));
  crop.pages.push_back({left, top, left + static_cast<float>(contrast.width),
                        top + static_cast<float>(contrast.height)});
}

constexpr std::uint32_t bit(Kind kind) {
  return 1U << static_cast<unsigned>(kind);
}
/// Those that are cut out of larger pictures, or are small as a whole.
constexpr std::uint32_t small_kinds = bit(Kind::lone_digit) | bit(Kind::tight) | bit(Kind::cells) |
                                      bit(Kind::line) | bit(Kind::columns);

}  // namespace

Crop make_crop(const GlyphBank& bank, const PageOptions& options, Random random) {
  Crop crop{Plane(options.width, options.height), {}, {}, {}, {}};
  std::fill(crop.contrast.pixels.begin(), crop.contrast.pixels.end(), std::uint8_t{128});
  const bool several = (options.kinds & small_kinds) != 0 && options.width >= 64 &&
                       options.height >= 48 && chance(random, options.recipe.several);
  if (!several) {
    PageOptions whole_crop = options;
    const std::uint32_t large = options.kinds & ~bit(Kind::lone_digit);
    if (large != 0) whole_crop.kinds = large;  // a digit that fills the crop would be too large
    place(make_page(bank, whole_crop, Random({random.next()})), 0, 0, crop);
    return crop;
  }
  // Shelves from the top, filled from the left.
  constexpr int apart = 8;
  for (int y = whole(random, 0, apart); y + 20 <= options.height;) {
    int tallest = 0;
    for (int x = whole(random, 0, apart); x + 20 <= options.width;) {
      PageOptions small = options;
      const int room = options.height - y;
      const bool lone = (options.kinds & bit(Kind::lone_digit)) != 0 && chance(random, 0.4F);
      small.kinds =
          lone ? bit(Kind::lone_digit) : options.kinds & small_kinds & ~bit(Kind::lone_digit);
      if (small.kinds == 0) small.kinds = bit(Kind::lone_digit);
      small.height =
          std::min(room, static_cast<int>(log_between(random, lone ? 18 : 16, lone ? 80 : 100)));
      const float across = lone ? between(random, 0.8F, 1.25F) : log_between(random, 0.9F, 7);
      small.width = std::clamp(static_cast<int>(across * static_cast<float>(small.height)), 16,
                               options.width - x);
      small.max_digit_height =
          std::min(small.max_digit_height, 0.97F * static_cast<float>(small.height));
      small.min_digit_height =
          std::max(small.min_digit_height, 0.4F * static_cast<float>(small.height));
      small.min_digit_height = std::min(small.min_digit_height, small.max_digit_height);
      place(make_page(bank, small, Random({random.next()})), x, y, crop);
      tallest = std::max(tallest, small.height);
      x += small.width + apart;
    }
    y += tallest + apart;
  }
  return crop;
}

}  // namespace scrawl::pages
