// Options of a training; presets, which are networks with suitable options.
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

/// Learning rate schedules.
enum class Schedule {
  constant,  ///< always learning_rate
  /// Up from learning_rate / 25 over the first 30 %, then down to learning_rate / 250,000, both
  /// along cosines (Smith 2018).
  one_cycle,
  /// Up linearly over `warmup` epochs, then down to 0 along half a cosine.
  cosine,
};

/// Options of a training. The defaults are those of the classic tutorial. docs/TRAINING.md has a
/// table of them.
struct TrainingOptions {
  /// Model to start from; if empty, the weights are random. Its architecture has to be that of the
  /// training. Its normalization is kept, and its temperature if none is set or fitted.
  std::optional<Model> from{};
  int epochs = 20;             ///< passes over the training images, 1 or more
  std::size_t batch = 128;     ///< images per batch, 1 or more
  float learning_rate = 0.2F;  ///< above 0; with one_cycle and cosine, the peak
  float momentum = 0;          ///< as in PyTorch's SGD; 0 to below 1
  bool nesterov = false;       ///< Nesterov momentum, as in PyTorch's SGD
  float weight_decay = 0;      ///< as in PyTorch's SGD, but not of biases and normalizations
  Schedule schedule = Schedule::constant;  ///< learning rate schedule
  float warmup = 0;                        ///< of the schedule cosine, in epochs; 0 to `epochs`
  float smoothing = 0;                     ///< label smoothing (Szegedy et al. 2016), 0 to below 1
  /// Decay of an exponential moving average of the weights, which becomes the model; 0 to below 1.
  /// 0 means no average; 0.99 averages over about 100 steps.
  float weight_ema = 0;
  Augmentation augmentation{};  ///< random changes of the images
  /// Number of non-digits (letters, scribbles, pairs, fragments) added per image, 0 to 1. Their
  /// target is that all digits are equally probable, so the model learns to reject them (outlier
  /// exposure, Hendrycks et al. 2019). They count in the loss but not in the accuracy.
  float outliers = 0;
  /// Number of drawn digits added per image, 0 to 1, in styles that are rare in MNIST: 1 with a
  /// flag, 7 with a bar, open 4. They count in the loss but not in the accuracy.
  float rare_styles = 0;
  /// Models whose average probabilities replace the labels (distillation, Hinton et al. 2015). If
  /// empty, the labels are used.
  std::vector<Model> teachers{};
  /// Temperature of the model (see Model). 0 means that it is fitted on the validation images, or 1
  /// if there are none.
  float temperature = 0;
  /// Number of images that are set aside to choose the best model; the seed chooses which.
  std::size_t validation = 10000;
  /// Number of epochs without a better model after which the training ends; 0 means that it never
  /// ends early. Needs validation images. Schedules are spread over all `epochs` nevertheless.
  int patience = 0;
  std::uint64_t seed = 1;  ///< of the split, initial weights, order, augmentation and dropout
  Precision precision = Precision::automatic;  ///< arithmetic; not int8
  int threads = 0;  ///< 0 to 1024; 0 means one per core that this process may use
};

/// Throws OptionError if an option is invalid whatever the data; the message names the option, what
/// was found and what was expected. train() calls it.
void check_options(const TrainingOptions& options);

/// Options for a training that starts from a trained model: a tenth of the usual learning rate.
TrainingOptions fine_tuning_options();

/// What was measured of a preset on MNIST.
struct Measurement {
  double accuracy = 0;    ///< test accuracy in percent, averaged over the seeds
  double std = 0;         ///< standard deviation of the accuracy over the seeds
  int seeds = 0;          ///< number of seeds
  double seconds = 0;     ///< time of the whole process up to the saved model, averaged
  std::string machine{};  ///< the machine on which the time was measured
  std::string command{};  ///< the command that measures accuracy and time
};

/// A network with suitable options. parse_architecture(name) is the network.
struct Preset {
  std::string name{};         ///< such as mlp
  std::string summary{};      ///< its purpose, for people
  TrainingOptions options{};  ///< the options that suit it
  Measurement measured{};     ///< its accuracy and time
};

/// All presets. The first is mlp, whose options are the defaults.
std::vector<Preset> presets();

/// The preset with this name, or nothing.
std::optional<Preset> find_preset(const std::string& name);

}  // namespace scrawl
