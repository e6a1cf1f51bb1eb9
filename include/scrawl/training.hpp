// Training and evaluation: what `scrawl train` and `scrawl eval` use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <scrawl/augmentation.hpp>
#include <scrawl/dataset.hpp>
#include <scrawl/export.h>
#include <scrawl/model.hpp>
#include <scrawl/probabilities.hpp>

namespace scrawl {

/// The arithmetic of matrix products. bf16 multiplies bfloat16 numbers and sums in f32; weights are
/// always kept in f32. int8 multiplies bytes, for models that have ranges (see Model), and not to
/// train. `automatic` takes the fastest that the CPU has natively: int8, bf16, f32.
enum class Precision { automatic, f32, bf16, int8 };

/// How the learning rate goes over a training.
enum class Schedule {
  constant,
  one_cycle,  ///< up from lr/25 over the first 30 %, down to lr/250,000: cosines (Smith 2018)
  cosine,     ///< up in a line over `warmup` epochs, then down to 0 along half a cosine
};

/// The defaults are the classic tutorial's values.
struct TrainingOptions {
  int epochs = 20;
  std::size_t batch = 128;
  std::size_t validation =
      10000;                   ///< images set aside, chosen by the seed, to choose the best model
  float learning_rate = 0.2F;  ///< one_cycle and cosine: the highest
  float momentum = 0;          ///< 0 <= momentum < 1, as PyTorch's SGD has it
  bool nesterov = false;       ///< Nesterov's momentum, as PyTorch's SGD has it
  float weight_decay = 0;      ///< of weights, not of biases and normalisations; PyTorch's
  Schedule schedule = Schedule::constant;
  float warmup = 0;     ///< epochs, 0 to epochs; of cosine
  float smoothing = 0;  ///< of labels: 0 <= smoothing < 1 (Szegedy et al. 2016)
  /// Keeps an average of the weights, and takes it as the model: after each step, this share of it
  /// stays. 0: no average; 0.99 looks back about 100 steps. Below 1.
  float average = 0;
  Augmentation augmentation;
  /// So many things that are no digits (letters, scribbles, pairs, pieces) are added to each image,
  /// for which all digits are to be equally probable: the model learns to doubt (Hendrycks et al.
  /// 2019). 0 to 1. The loss counts them, the accuracy does not.
  float outliers = 0;
  /// So many digits in styles that are rare in MNIST (1 with a flag, 7 with a bar, open 4), drawn
  /// with a pen, are added to each image. 0 to 1. The loss counts them, the accuracy does not.
  float rare_styles = 0;
  /// What is learned: the average of these models' probabilities, in place of the labels (Hinton et
  /// al. 2015). Empty: the labels.
  std::vector<Model> teachers;
  /// The model's (see Model); 0: fitted on the images for validation, or 1 where there are none.
  float temperature = 0;
  /// The weights to start from, with their normalisation and, where no other is asked for or
  /// fitted, their temperature; its architecture is that of the training. None: random ones.
  std::optional<Model> from;
  std::uint64_t seed = 1;  ///< of the split, first weights, order, augmentation and dropout
  Precision precision = Precision::automatic;
  int threads = 0;            ///< 0: one for each core that this process may use; at most 1024
  std::filesystem::path out;  ///< the best model; empty: nothing is written
  bool resume = false;        ///< go on from checkpoint_path(out)
};

/// Throws OptionError, naming the option, what was found and what was expected, when an option
/// cannot be, whatever the data. train() calls it.
SCRAWL_API void check_options(const TrainingOptions& options);

/// A network with the settings that suit it; parse_architecture(name) is the network.
struct Preset {
  std::string name;
  std::string summary;  ///< for people: what it is for
  /// As measured on 2 cores of a Zen 4 server: on MNIST's test part, mean over several seeds, in
  /// percent; and of the whole process, from its start to the saved model. See docs/RESULTS.md.
  double accuracy = 0;
  double seconds = 0;
  TrainingOptions options;
};

/// All presets: mlp, whose settings are the defaults, and others.
SCRAWL_API std::vector<Preset> presets();

/// Where train() keeps what --resume needs: model.safetensors -> model.checkpoint.safetensors.
SCRAWL_API std::filesystem::path checkpoint_path(const std::filesystem::path& out);

/// Average loss (cross-entropy, natural logarithm) and share right, 0 to 1.
struct Score {
  double loss = 0;
  double accuracy = 0;
};

/// One batch of a training, for progress displays.
struct BatchReport {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  std::size_t batch = 0;  ///< from 1
  std::size_t batches = 0;
  float learning_rate = 0;
  Score average;  ///< over this epoch's images so far
};

/// One epoch of a training.
struct EpochReport {
  int epoch = 0;  ///< from 1
  int epochs = 0;
  Score train;         ///< averages while the weights were changing, as the tutorial has them
  Score validation;    ///< after the epoch; zeros when validation is 0
  double seconds = 0;  ///< training alone
  double validation_seconds = 0;
  double images_per_second = 0;  ///< training alone
  bool best = false;             ///< the best model so far
};

/// [label][answer]: how many.
using Confusion = std::array<std::array<std::size_t, digit_count>, digit_count>;

/// An image that was read wrong.
struct Mistake {
  std::size_t index = 0;  ///< into the data set
  int label = 0;
  int answer = 0;
  float confidence = 0;  ///< the answer's probability, as the network has it without a temperature
};

/// What an epoch's validation shows beside its score.
struct ValidationReport {
  int epoch = 0;  ///< from 1
  Confusion confusion{};
  std::vector<Mistake> mistakes;  ///< the most confident first, at most 24
};

/// What a training calls as it goes, from the thread that called train(); any may be empty.
struct TrainingCallbacks {
  std::function<bool(const BatchReport&)> on_batch;  ///< false: save and stop
  std::function<void(const EpochReport&)> on_epoch = {};
  /// Before on_epoch, where images were set aside.
  std::function<void(const ValidationReport&)> on_validation = {};
};

struct TrainingResult {
  Model best;  ///< by validation accuracy (ties: lower loss); the last where validation is 0
  EpochReport best_epoch;
  int epochs_done = 0;
  bool finished = false;  ///< false: a callback stopped it; options.resume goes on from there
};

/// Trains `architecture` on `dataset` with SGD and cross-entropy. The same data, options, and
/// number of threads give the same weights, bit for bit, stopped and resumed or not. Throws Error
/// when the options do not fit the data, the checkpoint is of another data set, architecture or
/// setting, the disk does not take a file, or the loss becomes NaN.
SCRAWL_API TrainingResult train(const Dataset& dataset, const Architecture& architecture,
                                const TrainingOptions& options,
                                const TrainingCallbacks& callbacks = {});

/// How a training did in one epoch.
struct EpochScores {
  int epoch = 0;                    ///< from 1
  Score train;                      ///< averages while the weights were changing
  std::optional<Score> validation;  ///< after the epoch; nothing where no images were set aside
};

/// The epochs of the training that made the model, as train() keeps them in its metadata, in their
/// order; of a very long training every second, fourth, and so on, and the last. Empty where the
/// model has none, or none that can be understood.
SCRAWL_API std::vector<EpochScores> training_history(const Model& model);

/// The same from a file that `scrawl train --log` wrote: one JSON object a line. Of an epoch that
/// is there twice, since a training was resumed from before it, the later line counts. Throws
/// Error, naming file and line, when the file is missing or anything else.
SCRAWL_API std::vector<EpochScores> load_training_log(const std::filesystem::path& file);

/// The images whose confidence (the answer's probability) lies in one interval.
struct CalibrationBin {
  std::size_t images = 0;
  std::size_t right = 0;
  double confidence = 0;  ///< sum over the images
};

/// How a model does on a data set.
struct Evaluation {
  std::size_t images = 0;
  Score score;
  double standard_error = 0;  ///< of the accuracy: sqrt(p (1 - p) / n)
  /// By how much confidence and accuracy differ, averaged over the images in 15 bins of confidence
  /// (Naeini et al. 2015), 0 to 1.
  double calibration_error = 0;
  /// Bin i: confidences from i/15 to (i + 1)/15.
  std::array<CalibrationBin, 15> calibration{};
  Confusion confusion{};
  double seconds = 0;  ///< without loading
};

/// Evaluates without gradients. threads as in TrainingOptions, here and below: others are
/// std::invalid_argument. Throws Error when the data set is empty, the model cannot be (see Model),
/// or it or this CPU cannot be asked for int8.
SCRAWL_API Evaluation evaluate(const Model& model, const Dataset& dataset,
                               Precision precision = Precision::automatic, int threads = 0);

/// Each image's probabilities (dataset.size()). Throws Error when the model cannot be (see Model),
/// or it or this CPU cannot be asked for int8.
SCRAWL_API std::vector<Probabilities> predict(const Model& model, const Dataset& dataset,
                                              Precision precision = Precision::automatic,
                                              int threads = 0);

/// Evaluates an ensemble of models: the average of their probabilities answers. Throws
/// std::invalid_argument when there is none.
SCRAWL_API Evaluation evaluate(std::span<const Model> models, const Dataset& dataset,
                               Precision precision = Precision::automatic, int threads = 0);

}  // namespace scrawl
