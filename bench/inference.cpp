// How fast a network answers: one glyph on one core, and batches on as many threads as asked for,
// beside the machine's own rate of matrix products, alternating: of large ones, and of products of
// the sizes that the network's layers have (a convolution as the product it amounts to, without
// the gathering of its input).
//
//     inference_bench [MODEL | PRESET] [--threads 2] [--batch 256] [--precision auto] [--json]
//     inference_bench [MODEL] --logits < glyphs > logits      (784 bytes each in, 10 f32 each out)
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/training.hpp>

#include "network/aligned.hpp"
#include "network/inference_plan.hpp"
#include "network/inference_stages.hpp"
#include "network/matmul.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network_training/workers.hpp"
#include "recognition/recognizer.hpp"

namespace {

/// What is allocated while `counting`: by this program's code, and by the libraries it uses.
struct Allocations {
  std::atomic<bool> counting{false};
  std::atomic<std::size_t> own{0};
  std::atomic<std::size_t> libraries{0};
};
Allocations allocations;

const void* object_of(const void* address) {
  Dl_info found;
  return dladdr(address, &found) == 0 ? nullptr : found.dli_fbase;
}

void count(const void* caller) {
  if (!allocations.counting) return;
  ++(object_of(caller) == object_of(&allocations) ? allocations.own : allocations.libraries);
}

void* allocated(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  count(__builtin_return_address(0));
  return allocated(std::malloc(size));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  count(__builtin_return_address(0));
  const auto step = static_cast<std::size_t>(alignment);
  return allocated(std::aligned_alloc(step, (size + step - 1) / step * step));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace scrawl {
namespace {

constexpr double round_seconds = 0.2;  // of each of the sides

struct Arguments {
  std::string model;
  int threads = 1;
  std::size_t batch = 1;
  std::string precision = "auto";
  int rounds = 7;
  bool json = false;
  bool logits = false;
};

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

/// Made-up glyphs with about as much ink as digits have.
std::vector<std::uint8_t> glyphs(std::size_t count) {
  Random random({1});
  std::vector<std::uint8_t> pixels(count * glyph_pixels);
  for (auto& pixel : pixels)
    pixel = static_cast<std::uint8_t>(random.below(5) == 0 ? random.below(256) : 0);
  return pixels;
}

/// A batch, shared out to the workers in chunks.
class Network {
 public:
  Network(const Model& model, const Arguments& arguments, DataType type, std::size_t rows,
          Workers& workers)
      : plan_(model, rows, type),
        workers_(workers),
        pixels_(glyphs(arguments.batch)),
        logits_(arguments.batch * digit_count) {}

  void run() {
    const std::size_t count = logits_.size() / digit_count;
    const std::size_t rows = plan_.rows();
    const auto chunk = [&](std::size_t task, std::size_t) {
      const std::size_t begin = task * rows;
      const std::size_t size = std::min(rows, count - begin);
      plan_.run(std::span(pixels_).subspan(begin * glyph_pixels, size * glyph_pixels),
                std::span(logits_).subspan(begin * digit_count, size * digit_count));
    };
    if (workers_.size() == 1) {
      for (std::size_t task = 0; task < (count + rows - 1) / rows; ++task) chunk(task, 0);
    } else {
      workers_.run((count + rows - 1) / rows, std::cref(chunk));
    }
  }

 private:
  InferencePlan plan_;
  Workers& workers_;
  std::vector<std::uint8_t> pixels_;
  std::vector<float> logits_;
};

/// A matrix product, and how often it is done.
struct Size {
  std::size_t rows;
  std::size_t inner;
  std::size_t columns;
  std::size_t times;

  double operations() const {
    return 2.0 * static_cast<double>(rows * inner) * static_cast<double>(columns * times);
  }
};

/// The products that `rows` glyphs at once amount to.
std::vector<Size> sizes_of(const Architecture& architecture, std::size_t rows) {
  std::vector<Size> sizes;
  for (const PlacedLayer& placed : place_layers(architecture)) {
    if (const auto* conv = std::get_if<Conv>(&placed.layer)) {
      const std::size_t inner = placed.in.channels * conv->kernel * conv->kernel;
      sizes.push_back({placed.out.pixels(), inner, conv->outputs, rows});
    } else if (const auto* dense = std::get_if<Dense>(&placed.layer)) {
      sizes.push_back({rows, placed.in.size(), dense->outputs, 1});
    }
  }
  return sizes;
}

/// oneDNN's products, all of them on each worker: the machine's own rate.
class Products {
 public:
  Products(const std::vector<Size>& sizes, DataType type, Workers& workers)
      : workers_(workers), products_(workers.size()) {
    for (auto& of_worker : products_) {
      for (const Size& size : sizes) {
        of_worker.push_back(make(size, type));
        operations_ += size.operations();
      }
    }
  }

  double operations() const { return operations_; }

  void run() {
    const auto one = [&](std::size_t task, std::size_t) {
      for (Product& p : products_[task]) {
        for (std::size_t i = 0; i < p.times; ++i) {
          p.matmul(p.left.data(), p.right.data(), nullptr, p.out.data());
        }
      }
    };
    workers_.run(products_.size(), std::cref(one));
  }

 private:
  struct Product {
    Matmul matmul;
    AlignedVector<float> left;
    AlignedVector<std::byte> right;
    AlignedVector<float> out;
    std::size_t times;
  };

  static Product make(const Size& size, DataType type) {
    Matmul matmul({size.rows, size.inner, type},
                  {size.inner, size.columns, type, MatrixLayout::packed},
                  {size.rows, size.columns, type});
    const auto packed = matmul.pack_right(std::vector<float>(size.inner * size.columns).data());
    return {std::move(matmul), AlignedVector<float>(size.rows * size.inner),
            AlignedVector<std::byte>(packed.begin(), packed.end()),
            AlignedVector<float>(size.rows * size.columns), size.times};
  }

  Workers& workers_;
  std::vector<std::vector<Product>> products_;  // of each worker
  double operations_ = 0;
};

/// Calls `work` for a while; each call's seconds.
std::vector<double> calls(const std::function<void()>& work) {
  std::vector<double> seconds;
  for (double total = 0; total < round_seconds; total += seconds.back()) {
    seconds.push_back(seconds_of(work));
  }
  return seconds;
}

/// A rate of matrix products, and what the network reaches of it, each round's.
struct Yardstick {
  std::vector<double> rates;  // operations a second
  std::vector<double> fractions;

  void add(Products& products, double network_rate) {
    rates.push_back(products.operations() / median(calls([&] { products.run(); })));
    fractions.push_back(network_rate / rates.back());
  }
};

struct Measured {
  std::size_t rows = 0;
  double seconds = 0;       // of a batch: median of medians
  double slow_seconds = 0;  // 95th percentile of calls
  double rate = 0;          // operations a second
  Yardstick large;          // products of 1024x1024x1024
  Yardstick alike;          // products of the network's sizes
  std::size_t own_allocations = 0;
  std::size_t library_allocations = 0;
};

void count_allocations(Network& network, Measured& measured) {
  allocations.counting = true;
  network.run();
  allocations.counting = false;
  measured.own_allocations = allocations.own;
  measured.library_allocations = allocations.libraries;
}

/// The number of rows at once that suits the network and the threads best.
std::size_t best_rows(const Model& model, const Arguments& arguments, DataType type,
                      Workers& workers) {
  std::size_t best = 1;
  double least = 0;
  for (const std::size_t rows : {8U, 16U, 32U, 64U}) {
    if (rows > arguments.batch) continue;
    Network network(model, arguments, type, rows, workers);
    calls([&] { network.run(); });
    const double seconds = median(calls([&] { network.run(); }));
    if (least == 0 || seconds < least) {
      least = seconds;
      best = rows;
    }
  }
  return best;
}

Measured measure(const Model& model, const Arguments& arguments, DataType type) {
  Workers workers(arguments.threads);
  Measured measured;
  measured.rows = best_rows(model, arguments, type, workers);
  Network network(model, arguments, type, measured.rows, workers);
  Products large({{1024, 1024, 1024, 1}}, type, workers);
  Products alike(sizes_of(model.architecture, measured.rows), type, workers);
  const double operations =
      static_cast<double>(operation_count(model.architecture) * arguments.batch);
  calls([&] { network.run(); });
  count_allocations(network, measured);
  std::vector<double> all;
  std::vector<double> medians;
  for (int round = 0; round < arguments.rounds; ++round) {
    const std::vector<double> own = calls([&] { network.run(); });
    all.insert(all.end(), own.begin(), own.end());
    medians.push_back(median(own));
    measured.large.add(large, operations / medians.back());
    measured.alike.add(alike, operations / medians.back());
  }
  std::ranges::sort(all);
  measured.slow_seconds = all[all.size() * 95 / 100];
  measured.seconds = median(medians);
  measured.rate = operations / measured.seconds;
  return measured;
}

void print_json(const Measured& m, const Arguments& arguments, DataType type) {
  const nlohmann::json json{{"batch", arguments.batch},
                            {"threads", arguments.threads},
                            {"precision", name_of(type)},
                            {"rows", m.rows},
                            {"seconds", m.seconds},
                            {"seconds_95_percent", m.slow_seconds},
                            {"images_per_second", static_cast<double>(arguments.batch) / m.seconds},
                            {"operations_per_second", m.rate},
                            {"matmul_operations_per_second", median(m.large.rates)},
                            {"fraction_of_matmul_rate", median(m.large.fractions)},
                            {"alike_operations_per_second", median(m.alike.rates)},
                            {"fraction_of_alike_rate", median(m.alike.fractions)},
                            {"own_allocations", m.own_allocations},
                            {"library_allocations", m.library_allocations}};
  fmt::print("{}\n", json.dump());
}

void print_text(const Measured& m, const Arguments& arguments, DataType type) {
  const auto batch = static_cast<double>(arguments.batch);
  fmt::print("batch {}, {} thread{}, {}, {} rows at once; medians of {} alternating rounds\n",
             arguments.batch, arguments.threads, arguments.threads == 1 ? "" : "s", name_of(type),
             m.rows, arguments.rounds);
  fmt::print("  a call {:.1f} us (95 % within {:.1f}); an image {:.2f} us; {:.0f} images/s\n",
             m.seconds * 1e6, m.slow_seconds * 1e6, m.seconds / batch * 1e6, batch / m.seconds);
  fmt::print(
      "  {:.0f} GFLOP/s: {:.2f} of matrix products of 1024x1024x1024 ({:.0f}), "
      "{:.2f} of products of its own sizes ({:.0f})\n",
      m.rate / 1e9, median(m.large.fractions), median(m.large.rates) / 1e9,
      median(m.alike.fractions), median(m.alike.rates) / 1e9);
  fmt::print("  allocations in a warm call: {} by scrawl, {} by the libraries below it\n",
             m.own_allocations, m.library_allocations);
}

void report(const Model& model, const Arguments& arguments, DataType type) {
  const Measured measured = measure(model, arguments, type);
  (arguments.json ? print_json : print_text)(measured, arguments, type);
}

DataType type_named(const std::string& precision, const Model& model) {
  if (precision == "f32") return DataType::f32;
  if (precision == "bf16") return DataType::bf16;
  return precision == "int8" ? DataType::u8 : fastest_type(model);
}

void write_logits(const Model& model, DataType type) {
  const InferencePlan plan(model, 1, type);
  std::vector<std::uint8_t> glyph(glyph_pixels);
  std::vector<float> logits(digit_count);
  while (std::fread(glyph.data(), 1, glyph.size(), stdin) == glyph.size()) {
    plan.run(glyph, logits);
    std::fwrite(logits.data(), sizeof(float), logits.size(), stdout);
  }
}

/// The built-in model, of a file, or of a preset, whose weights are then random.
Model model_named(const std::string& name) {
  if (name.empty()) return default_model();
  const std::vector<Preset> all = presets();
  if (std::ranges::find(all, name, &Preset::name) == all.end()) return load_model(name);
  Model model = initialize(parse_architecture(name), 1);
  model.activation_ranges = measure_activation_ranges(model, glyphs(32));
  return model;
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("How fast a network answers.");
  app.add_option("model", arguments.model, "A model file or a preset's name [the built-in model]");
  app.add_option("--threads", arguments.threads)->check(CLI::Range(1, 1024));
  app.add_option("--batch", arguments.batch)->check(CLI::Range(1, 65536));
  app.add_option("--precision", arguments.precision)
      ->check(CLI::IsMember({"auto", "f32", "bf16", "int8"}));
  app.add_option("--rounds", arguments.rounds)->check(CLI::Range(1, 1000));
  app.add_flag("--json", arguments.json);
  app.add_flag("--logits", arguments.logits);
  CLI11_PARSE(app, argc, argv);
  const Model model = model_named(arguments.model);
  const DataType type = type_named(arguments.precision, model);
  arguments.logits ? write_logits(model, type) : report(model, arguments, type);
  return 0;
}

}  // namespace
}  // namespace scrawl

int main(int argc, char** argv) {
  try {
    return scrawl::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "inference_bench: {}\n", error.what());
    return 1;
  }
}
