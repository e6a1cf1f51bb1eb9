// What it costs to change a glyph, on one core.
//
//     augment_bench
#include "training/augment.hpp"

#include <benchmark/benchmark.h>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include <scrawl/augmentation.hpp>
#include <scrawl/glyph.hpp>

#include "network/random.hpp"

namespace scrawl {
namespace {

/// A ring with the ink of a usual digit; the cost hardly depends on the glyph.
Glyph ring() {
  Glyph glyph{};
  for (std::size_t i = 0; i < glyph_pixels; ++i) {
    const double x = static_cast<double>(i % glyph_side) - 13.5;
    const double y = static_cast<double>(i / glyph_side) - 13.5;
    if (std::abs(std::hypot(x, y) - 8) < 1.5) glyph[i] = 255;
  }
  return glyph;
}

void change(benchmark::State& state, const std::string& text) {
  const Glyph glyph = ring();
  const Augmentation augmentation = parse_augmentation(text);
  Glyph changed;
  std::uint64_t row = 0;
  for (auto _ : state) {
    augment(glyph, augmentation, Random({1, random_augmentation, row++}), changed.data());
    benchmark::DoNotOptimize(changed.data());
    benchmark::ClobberMemory();
  }
}

const std::string affine = "rotation 10, scale 0.1, shear 0.15, shift 2";

BENCHMARK_CAPTURE(change, affine, affine);
BENCHMARK_CAPTURE(change, affine_elastic, affine + ", elastic 1");
BENCHMARK_CAPTURE(change, affine_elastic_thickness, affine + ", elastic 1, thickness 1");
BENCHMARK_CAPTURE(change, light, "light");
BENCHMARK_CAPTURE(change, strong, "strong");
BENCHMARK_CAPTURE(change, all,
                  affine + ", elastic 1, thickness 1, contrast 0.5, noise 0.1, erase 0.5");

}  // namespace
}  // namespace scrawl

BENCHMARK_MAIN();
