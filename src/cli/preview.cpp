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
#include <scrawl/picture.hpp>

#include "cli/choices.hpp"
#include "cli/cli.hpp"
#include "cli/terminal.hpp"
#include "decoding/write_png.hpp"
#include "training/augment.hpp"
#include "training/outlier.hpp"

namespace scrawl::cli {

namespace {

struct PreviewArguments {
  std::string augmentation = "light";
  Part part = Part::train;
  bool outliers = false;
  bool rare_styles = false;
  std::uint64_t seed = 1;
  std::size_t rows = 10;
  std::size_t columns = 16;
  std::filesystem::path out = "preview.png";
};

constexpr std::size_t zoom = 2;
constexpr std::size_t cell = glyph_side * zoom + 1;  // with a line at its right and lower edge
constexpr std::uint8_t line_level = 64;

/// A sheet of glyphs, gray level by gray level.
class Sheet {
 public:
  Sheet(std::size_t rows, std::size_t columns)
      : width_(columns * cell), levels_(rows * cell * width_, line_level) {}

  void put(std::size_t row, std::size_t column, GlyphView glyph) {
    for (std::size_t y = 0; y < glyph_side * zoom; ++y) {
      for (std::size_t x = 0; x < glyph_side * zoom; ++x) {
        levels_[(row * cell + y) * width_ + column * cell + x] =
            glyph[y / zoom * glyph_side + x / zoom];
      }
    }
  }

  void write(const std::filesystem::path& file) const { write_png(levels_, width_, file); }

 private:
  std::size_t width_;
  std::vector<std::uint8_t> levels_;
};

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
  std::vector<std::uint32_t> all(dataset.size());
  std::iota(all.begin(), all.end(), 0U);
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

void check(const PreviewArguments& arguments) {
  if (arguments.out.empty()) throw OptionError("--out: a file name is needed");
  refuse_standard_output(arguments.out, "--out");
  require_png_name(arguments.out, "--out");
  constexpr std::size_t most = max_picture_pixels / (cell * cell);  // that scrawl itself can read
  if (arguments.rows * arguments.columns > most) {
    throw OptionError(fmt::format("--rows, --columns: found {} x {}, expected at most {} glyphs",
                                  arguments.rows, arguments.columns, most));
  }
}

int run_preview(const PreviewArguments& arguments, const Common& common) {
  check(arguments);
  const Augmentation augmentation = parse_augmentation(arguments.augmentation);
  const Dataset dataset = load_dataset(common.data_folder(), arguments.part);
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
  add_data_option(*command, common);
  take_words(command->add_option("--part", arguments->part, "test or train"), part_words,
             arguments->part);
  command->add_option("--augment", arguments->augmentation,
                      "none, light, strong, or as in \"rotation 10, shift 1.5\"");
  command->add_flag("--outliers", arguments->outliers, "What --outliers of train adds: non-digits");
  command->add_flag("--rare-styles", arguments->rare_styles, "What --rare-styles of train adds")
      ->excludes("--outliers");
  command->add_option("--seed", arguments->seed, "Of the augmentation")->check(not_negative());
  command->add_option("--rows", arguments->rows, "Glyphs")->check(CLI::Range(1, 1000));
  command->add_option("--columns", arguments->columns, "The glyph and its augmented copies")
      ->check(CLI::Range(1, 1000));
  command->add_option("-o,--out", arguments->out, "The PNG file");
}

}  // namespace scrawl::cli
