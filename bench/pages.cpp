// What it costs to make what a page reader is trained on, and to see a picture as it does, on one
// core. Wants MNIST (scrawl data fetch).
//
//     pages_bench
#include <benchmark/benchmark.h>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>

#include "pages/glyph_bank.hpp"
#include "pages/page.hpp"
#include "picture/local_contrast.hpp"

namespace scrawl::pages {
namespace {

const GlyphBank& bank() {
  static const Dataset dataset = load_dataset(default_data_folder(), Part::train);
  static const GlyphBank made = [] {
    std::vector<std::uint32_t> first(10'000);
    std::iota(first.begin(), first.end(), 0U);
    std::vector<std::string> problems;
    return GlyphBank(dataset, first, load_fonts(find_fonts().found, problems));
  }();
  return made;
}

void trace_bank(benchmark::State& state) {
  const Dataset dataset = load_dataset(default_data_folder(), Part::train);
  std::vector<std::uint32_t> first(1'000);
  std::iota(first.begin(), first.end(), 0U);
  for (auto _ : state) benchmark::DoNotOptimize(GlyphBank(dataset, first, {}, 1));
  state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(trace_bank)->Unit(benchmark::kMillisecond);

void crop(benchmark::State& state) {
  const GlyphBank& glyphs = bank();
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(make_crop(glyphs, {}, Random({1, i++})));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(crop)->Unit(benchmark::kMicrosecond);

void page(benchmark::State& state) {
  const GlyphBank& glyphs = bank();
  PageOptions options;
  options.kinds = 1U << state.range(0);
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(make_page(glyphs, options, Random({1, i++})));
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(std::string(to_string(static_cast<Kind>(state.range(0)))));
}
BENCHMARK(page)->DenseRange(0, kind_count - 1)->Unit(benchmark::kMicrosecond);

void contrast(benchmark::State& state) {
  const auto side = static_cast<int>(state.range(0));
  Plane gray(side, side);
  for (std::size_t i = 0; i < gray.pixels.size(); ++i)
    gray.pixels[i] = static_cast<std::uint8_t>(i * 2654435761U >> 24);
  for (auto _ : state) benchmark::DoNotOptimize(local_contrast(gray));
  state.SetItemsProcessed(state.iterations() * side * side);
}
BENCHMARK(contrast)->Arg(28)->Arg(256)->Arg(1024)->Arg(4096)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace scrawl::pages

BENCHMARK_MAIN();
