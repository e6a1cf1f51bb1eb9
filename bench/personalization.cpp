// How well a writer is learned from a few corrected glyphs, and what is forgotten by that. Writers
// who write one digit in an odd way are simulated: drawn with a pen, or MNIST's test images of one
// digit changed as that writer would. The model learns from some samples and is tested on others.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/personalization.hpp>

#include "decoding/write_png.hpp"
#include "network/random.hpp"
#include "recognition/recognizer.hpp"
#include "training/augment.hpp"
#include "training/outlier.hpp"

namespace {

using namespace scrawl;

/// One digit in an odd way: strokes (see draw_by_one_writer), or a slant of MNIST's own.
struct Style {
  std::string_view name;
  std::uint8_t digit;
  std::string_view strokes;  // empty: MNIST's digit ...
  float turn = 0;            // ... turned by so many degrees,
  float slant = 0;           // slanted by so many pixels to the side for each of height,
  float wave = 0;            // and each row shifted along a sine so many pixels high
};

constexpr Style styles[] = {
    {"7 with a bar and a curl", 7, "~1302104060534437285867 2454"},
    {"1 as a caret with a foot", 1, "053065 0868"},
    {"4 mirrored", 4, "206505 2028"},
    {"9 like a g", 9, "~52301103245352 ~5256483818072655"},
    {"2 with a large loop", 2, "~0230521607043668"},
    {"0 with a slash", 0, "~4020020618386652403010 6008"},
    {"5 like a V", 5, "003860"},
    {"3 like an E, mirrored", 3, "00606808 6424"},
    {"6 like a G", 6, "~61401003061848675534 3464"},
    {"8 like an ampersand", 8, "~68241230422406184864"},
    {"1 like a T", 1, "0060 3038"},
    {"4 turned by 60 degrees", 4, "", 60, 0, 0},
    {"5 in waves", 5, "", 0, -0.5F, 3},
    {"2 turned by -50 degrees", 2, "", -50, 0, 0},
};

/// A pixel of `glyph` at a place between pixels; paper outside.
float sample(GlyphView glyph, float x, float y) {
  const auto at = [glyph](int column, int row) -> float {
    constexpr int side = glyph_side;
    if (column < 0 || row < 0 || column >= side || row >= side) return 0;
    return glyph[static_cast<std::size_t>(row * side + column)];
  };
  const int column = static_cast<int>(std::floor(x));
  const int row = static_cast<int>(std::floor(y));
  const float right = x - static_cast<float>(column);
  const float down = y - static_cast<float>(row);
  return (1 - down) * ((1 - right) * at(column, row) + right * at(column + 1, row)) +
         down * ((1 - right) * at(column, row + 1) + right * at(column + 1, row + 1));
}

Glyph change(GlyphView glyph, const Style& style) {
  constexpr float middle = (glyph_side - 1) / 2.0F;
  const float angle = style.turn * 3.14159265F / 180;
  Glyph changed;
  for (std::size_t i = 0; i < glyph_pixels; ++i) {
    const float y = static_cast<float>(i / glyph_side) - middle;
    const float x = static_cast<float>(i % glyph_side) - middle + style.slant * y +
                    style.wave * std::sin(y * 0.7F);
    changed[i] = static_cast<std::uint8_t>(
        std::lround(sample(glyph, middle + x * std::cos(angle) + y * std::sin(angle),
                           middle - x * std::sin(angle) + y * std::cos(angle))));
  }
  return changed;
}

void add(const Glyph& glyph, std::uint8_t digit, Dataset& dataset) {
  dataset.images.insert(dataset.images.end(), glyph.begin(), glyph.end());
  dataset.labels.push_back(digit);
}

/// Samples of one writer: the pen is always the same, the strokes vary.
Dataset write(const Style& style, std::size_t count, const Dataset& mnist, std::uint64_t seed) {
  Random random({seed, style.digit, style.name.size()});
  const float pen = 4.5F + 3 * random.uniform();
  std::vector<std::uint32_t> own;
  for (std::uint32_t i = 0; i < mnist.size(); ++i)
    if (mnist.labels[i] == style.digit) own.push_back(i);
  random.shuffle(std::span(own));
  Augmentation variation;
  variation.rotation = 5;
  variation.shear = 0.1F;
  variation.shift = 1;
  Dataset samples;
  for (std::size_t i = 0; i < count; ++i) {
    const Random draw({seed, i, random.next()});
    if (style.strokes.empty()) {
      add(change(mnist.image(own[i % own.size()]), style), style.digit, samples);
      continue;
    }
    const Glyph glyph = draw_by_one_writer(style.strokes, pen, draw);
    Glyph varied;
    augment(glyph, variation, Random({seed, i, 77}), varied.data());
    add(varied, style.digit, samples);
  }
  return samples;
}

/// A writer's own pictures, in an order that the seed gives.
Dataset load_writer(const std::filesystem::path& folder, std::uint64_t seed) {
  const Dataset loaded = load_pictures_by_digit(folder).dataset;
  std::vector<std::size_t> order(loaded.size());
  std::iota(order.begin(), order.end(), 0U);
  Random random({seed, 5});
  random.shuffle(std::span(order));
  Dataset shuffled;
  for (const std::size_t i : order) {
    Glyph glyph;
    std::ranges::copy(loaded.image(i), glyph.begin());
    add(glyph, loaded.labels[i], shuffled);
  }
  return shuffled;
}

/// Those that the model reads wrong.
Dataset misread(const Model& model, const Dataset& dataset) {
  Dataset wrong;
  const std::vector<Probabilities> answers = predict(model, dataset);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto answer = std::ranges::max_element(answers[i]) - answers[i].begin();
    if (answer == dataset.labels[i]) continue;
    Glyph glyph;
    std::ranges::copy(dataset.image(i), glyph.begin());
    add(glyph, dataset.labels[i], wrong);
  }
  return wrong;
}

Dataset part(const Dataset& dataset, std::size_t begin, std::size_t count) {
  const auto image = dataset.images.begin();
  const auto label = dataset.labels.begin();
  const auto from = static_cast<std::ptrdiff_t>(begin);
  const auto to = static_cast<std::ptrdiff_t>(begin + count);
  constexpr auto pixels = static_cast<std::ptrdiff_t>(glyph_pixels);
  return {{image + from * pixels, image + to * pixels}, {label + from, label + to}};
}

/// Non-digits, the same each time.
Dataset no_digits(std::size_t count, const Dataset& mnist) {
  std::vector<std::uint32_t> all(mnist.size());
  std::iota(all.begin(), all.end(), 0U);
  Dataset things;
  for (std::size_t i = 0; i < count; ++i)
    add(make_outlier(mnist, all, Random({4321, i})), 0, things);
  return things;
}

/// Fraction read as a digit with more than 0.9 confidence.
double confident(const Model& model, const Dataset& things) {
  std::size_t count = 0;
  for (const Probabilities& p : predict(model, things)) count += std::ranges::max(p) > 0.9F ? 1 : 0;
  return static_cast<double>(count) / static_cast<double>(things.size());
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Rows of a table, and their mean.
struct Row {
  double before, after, test_before, test_after, held_before, held_after, doubt_before, doubt_after,
      seconds, cpu, kept;
};

void print(const std::string& name, const Row& r) {
  fmt::print(
      "| {} | {:.1f} | {:.1f} | {:.2f} | {:.2f} | {:+.2f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {} "
      "|\n",
      name, 100 * r.before, 100 * r.after, 100 * r.test_before, 100 * r.test_after,
      100 * (r.held_after - r.held_before), 100 * r.doubt_before, 100 * r.doubt_after, r.seconds,
      r.cpu, r.kept);
  std::fflush(stdout);
}

Row mean(const std::vector<Row>& rows) {
  Row sum{};
  const auto weight = 1 / static_cast<double>(rows.size());
  for (const Row& row : rows) {
    for (double Row::*field : {&Row::before, &Row::after, &Row::test_before, &Row::test_after,
                               &Row::held_before, &Row::held_after, &Row::doubt_before,
                               &Row::doubt_after, &Row::seconds, &Row::cpu, &Row::kept}) {
      sum.*field += weight * row.*field;
    }
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Personalizes for simulated writers from a few samples; each line is one writer");
  PersonalizationOptions options;
  std::size_t samples = 5;
  std::uint64_t seeds = 2;
  std::uint64_t first_seed = 2;  // with 1, settings were chosen
  std::vector<std::size_t> chosen;
  std::filesystem::path data = default_data_folder();
  std::filesystem::path draw;
  std::vector<std::filesystem::path> writers;
  app.add_option("--samples", samples, "To learn from")->capture_default_str();
  app.add_option("--seeds", seeds, "Writers of each style")->capture_default_str();
  app.add_option("--first-seed", first_seed,
                 "Of the first writer of a style; settings were chosen with 1")
      ->capture_default_str();
  app.add_option("--styles", chosen, "Numbers of styles from 0 [all]");
  app.add_option("--steps", options.steps)->capture_default_str();
  app.add_option("--lr", options.learning_rate)->capture_default_str();
  app.add_option("--collection-fraction", options.collection_fraction)->capture_default_str();
  app.add_option("--data", data)->capture_default_str();
  app.add_option("--draw", draw, "Only draw the styles, 20 samples a row, to this PNG file");
  app.add_option("--writers", writers,
                 "Folders of pictures by digit, each of one writer, in place of simulated ones: "
                 "what is misread of one half is learned, the other half is tested");
  CLI11_PARSE(app, argc, argv);
  constexpr std::size_t held_out = 100;
  if (chosen.empty()) {
    chosen.resize(std::size(styles));
    std::iota(chosen.begin(), chosen.end(), 0U);
  }
  const Dataset train = load_dataset(data, Part::train);
  const Dataset test = load_dataset(data, Part::test);
  const Model builtin = default_model();
  if (!draw.empty()) {
    constexpr std::size_t columns = 20;
    Picture picture{static_cast<int>(columns * glyph_side),
                    static_cast<int>(chosen.size() * glyph_side),
                    1,
                    {}};
    picture.pixels.resize(chosen.size() * columns * glyph_pixels);
    for (std::size_t row = 0; row < chosen.size(); ++row) {
      const Dataset set = write(styles[chosen[row]], held_out, test, 1);
      fmt::print("{}: {:.1f} %\n", styles[chosen[row]].name,
                 100 * evaluate(builtin, set).score.accuracy);
      for (std::size_t i = 0; i < columns * glyph_pixels; ++i) {
        const std::size_t glyph = i / glyph_pixels;
        const std::size_t y = i % glyph_pixels / glyph_side;
        const std::size_t x = i % glyph_side;
        picture.pixels[((row * glyph_side + y) * columns + glyph) * glyph_side + x] = set.images[i];
      }
    }
    write_png(picture, draw);
    return 0;
  }
  const Dataset things = no_digits(2000, test);
  const double doubt_before = confident(builtin, things);
  fmt::print(
      "| writer | held-out accuracy before, % | after | MNIST test before | after | MNIST held out "
      "| "
      "no "
      "digits "
      "above 0.9 before, % | after | s | CPU s | kept "
      "|\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  std::vector<Row> rows;
  const auto learn = [&](const std::string& name, const Dataset& own, const Dataset& later,
                         std::uint64_t seed) {
    options.seed = seed;
    const double cpu = cpu_seconds();
    const PersonalizationResult result = personalize(builtin, own, train, test, options);
    const double used = cpu_seconds() - cpu;
    rows.push_back({evaluate(builtin, later).score.accuracy,
                    evaluate(result.model, later).score.accuracy, result.before.test,
                    result.after.test, result.before.validation, result.after.validation,
                    doubt_before, confident(result.model, things), result.seconds, used,
                    result.kept ? 1.0 : 0.0});
    print(fmt::format("{}, {}", name, seed), rows.back());
  };
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    for (const std::filesystem::path& folder : writers) {
      const Dataset all = load_writer(folder, seed);
      const Dataset wrong = misread(builtin, part(all, 0, all.size() / 2));
      if (wrong.size() == 0) continue;
      learn(fmt::format("{}, {} corrections", folder.filename().string(), wrong.size()), wrong,
            part(all, all.size() / 2, all.size() - all.size() / 2), seed);
    }
    if (!writers.empty()) continue;
    for (const std::size_t style : chosen) {
      const Dataset own = write(styles[style], samples + held_out, test, seed);
      learn(std::string(styles[style].name), part(own, 0, samples), part(own, samples, held_out),
            seed);
    }
  }
  if (!rows.empty()) print("mean", mean(rows));
}
