// The arithmetic rate of a step of training a page reader, beside that of its convolutions'
// products alone, on as many threads: forward, and forward and back.
//
//     page_step_bench [ARCHITECTURE [BATCH [STEPS]]]
//
// With STEPS, so many steps and nothing else, for a profiler. ARCHITECTURE may be empty.
//
// The operations counted are 2 for each multiplication of a convolution forward, as many for its
// weights' gradient, and as many again for that of its input where it is not the first.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/convolution.hpp"
#include "network/data_type.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "network_training/detection_targets.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"
#include "training/train_reader.hpp"

namespace scrawl {
namespace {

constexpr int rounds = 9;

/// Of one of so many threads that share the work evenly: by the time that they ran, not by the
/// clock, for others use the cores too.
double seconds_of(const std::function<void()>& work, std::size_t threads) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / static_cast<double>(threads);
}

double best(const std::function<void()>& work, std::size_t threads) {
  work();
  double least = seconds_of(work, threads);
  for (int round = 1; round < rounds; ++round) least = std::min(least, seconds_of(work, threads));
  return least;
}

/// One convolution of one image, for one worker.
struct Product {
  Product(const PlacedLayer& placed, std::size_t inputs, bool first)
      : is_first(first), operations(static_cast<double>(operation_count(placed))) {
    const Conv& conv = std::get<Conv>(placed.layer);
    const ConvolutionShape shape{1,
                                 inputs,
                                 stored_channels(placed),
                                 placed.in.height,
                                 placed.in.width,
                                 conv.kernel,
                                 conv.stride,
                                 conv.padding,
                                 conv.dilation};
    convolution = std::make_unique<Convolution>(shape, DataType::bf16, Epilogue{});
    convolution->prepare_training(!first);
    run = std::make_unique<ConvolutionRun>(*convolution);
    in.resize(inputs * placed.in.pixels());
    out.resize(shape.outputs * placed.out.pixels());
    gradient.resize(convolution->trained_size());
    const std::vector<float> weights(shape.taps() * shape.outputs);
    convolution->set_plain(weights.data());
  }

  bool is_first;
  double operations;
  std::unique_ptr<Convolution> convolution;
  std::unique_ptr<ConvolutionRun> run;
  AlignedVector<std::uint16_t> in;
  AlignedVector<std::uint16_t> out;
  AlignedVector<float> gradient;
};

void measure_products(const Architecture& architecture, std::size_t batch, Workers& workers) {
  std::vector<std::vector<Product>> products(workers.size());
  std::vector<std::string> names;
  std::size_t inputs = architecture.input.channels;
  for (const PlacedLayer& placed : place_layers(architecture)) {
    if (!std::holds_alternative<Conv>(placed.layer)) continue;
    for (auto& own : products) own.emplace_back(placed, inputs, own.empty());
    names.push_back(
        fmt::format("{:24} at {}x{}", to_string(placed.layer), placed.in.height, placed.in.width));
    inputs = placed.stored;
  }
  const auto time = [&](std::size_t layer, const auto& work) {
    return best(
        [&] {
          workers.run(batch,
                      [&](std::size_t, std::size_t worker) { work(products[worker][layer]); });
        },
        workers.size());
  };
  double forward = 0;
  double backward = 0;
  double operations = 0;
  double backward_operations = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double count = products[0][i].operations * static_cast<double>(batch);
    const double there =
        time(i, [](Product& p) { p.run->forward(p.in.data(), nullptr, p.out.data()); });
    const double weights = time(i, [](Product& p) {
      p.run->weight_gradient(p.in.data(), p.out.data(), p.gradient.data());
    });
    const double input = products[0][i].is_first ? 0 : time(i, [](Product& p) {
      p.run->input_gradient(p.out.data(), p.in.data());
    });
    fmt::print(
        "{}: forward {:6.2f} ms {:5.0f} GFLOP/s, weights {:6.2f} ms {:5.0f}, input {:6.2f} ms "
        "{:5.0f}\n",
        names[i], there * 1e3, count / there / 1e9, weights * 1e3, count / weights / 1e9,
        input * 1e3, input > 0 ? count / input / 1e9 : 0.0);
    forward += there;
    backward += weights + input;
    operations += count;
    backward_operations += count * (input > 0 ? 2 : 1);
  }
  fmt::print("products alone: forward {:.1f} ms, {:.0f} GFLOP/s; back {:.1f} ms, {:.0f} GFLOP/s\n",
             forward * 1e3, operations / forward / 1e9, backward * 1e3,
             backward_operations / backward / 1e9);
}

void measure_step(const Architecture& architecture, std::size_t batch, std::size_t steps,
                  Workers& workers) {
  const Model model = initialize(architecture, 1);
  TrainingPlan plan(architecture, {.mean = 0.5F, .std = 0.25F},
                    {.batch = batch, .bf16 = true, .weight_ema = true, .squares = true},
                    {model.weights, zero_weights(architecture), {}}, workers);
  const Shape& input = architecture.input;
  Random random({1});
  std::vector<std::uint8_t> pixels(batch * input.size());
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  std::vector<const std::uint8_t*> images;
  std::vector<DetectionTargets> targets;
  for (std::size_t i = 0; i < batch; ++i) {
    images.push_back(pixels.data() + i * input.size());
    std::vector<TargetMark> marks;
    for (std::size_t k = 0; k < 8; ++k) {
      const auto left = static_cast<float>(random.below(input.width - 16));
      const auto top = static_cast<float>(random.below(input.height - 20));
      marks.push_back({random.below(symbol_count), {left, top, left + 16, top + 20}, true});
    }
    targets.push_back(
        make_targets(marks, {}, {}, input.height / cell_pixels, input.width / cell_pixels));
  }
  AdamW adam{.rate = 1e-3F, .decay = 0.02F, .max_norm = 5, .ema_decay = 0.99F};
  for (std::size_t step = 0; step < steps; ++step, ++adam.number) {
    plan.gradient(PageBatch{images, targets});
    plan.update(adam);
  }
  if (steps > 0) return;
  const double gradient = best([&] { plan.gradient(PageBatch{images, targets}); }, workers.size());
  const double update = best([&] { plan.update(adam); }, workers.size());
  double operations = 0;
  bool first = true;
  for (const PlacedLayer& placed : place_layers(architecture)) {
    operations += static_cast<double>(operation_count(placed)) * (first ? 2 : 3);
    if (is_linear(placed.layer)) first = false;
  }
  operations *= static_cast<double>(batch);
  fmt::print("step of {} on {} threads: gradient {:.1f} ms, update {:.1f} ms, {:.0f} GFLOP/s\n",
             batch, workers.size(), gradient * 1e3, update * 1e3,
             operations / (gradient + update) / 1e9);
}

}  // namespace
}  // namespace scrawl

int main(int argc, char** argv) {
  try {
    const scrawl::Architecture architecture = argc > 1 && *argv[1] != 0
                                                  ? scrawl::parse_architecture(argv[1])
                                                  : scrawl::reader_architecture();
    const std::size_t batch = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 32;
    const std::size_t steps = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 0;
    scrawl::Workers workers(0);
    scrawl::measure_step(architecture, batch, steps, workers);
    if (steps > 0) return 0;
    scrawl::measure_products(architecture, batch, workers);
  } catch (const std::exception& error) {
    fmt::print(stderr, "page_step_bench: {}\n", error.what());
    return 1;
  }
}
