// scrawl data preview
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include <scrawl/augmentation.hpp>
#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/own_input.hpp"
#include "cli/sheet.hpp"
#include "cli/terminal.hpp"
#include "decoding/write_png.hpp"
#include "files/files.hpp"
#include "pages/fonts.hpp"
#include "pages/page.hpp"
#include "picture/picture.hpp"
#include "training/augment.hpp"
#include "training/outlier.hpp"

namespace scrawl::cli {

namespace {

/// The places of all its images.
std::vector<std::uint32_t> all_of(const Dataset& dataset) {
  std::vector<std::uint32_t> indices(dataset.size());
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

struct PreviewArguments {
  std::string augmentation = "light";
  Part part = Part::train;
  bool outliers = false;
  bool rare_styles = false;
  bool pages = false;
  bool crops = false;
  std::uint64_t seed = 1;
  std::size_t rows = 10;
  std::size_t columns = 16;
  std::filesystem::path out = "preview.png";
};

constexpr std::size_t zoom = Sheet::zoom;
constexpr std::size_t cell = Sheet::cell;
constexpr std::uint8_t line_level = Sheet::line_level;

/// The first glyph of each digit, then the second of each, and so on.
std::vector<std::size_t> one_of_each(const Dataset& dataset, std::size_t count) {
  std::vector<std::size_t> chosen;
  std::vector<std::size_t> next(digit_count, 0);
  while (chosen.size() < count) {
    const std::size_t digit = chosen.size() % digit_count;
    const auto begin = dataset.labels.begin() + static_cast<std::ptrdiff_t>(next[digit]);
    auto found = std::find(begin, dataset.labels.end(), digit);
    // A data set without such a digit, or with fewer than wanted, gives any.
    if (found == dataset.labels.end()) {
      chosen.push_back(chosen.size() % dataset.size());
      continue;
    }
    chosen.push_back(static_cast<std::size_t>(found - dataset.labels.begin()));
    next[digit] = chosen.back() + 1;
  }
  return chosen;
}

Sheet make_sheet(const Dataset& dataset, const Augmentation& augmentation,
                 const PreviewArguments& arguments) {
  Sheet sheet(arguments.rows, arguments.columns);
  const std::vector<std::size_t> chosen = one_of_each(dataset, arguments.rows);
  for (std::size_t row = 0; row < arguments.rows; ++row) {
    const GlyphView glyph = dataset.image(chosen[row]);
    sheet.put(row, 0, glyph);
    for (std::size_t column = 1; column < arguments.columns; ++column) {
      Glyph changed;
      augment(glyph, augmentation, Random({arguments.seed, random_augmentation, row, column}),
              changed.data());
      sheet.put(row, column, changed);
    }
  }
  return sheet;
}

/// What a training adds to the data set's glyphs.
Sheet make_extra_sheet(const Dataset& dataset, const Augmentation& augmentation,
                       const PreviewArguments& arguments) {
  Sheet sheet(arguments.rows, arguments.columns);
  const std::vector<std::uint32_t> all = all_of(dataset);
  for (std::size_t row = 0; row < arguments.rows; ++row) {
    for (std::size_t column = 0; column < arguments.columns; ++column) {
      const Random random({arguments.seed, random_extra, row, column});
      const Glyph extra =
          arguments.outliers ? make_outlier(dataset, all, random) : draw_rare_style(random).glyph;
      Glyph changed;
      augment(extra, augmentation, Random({arguments.seed, random_extra_change, row, column}),
              changed.data());
      sheet.put(row, column, changed);
    }
  }
  return sheet;
}

/// Colors of boxes: digits, other marks, what is ignored.
struct Color {
  std::uint8_t red, green, blue;
};

void draw_box(const Rectangle& box, Color color, std::size_t left, std::size_t top,
              Picture& picture) {
  const auto put = [&](float x, float y) {
    const auto px = static_cast<std::size_t>(std::max(0.0F, x)) + left;
    const auto py = static_cast<std::size_t>(std::max(0.0F, y)) + top;
    if (px >= static_cast<std::size_t>(picture.width) ||
        py >= static_cast<std::size_t>(picture.height))
      return;
    std::uint8_t* pixel =
        picture.pixels.data() + 3 * (py * static_cast<std::size_t>(picture.width) + px);
    pixel[0] = color.red, pixel[1] = color.green, pixel[2] = color.blue;
  };
  for (float x = box.left; x < box.right; ++x) put(x, box.top), put(x, box.bottom - 0.01F);
  for (float y = box.top; y < box.bottom; ++y) put(box.left, y), put(box.right - 0.01F, y);
}

/// Says which fonts are missing.
std::vector<pages::Font> load_page_fonts(const Common& common) {
  const pages::FontFiles files = pages::find_fonts();
  std::vector<std::string> problems;
  std::vector<pages::Font> fonts = pages::load_fonts(files.found, problems);
  if (common.quiet) return fonts;
  for (const std::string& problem : problems) print_stderr("{}\n", problem);
  std::string missing;
  for (const std::string& name : files.missing) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty())
    print_stderr("without the fonts {} (scripts/install-packages train): less various pages\n",
                 missing);
  return fonts;
}

/// A page, or a crop as a network sees it, and its boxes.
struct MarkedPicture {
  Plane picture;
  std::vector<pages::Mark> marks;
  std::vector<Rectangle> ignored;
};

MarkedPicture make_marked_picture(const pages::GlyphBank& bank, bool crop, Random random) {
  if (!crop) {
    pages::Page page = make_page(bank, {}, random);
    return {std::move(page.picture), std::move(page.marks), std::move(page.ignored)};
  }
  pages::Crop seen = make_crop(bank, {}, random);
  for (std::uint8_t& level : seen.contrast.pixels) level = static_cast<std::uint8_t>(255 - level);
  return {std::move(seen.contrast), std::move(seen.marks), std::move(seen.ignored)};
}

/// Pages (or crops), each twice as large as it is, digits in green boxes, other marks in blue ones,
/// what is ignored in red ones.
Picture make_page_sheet(const pages::GlyphBank& bank, const PreviewArguments& arguments) {
  const pages::PageOptions options;
  const std::size_t wide = static_cast<std::size_t>(options.width) * zoom + 2;
  const std::size_t high = static_cast<std::size_t>(options.height) * zoom + 2;
  const std::size_t width = arguments.columns * wide;
  Picture sheet{static_cast<int>(width), static_cast<int>(arguments.rows * high), 3,
                std::vector<std::uint8_t>(3 * width * arguments.rows * high, line_level)};
  for (std::size_t i = 0; i < arguments.rows * arguments.columns; ++i) {
    const std::size_t left = i % arguments.columns * wide;
    const std::size_t top = i / arguments.columns * high;
    const MarkedPicture marked =
        make_marked_picture(bank, arguments.crops, Random({arguments.seed, random_pages, i}));
    for (std::size_t y = 0; y + 2 < high; ++y)
      for (std::size_t x = 0; x + 2 < wide; ++x)
        std::fill_n(sheet.pixels.data() + 3 * ((top + y) * width + left + x), 3,
                    marked.picture.row(static_cast<int>(y / zoom))[x / zoom]);
    const auto scaled = [](const Rectangle& box) {
      return Rectangle{box.left * zoom, box.top * zoom, box.right * zoom, box.bottom * zoom};
    };
    for (const Rectangle& box : marked.ignored)
      draw_box(scaled(box), {220, 40, 40}, left, top, sheet);
    for (const pages::Mark& mark : marked.marks)
      draw_box(scaled(mark.box), is_digit(mark.symbol) ? Color{0, 170, 0} : Color{40, 90, 255},
               left, top, sheet);
  }
  return sheet;
}

int preview_pages(const Dataset& dataset, const PreviewArguments& arguments, const Common& common) {
  const std::vector<std::uint32_t> all = all_of(dataset);
  const pages::GlyphBank bank(dataset, all, load_page_fonts(common));
  const Picture sheet = make_page_sheet(bank, arguments);
  make_folder_of(arguments.out);
  write_png(sheet, arguments.out);
  if (common.json) {
    print_json({{"file", arguments.out.string()},
                {"rows", arguments.rows},
                {"columns", arguments.columns}});
  } else if (!common.quiet) {
    print_stderr("{}: digits in green boxes, other marks in blue, what is ignored in red\n",
                 arguments.out.string());
  }
  return exit_ok;
}

void check(const PreviewArguments& arguments) {
  if (arguments.out.empty()) throw OptionError("--out: a file name is needed");
  refuse_standard_output(arguments.out, "--out");
  require_png_name(arguments.out, "--out");
  const bool of_pages = arguments.pages || arguments.crops;
  const pages::PageOptions page;
  const std::size_t pixels =
      of_pages ? static_cast<std::size_t>(page.width * zoom + 2) * (page.height * zoom + 2)
               : cell * cell;
  const std::size_t most = max_picture_pixels / pixels;  // that scrawl itself can read
  if (arguments.rows * arguments.columns > most) {
    throw OptionError(fmt::format("--rows, --columns: found {} x {}, expected at most {} {}",
                                  arguments.rows, arguments.columns, most,
                                  of_pages ? "pages" : "glyphs"));
  }
}

int run_preview(const PreviewArguments& arguments, const Common& common) {
  check(arguments);
  refuse_own_data(arguments.out, "--out", common.data_folder());
  const Augmentation augmentation = parse_augmentation(arguments.augmentation);
  const Dataset dataset = load_named_data(common, arguments.part, 0).dataset;
  if (arguments.pages || arguments.crops) return preview_pages(dataset, arguments, common);
  const bool extras = arguments.outliers || arguments.rare_styles;
  const Sheet sheet = extras ? make_extra_sheet(dataset, augmentation, arguments)
                             : make_sheet(dataset, augmentation, arguments);
  sheet.write(arguments.out);
  if (common.json) {
    print_json({{"file", arguments.out.string()},
                {"rows", arguments.rows},
                {"columns", arguments.columns},
                {"augmentation", to_string(augmentation)}});
  } else if (!common.quiet) {
    print_stderr("{}: {}{}\n", arguments.out.string(),
                 extras ? "changed by " : "the first column as it is, then ",
                 to_string(augmentation));
  }
  return exit_ok;
}

}  // namespace

void add_preview(CLI::App& data, Common& common, int& exit_code) {
  auto arguments = std::make_shared<PreviewArguments>();
  CLI::App* command =
      add_command(data, "preview", "Draw augmented glyphs: a sheet to look at",
                  "  scrawl data preview --augment strong --out strong.png", common, exit_code,
                  [arguments, &common] { return run_preview(*arguments, common); });
  add_data_options(*command, common);
  take_words(command->add_option("--part", arguments->part, "test or train"), part_words,
             arguments->part);
  command->add_option("--augment", arguments->augmentation,
                      "none, light, strong, or as in \"rotation 10, shift 1.5\"");
  command->add_flag("--outliers", arguments->outliers, "What --outliers of train adds: non-digits");
  command->add_flag("--rare-styles", arguments->rare_styles, "What --rare-styles of train adds")
      ->excludes("--outliers");
  command
      ->add_flag("--pages", arguments->pages, "Pages of numbers, with boxes around what is on them")
      ->excludes("--outliers")
      ->excludes("--rare-styles");
  command
      ->add_flag("--crops", arguments->crops,
                 "The same as a network sees them: local contrast, small pages side by side")
      ->excludes("--outliers")
      ->excludes("--rare-styles");
  command->add_option("--seed", arguments->seed, "Of all that is random")->check(not_negative());
  command->add_option("--rows", arguments->rows, "Glyphs")->check(CLI::Range(1, 1000));
  command->add_option("--columns", arguments->columns, "The glyph and its augmented copies")
      ->check(CLI::Range(1, 1000));
  command->add_option("-o,--out", arguments->out, "The PNG file");
}

}  // namespace scrawl::cli
