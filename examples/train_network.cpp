// Trains a network of one's own from C++, and tests it: train_network [EPOCHS]
#include <cstdlib>
#include <exception>
#include <iostream>

#include <scrawl/dataset.hpp>
#include <scrawl/training.hpp>

int main(int argc, char** argv) {
  try {
    const auto folder = scrawl::default_data_folder();
    scrawl::fetch_mnist(folder);
    scrawl::TrainingOptions options;
    options.epochs = argc > 1 ? std::atoi(argv[1]) : 5;
    options.schedule = scrawl::Schedule::one_cycle;
    const auto result =
        scrawl::train(scrawl::load_dataset(folder, scrawl::Part::train),
                      scrawl::parse_architecture("dense 128, relu, dense 10"), options);
    const auto test =
        scrawl::evaluate(result.best, scrawl::load_dataset(folder, scrawl::Part::test));
    std::cout << "epoch " << result.best_epoch.epoch << ": " << 100 * test.score.accuracy
              << " % of " << test.images << " test images\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
