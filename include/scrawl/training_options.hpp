// What a training can be asked for, and presets: networks with the options that suit them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <scrawl/augmentation.hpp>
#include <scrawl/model.hpp>
#include <scrawl/precision.hpp>

namespace scrawl {

/// How the learning rate goes over a training.
enum class Schedule {
  constant,
  one_cycle,  ///< up from lr/25 over the first 30 %, down to lr/250,000: cosines (Smith 2018)
  cosine,     ///< up in a line over `warmup` epochs, then down to 0 along half a cosine
};

/// The defaults are the classic tutorial's values. docs/TRAINING.md has all of them in a table.
struct TrainingOptions {
  /// The weights to start from, with their normalization and, where no other is asked for or
  /// fitted, their temperature; its architecture is that of the training. None: random ones.
  std::optional<Model> from{};
  int epochs = 20;
  std::size_t batch = 128;
  float learning_rate = 0.2F;  ///< one_cycle and cosine: the highest
  float momentum = 0;          ///< 0 <= momentum < 1, as PyTorch's SGD has it
  bool nesterov = false;       ///< Nesterov's momentum, as PyTorch's SGD has it
  float weight_decay = 0;      ///< of weights, not of biases and normalizations; PyTorch's
  Schedule schedule = Schedule::constant;
  float warmup = 0;     ///< epochs, 0 to epochs; of cosine
  float smoothing = 0;  ///< of labels: 0 <= smoothing < 1 (Szegedy et al. 2016)
  /// The decay of an exponential moving average (EMA) of the weights, which is taken as the model.
  /// 0: none is kept; 0.99 looks back about 100 steps. Below 1.
  float weight_ema = 0;
  Augmentation augmentation{};
  /// So many non-digits (letters, scribbles, pairs, pieces) are added per image, for which all
  /// digits are to be equally probable: the model learns to reject them (outlier exposure,
  /// Hendrycks et al. 2019). 0 to 1. The loss counts them, the accuracy does not.
  float outliers = 0;
  /// So many digits in styles that are rare in MNIST (1 with a flag, 7 with a bar, open 4), drawn
  /// with a pen, are added per image. 0 to 1. The loss counts them, the accuracy does not.
  float rare_styles = 0;
  /// What is learned: the average of these models' probabilities, in place of the labels (Hinton et
  /// al. 2015). Empty: the labels.
  std::vector<Model> teachers{};
  /// The model's (see Model); 0: fitted on the images for validation, or 1 where there are none.
  float temperature = 0;
  /// Images set aside, chosen by the seed, to choose the best model.
  std::size_t validation = 10000;
  std::uint64_t seed = 1;  ///< of the split, first weights, order, augmentation and dropout
  Precision precision = Precision::automatic;
  int threads = 0;  ///< 0: one for each core that this process may use; at most 1024
};

/// Throws OptionError, naming the option, what was found and what was expected, when an option
/// cannot be, whatever the data. train() calls it.
void check_options(const TrainingOptions& options);

/// What suits a training that starts from a trained model: a tenth of a first training's rate.
TrainingOptions fine_tuning_options();

/// How a preset does on MNIST, where and by which command.
struct Measurement {
  double accuracy = 0;  ///< on the test part, in percent: the mean over the seeds
  double std = 0;       ///< the standard deviation of that, over the seeds
  int seeds = 0;
  double seconds = 0;     ///< of the whole process, from its start to the saved model: the mean
  std::string machine{};  ///< that took those seconds
  std::string command{};  ///< that measures both
};

/// A network with the options that suit it; parse_architecture(name) is the network.
struct Preset {
  std::string name{};
  std::string summary{};  ///< for people: what it is for
  TrainingOptions options{};
  Measurement measured{};
};

/// All presets: mlp, whose options are the defaults, and others.
std::vector<Preset> presets();

/// The preset of that name, if there is one.
std::optional<Preset> find_preset(const std::string& name);

}  // namespace scrawl
