// Trains a network of one's own, tests it, and keeps it: train_network [EPOCHS]
#include <cstdlib>
#include <iostream>

#include <scrawl/training.hpp>

int main(int argc, char** argv) try {
  const auto folder = scrawl::default_data_folder();
  scrawl::fetch_mnist(folder);
  const scrawl::TrainingOptions options{.epochs = argc > 1 ? std::atoi(argv[1]) : 5};
  const auto network = scrawl::parse_architecture("dense 128, relu, dense 10");
  const auto result = scrawl::train(load_dataset(folder, scrawl::Part::train), network, options);
  const auto test = scrawl::evaluate(*result.best, load_dataset(folder, scrawl::Part::test));
  std::cout << 100 * test.score.accuracy << " % of " << test.images << " test images\n";
  scrawl::save_model(*result.best, "network.safetensors");
} catch (const scrawl::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
