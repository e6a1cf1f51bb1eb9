#include "training/made_pages.hpp"

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "dataset/check_dataset.hpp"
#include "pages/fonts.hpp"
#include "pages/glyph_bank.hpp"
#include "pages/page.hpp"
#include "training/batches.hpp"

namespace scrawl {

namespace {

PageExample example_of(pages::Crop crop) {
  PageExample example{
      std::move(crop.contrast.pixels), {}, std::move(crop.ignored), std::move(crop.too_small)};
  for (const pages::Mark& mark : crop.marks) {
    example.marks.push_back({static_cast<std::size_t>(mark.symbol), mark.box, mark.handwritten});
  }
  return example;
}

using Bank = std::shared_ptr<const pages::GlyphBank>;

MakePage maker(Bank bank, const pages::PageOptions& options) {
  return [bank = std::move(bank), options](Random random) {
    return example_of(pages::make_crop(*bank, options, random));
  };
}

}  // namespace

PageSource made_pages(const DatasetView& dataset, const Shape& input,
                      const TrainingOptions& options) {
  check_dataset(dataset, "training");
  if (options.validation == 0 || options.validation >= dataset.size()) {
    throw Error(fmt::format(
        "training: {} images for validation, expected 1 to {}: a page reader is chosen by pages of "
        "digits that it was not trained on",
        options.validation, dataset.size() - 1));
  }
  const Split parts = split(dataset.size(), options.validation, options.seed);
  std::vector<std::string> problems;  // a font that cannot be read is one less
  const std::vector<pages::Font> fonts = pages::load_fonts(pages::find_fonts().found, problems);
  const auto bank_of = [&](std::span<const std::uint32_t> indices) -> Bank {
    return std::make_shared<pages::GlyphBank>(dataset, indices, fonts, options.threads);
  };
  pages::PageOptions page;
  page.width = static_cast<int>(input.width);
  page.height = static_cast<int>(input.height);
  PageSource source;
  source.train = maker(bank_of(parts.train), page);
  source.digest = digest_of(dataset);
  for (const pages::Font& font : fonts) source.digest += " " + font.name;
  const Bank others = bank_of(parts.validation);
  for (int kind = 0; kind < pages::kind_count; ++kind) {
    page.kinds = 1U << kind;
    source.validation.push_back(
        {std::string(to_string(static_cast<pages::Kind>(kind))), maker(others, page)});
  }
  return source;
}

}  // namespace scrawl
