// The arithmetic rate of a training step, beside that of oneDNN's own matrix products of the same
// sizes, on as many threads; and the same step as networks of any layers take it.
//
//     training_step_bench [DATA FOLDER]
//
// The operations counted are those of the dense network, whichever way they are done: 2 for each
// weight and image forward, 2 for the weights' gradient, and 2 for the gradient of each layer's
// input but the first's.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <fmt/format.h>
#include <functional>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>

#include "network/aligned.hpp"
#include "network/matmul.hpp"
#include "network/weights.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"
#include "training/batches.hpp"

namespace scrawl {
namespace {

constexpr std::size_t batch = 128;
constexpr std::size_t batches = 390;  // whole ones in 50,000 images
constexpr int rounds = 9;

struct Layer {
  std::size_t inputs;
  std::size_t outputs;
};
constexpr Layer layers[] = {{784, 256}, {256, 128}, {128, 10}};

double operations_of_a_batch() {
  double operations = 0;
  for (const Layer& layer : layers) {
    const double once = 2.0 * static_cast<double>(batch * layer.inputs * layer.outputs);
    operations += layer.inputs == 784 ? 2 * once : 3 * once;
  }
  return operations;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

/// oneDNN's products of one step, shared out by oneDNN itself; nothing but the products.
class Products {
 public:
  explicit Products(bool bf16) : type_(bf16 ? DataType::bf16 : DataType::f32) {
    for (const Layer& layer : layers) {
      add({batch, layer.inputs, type_}, {layer.inputs, layer.outputs, type_, MatrixLayout::packed});
      add({layer.outputs, batch, type_, MatrixLayout::columns}, {batch, layer.inputs, type_});
      if (layer.inputs != 784)
        add({batch, layer.outputs, type_}, {layer.outputs, layer.inputs, type_});
    }
  }

  void run() {
    for (Product& product : products_) {
      product.matmul(product.left.data(), product.right.data(), nullptr, product.out.data());
    }
  }

 private:
  struct Product {
    Matmul matmul;
    AlignedVector<float> left;
    AlignedVector<float> right;
    AlignedVector<float> out;
  };

  void add(const Matrix& left, const Matrix& right) {
    const Matrix out{left.rows, right.columns, DataType::f32};
    products_.push_back({Matmul(left, right, out, {}, Threads::all),
                         AlignedVector<float>(left.rows * left.columns),
                         AlignedVector<float>(right.rows * right.columns + 4096),
                         AlignedVector<float>(out.rows * out.columns)});
  }

  DataType type_;
  std::vector<Product> products_;
};

void compare(const Dataset& dataset, bool bf16) {
  const Architecture architecture = parse_architecture("mlp");
  Workers workers(0);
  const Model model = initialize(architecture, 1);
  const TrainingState state{model.weights, zero_weights(architecture), {}};
  TrainingPlan plain(architecture, {}, {.batch = batch, .bf16 = bf16, .steps = Steps::plain}, state,
                     workers);
  TrainingPlan any(architecture, {}, {.batch = batch, .bf16 = bf16, .steps = Steps::any}, state,
                   workers);
  const Split parts = split(dataset.size(), 10000, 1);
  const EpochOrder order = shuffle(dataset, parts.train, 1, 0);
  const auto train = [&](TrainingPlan& plan) {
    for (std::size_t i = 0; i < batches; ++i) {
      plan.step(order.batch(i * batch, batch), Sgd{0.05F, 0},
                order.batch((i + 1) * batch, batch).images);
    }
  };
  Products products(bf16);
  const auto multiply = [&] {
    for (std::size_t i = 0; i < batches; ++i) products.run();
  };

  std::vector<double> step_times;
  std::vector<double> product_times;
  std::vector<double> ratios;
  std::vector<double> any_ratios;
  train(plain);
  train(any);
  multiply();
  for (int round = 0; round < rounds; ++round) {
    step_times.push_back(seconds_of([&] { train(plain); }));
    product_times.push_back(seconds_of(multiply));
    ratios.push_back(product_times.back() / step_times.back());
    any_ratios.push_back(seconds_of([&] { train(any); }) / step_times.back());
  }
  const double giga_operations = operations_of_a_batch() * batches / 1e9;
  fmt::print(
      "{:4}  whole step {:6.1f} us {:6.0f} GFLOP/s   oneDNN's products alone {:6.1f} us {:6.0f} "
      "GFLOP/s   "
      "rate of the step / oneDNN's {:.2f}   as of any layers {:.2f} times as long\n",
      bf16 ? "bf16" : "f32", median(step_times) / batches * 1e6,
      giga_operations / median(step_times), median(product_times) / batches * 1e6,
      giga_operations / median(product_times), median(ratios), median(any_ratios));
}

}  // namespace
}  // namespace scrawl

int main(int argc, char** argv) {
  try {
    const auto folder = argc > 1 ? std::filesystem::path(argv[1]) : scrawl::default_data_folder();
    const scrawl::Dataset dataset = scrawl::load_dataset(folder, scrawl::Part::train);
    fmt::print(
        "784-256-128-10, batch 128, {} threads; medians of {} rounds of 390 batches, alternating\n",
        scrawl::available_cores(), scrawl::rounds);
    scrawl::compare(dataset, false);
    if (scrawl::has_native_bf16()) scrawl::compare(dataset, true);
  } catch (const std::exception& error) {
    fmt::print(stderr, "training_step_bench: {}\n", error.what());
    return 1;
  }
}
