// How fast a network answers: one glyph on one core, and batches on as many threads as asked for,
// beside the machine's own rate of matrix products, alternating.
//
//     inference_bench [MODEL] [--threads 2] [--batch 256] [--precision auto] [--json]
//     inference_bench [MODEL] --logits < glyphs > logits      (784 bytes each in, 10 f32 each out)
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/recognizer.hpp>

#include "network/aligned.hpp"
#include "network/inference_plan.hpp"
#include "network/onednn.hpp"
#include "network/random.hpp"
#include "network/workers.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}

// Counts what the measured calls allocate; they should not.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace scrawl {
namespace {

constexpr int rounds = 7;
constexpr double round_seconds = 0.3;

struct Arguments {
  std::string model;
  int threads = 1;
  std::size_t batch = 1;
  std::string precision = "auto";
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
  Network(const Model& model, const Arguments& arguments, bool bf16, std::size_t rows,
          Workers& workers)
      : plan_(model, rows, bf16),
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

/// One product of 512x512x512 on each worker: the machine's own rate.
class Products {
 public:
  Products(bool bf16, Workers& workers) : workers_(workers) {
    const onednn::Type type = bf16 ? onednn::Type::bf16 : onednn::Type::f32;
    for (std::size_t i = 0; i < workers.size(); ++i) {
      products_.push_back(
          {onednn::Matmul({side, side, type}, {side, side, type, onednn::Layout::packed},
                          {side, side, type}),
           AlignedVector<float>(side * side), AlignedVector<float>(2 * side * side),
           AlignedVector<float>(side * side)});
    }
  }

  double operations() const {
    return 2.0 * side * side * side * static_cast<double>(products_.size());
  }

  void run() {
    const auto one = [&](std::size_t task, std::size_t) {
      Product& p = products_[task];
      p.matmul(p.left.data(), p.right.data(), nullptr, p.out.data());
    };
    workers_.run(products_.size(), std::cref(one));
  }

 private:
  static constexpr std::size_t side = 512;
  struct Product {
    onednn::Matmul matmul;
    AlignedVector<float> left;
    AlignedVector<float> right;
    AlignedVector<float> out;
  };
  Workers& workers_;
  std::vector<Product> products_;
};

/// Calls `work` for a while; each call's seconds.
std::vector<double> calls(const std::function<void()>& work) {
  std::vector<double> seconds;
  for (double total = 0; total < round_seconds; total += seconds.back()) {
    seconds.push_back(seconds_of(work));
  }
  return seconds;
}

struct Measured {
  std::size_t rows = 0;
  double seconds = 0;       // of a batch: median of medians
  double slow_seconds = 0;  // 95th percentile of calls
  double share = 0;         // of the matrix products' rate: median of rounds
  double matmul_rate = 0;   // operations a second
  std::size_t allocations = 0;
};

Measured measure(const Model& model, const Arguments& arguments, bool bf16, std::size_t rows) {
  Workers workers(arguments.threads);
  Network network(model, arguments, bf16, rows, workers);
  Products products(bf16, workers);
  const double operations =
      static_cast<double>(operation_count(model.architecture) * arguments.batch);
  Measured measured;
  measured.rows = rows;
  calls([&] { network.run(); });
  const std::size_t before = allocations;
  for (int i = 0; i < 10; ++i) network.run();
  measured.allocations = allocations - before;
  std::vector<double> all;
  std::vector<double> medians;
  std::vector<double> shares;
  std::vector<double> rates;
  for (int round = 0; round < rounds; ++round) {
    const std::vector<double> own = calls([&] { network.run(); });
    const double product = median(calls([&] { products.run(); }));
    all.insert(all.end(), own.begin(), own.end());
    medians.push_back(median(own));
    rates.push_back(products.operations() / product);
    shares.push_back(operations / medians.back() / rates.back());
  }
  std::ranges::sort(all);
  measured.slow_seconds = all[all.size() * 95 / 100];
  measured.seconds = median(medians);
  measured.share = median(shares);
  measured.matmul_rate = median(rates);
  return measured;
}

/// With the number of rows at once that suits the network and the threads best.
Measured measure_best(const Model& model, const Arguments& arguments, bool bf16) {
  if (arguments.batch == 1) return measure(model, arguments, bf16, 1);
  Measured best;
  for (const std::size_t rows : {8U, 16U, 32U}) {
    const Measured measured =
        measure(model, arguments, bf16, std::min(arguments.batch, std::size_t{rows}));
    if (best.rows == 0 || measured.seconds < best.seconds) best = measured;
  }
  return best;
}

void report(const Model& model, const Arguments& arguments, bool bf16) {
  const Measured m = measure_best(model, arguments, bf16);
  const auto batch = static_cast<double>(arguments.batch);
  const double rate = static_cast<double>(operation_count(model.architecture)) * batch / m.seconds;
  if (arguments.json) {
    const nlohmann::json json{{"batch", arguments.batch},
                              {"threads", arguments.threads},
                              {"precision", bf16 ? "bf16" : "f32"},
                              {"rows", m.rows},
                              {"seconds", m.seconds},
                              {"share_of_matmul_rate", m.share},
                              {"allocations", m.allocations}};
    fmt::print("{}\n", json.dump());
    return;
  }
  fmt::print(
      "batch {}, {} threads, {}, {} rows at once: {:.1f} us (95 % of calls within {:.1f}), {:.2f} "
      "us "
      "an image, {:.0f} GFLOP/s: {:.2f} of the rate of 512x512 matrix products ({:.0f}); {} "
      "allocations in 10 warm calls\n",
      arguments.batch, arguments.threads, bf16 ? "bf16" : "f32", m.rows, m.seconds * 1e6,
      m.slow_seconds * 1e6, m.seconds / batch * 1e6, rate / 1e9, m.share, m.matmul_rate / 1e9,
      m.allocations);
}

void write_logits(const Model& model, bool bf16) {
  const InferencePlan plan(model, 1, bf16);
  std::vector<std::uint8_t> glyph(glyph_pixels);
  std::vector<float> logits(digit_count);
  while (std::fread(glyph.data(), 1, glyph.size(), stdin) == glyph.size()) {
    plan.run(glyph, logits);
    std::fwrite(logits.data(), sizeof(float), logits.size(), stdout);
  }
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("How fast a network answers.");
  app.add_option("model", arguments.model, "A model file [the model in the box]");
  app.add_option("--threads", arguments.threads)->check(CLI::Range(1, 1024));
  app.add_option("--batch", arguments.batch)->check(CLI::Range(1, 65536));
  app.add_option("--precision", arguments.precision)->check(CLI::IsMember({"auto", "f32", "bf16"}));
  app.add_flag("--json", arguments.json);
  app.add_flag("--logits", arguments.logits);
  CLI11_PARSE(app, argc, argv);
  const Model model = arguments.model.empty() ? default_model() : load_model(arguments.model);
  const bool bf16 =
      arguments.precision == "bf16" || (arguments.precision == "auto" && onednn::has_native_bf16());
  arguments.logits ? write_logits(model, bf16) : report(model, arguments, bf16);
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
