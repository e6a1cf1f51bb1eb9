// Made-up pages with those of MNIST's training images that no page reader was trained on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "network/random.hpp"
#include "pages/fonts.hpp"
#include "pages/glyph_bank.hpp"
#include "pages/page.hpp"
#include "training/batches.hpp"

namespace scrawl {

/// The digits, and the fonts that are installed. `data`: MNIST's folder; empty: the usual one.
inline pages::GlyphBank unseen_digits(const std::string& data) {
  const Dataset dataset =
      load_dataset(data.empty() ? default_data_folder() : std::filesystem::path(data), Part::train);
  const std::vector<std::uint32_t> unseen = split(dataset.size(), 10'000, 1).validation;
  std::vector<std::string> problems;
  return {dataset, unseen, pages::load_fonts(pages::find_fonts().found, problems)};
}

/// Page `i` of a seed: 96 to 768 pixels high and up to three times as wide.
inline pages::Page make_unseen_page(const pages::GlyphBank& bank, std::uint64_t seed, std::size_t i,
                                    float min_digit_height) {
  Random random({seed, i});
  pages::PageOptions options;
  const int side = 96 << random.below(4);
  options.width = static_cast<int>(static_cast<float>(side) * (1 + 2 * random.uniform()));
  options.height = side;
  options.min_digit_height = min_digit_height;
  options.max_digit_height = 0.6F * static_cast<float>(side);
  return make_page(bank, options, random);
}

}  // namespace scrawl
