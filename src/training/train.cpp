// The training loop.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <future>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/training.hpp>

#include "dataset/check_dataset.hpp"
#include "network/inference_plan.hpp"
#include "network/inference_stages.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "network_training/team.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"
#include "training/augment.hpp"
#include "training/batches.hpp"
#include "training/check_team.hpp"
#include "training/checkpoint.hpp"
#include "training/clock.hpp"
#include "training/evaluate.hpp"
#include "training/extras.hpp"
#include "training/history.hpp"
#include "training/schedule.hpp"
#include "training/settings.hpp"
#include "training/train_in_team.hpp"

namespace scrawl {

namespace {

constexpr double save_interval = 5;        // seconds
constexpr std::size_t teacher_rows = 32;   // images that a teacher is asked about at once
constexpr std::size_t range_images = 256;  // that a model's ranges are measured on

void check_from(const Model& from, const Architecture& architecture) {
  check_model(from);
  if (from.architecture == architecture) return;
  throw OptionError(fmt::format("training: the model to start from is '{}', expected '{}'",
                                to_string(from.architecture), to_string(architecture)));
}

/// Statistics over fewer images would be too far from those of all.
constexpr std::size_t min_normalized = 16;

bool has_norm(const Architecture& architecture) {
  return std::ranges::any_of(
      architecture.layers, [](const Layer& layer) { return std::holds_alternative<Norm>(layer); });
}

void check_data(const DatasetView& dataset, const Architecture& architecture,
                const TrainingOptions& options) {
  if (options.validation >= dataset.size()) {
    throw Error(fmt::format("training: {} images for validation leave none of {} to train on",
                            options.validation, dataset.size()));
  }
  const std::size_t images = dataset.size() - options.validation;
  if (options.batch > images) {
    throw Error(fmt::format("training: batch is {}, expected 1 to {}, the number of images",
                            options.batch, images));
  }
  if (options.batch < min_normalized && has_norm(architecture)) {
    throw Error(fmt::format(
        "training: batch is {}, expected {} or more, since the network's normalizations take mean "
        "and variance over a batch's images; few glyphs are learned among MNIST's, by "
        "personalize()",
        options.batch, min_normalized));
  }
}

/// Whether a step needs nothing but images, labels, rate and momentum.
bool is_plain(const TrainingOptions& options) {
  return options.teachers.empty() && !options.nesterov && options.weight_decay == 0 &&
         options.smoothing == 0 && options.weight_ema == 0 && options.outliers == 0 &&
         options.rare_styles == 0;
}

PlanOptions plan_options(const TrainingOptions& options, Team* team) {
  const bool bf16 = training_type(options.precision) == DataType::bf16;
  return {.batch = options.batch + extras_of(options, options.batch).size(),
          .bf16 = bf16,
          .weight_ema = options.weight_ema > 0,
          .seed = options.seed,
          .steps = is_plain(options) ? Steps::plain : Steps::any,
          .team = team};
}

bool better(const EpochReport& report, const EpochReport& best, bool validated) {
  if (best.epoch == 0 || !validated) return true;
  if (report.validation.accuracy != best.validation.accuracy) {
    return report.validation.accuracy > best.validation.accuracy;
  }
  return report.validation.loss < best.validation.loss;
}

/// Where there are normalizations, a very small last batch is left out: in a small data set, which
/// ends often, its statistics would count as much as all others'.
std::size_t batches_in_epoch(std::size_t images, std::size_t batch,
                             const Architecture& architecture) {
  const std::size_t rest = images % batch;
  const bool left_out = rest == 0 || (rest < min_normalized && has_norm(architecture));
  return std::max<std::size_t>(1, images / batch + (left_out ? 0 : 1));
}

/// One training from its first batch, or from a checkpoint, to its end.
class Training {
 public:
  Training(const DatasetView& dataset, const Architecture& architecture,
           const TrainingOptions& options, const TrainingCallbacks& callbacks,
           const Checkpoint* from, Team* team);

  TrainingResult run();

 private:
  Checkpoint start();
  Checkpoint go_on(Checkpoint checkpoint);
  void train_epoch();
  LossSum train_batch(const EpochOrder& order);
  void check_processes();
  Share digits_of(const Share& own, std::size_t digits) const;
  void augment_batch(std::size_t begin, const Share& own, Batch& batch);
  void predict_targets(const Share& own, Batch& batch);
  void check_loss(const LossSum& sum);
  void report_batch();
  void finish_epoch();
  Score average() const;
  std::size_t step_number() const;
  Sgd sgd() const;
  /// Of the model: the average, where one is kept.
  const std::vector<Tensor>& model_weights() const {
    return options_.weight_ema > 0 ? progress_.state.weight_ema : progress_.state.weights;
  }
  Model model_now() const;
  float temperature_of(std::span<const float> logits) const;
  Model best_model();
  void take_state();
  bool keeps_files() const { return callbacks_.on_checkpoint || callbacks_.on_best; }
  void save();
  void show_best();

  DatasetView dataset_;
  const Architecture& architecture_;
  const TrainingOptions& options_;
  const TrainingCallbacks& callbacks_;
  Team* team_;
  Normalization normalization_;
  Split split_;
  Dataset validation_;
  Dataset range_images_;
  std::future<std::string> digest_;  // of the data set, until progress_ has it
  Checkpoint progress_;              // the training's whole state, ready to be saved
  Workers workers_;
  TrainingPlan plan_;
  std::size_t batches_;                            // in an epoch
  std::vector<std::uint8_t> augmented_;            // (batch, 784)
  std::vector<const std::uint8_t*> augmented_at_;  // (batch)
  std::vector<InferencePlan> teachers_;
  std::vector<float> targets_;  // (batch, 10): what the teachers say
  ExtraGlyphs extras_;
  std::size_t state_of_ = 0;   // the step whose state progress_ has; the first state is of step 0
  std::vector<float> ranges_;  // of the best model
  int ranges_of_ = 0;          // the epoch that it is of
  bool stopping_ = false;
  Clock::time_point saved_ = Clock::now();
};

Training::Training(const DatasetView& dataset, const Architecture& architecture,
                   const TrainingOptions& options, const TrainingCallbacks& callbacks,
                   const Checkpoint* from, Team* team)
    : dataset_(dataset),
      architecture_(architecture),
      options_(options),
      callbacks_(callbacks),
      team_(team),
      normalization_(options.from ? options.from->normalization : Normalization()),
      split_(split(dataset.size(), options.validation, options.seed)),
      validation_(select(dataset, split_.validation)),
      range_images_(select(
          dataset, std::span(split_.train).first(std::min(split_.train.size(), range_images)))),
      digest_(std::async(std::launch::async, [&dataset] { return digest_of(dataset); })),
      progress_(from == nullptr ? start() : go_on(*from)),
      workers_(options.threads),
      plan_(architecture, normalization_, plan_options(options, team), progress_.state, workers_),
      batches_(batches_in_epoch(split_.train.size(), options.batch, architecture)),
      extras_(dataset, split_.train, options) {
  progress_.normalization = normalization_;
  state_of_ = step_number();
  for (const Model& teacher : options.teachers) {
    teachers_.emplace_back(teacher, teacher_rows, training_type(options.precision));
  }
}

Checkpoint Training::start() {
  Checkpoint checkpoint;
  checkpoint.settings = settings_of(architecture_, options_);
  const Model first = options_.from ? *options_.from : initialize(architecture_, options_.seed);
  checkpoint.state = {first.weights, zero_weights(architecture_), {}};
  return checkpoint;
}

Checkpoint Training::go_on(Checkpoint checkpoint) {
  auto settings = settings_of(architecture_, options_);
  settings["dataset"] = digest_.get();
  check_settings(checkpoint, settings);
  checkpoint.settings = std::move(settings);
  const std::size_t images = dataset_.size() - options_.validation;
  check_checkpoint(checkpoint, images, batches_in_epoch(images, options_.batch, architecture_));
  return checkpoint;
}

/// Settings that need not match to resume have to here.
void Training::check_processes() {
  if (digest_.valid()) progress_.settings["dataset"] = digest_.get();
  auto facts = facts_of_this_process();
  facts.insert(progress_.settings.begin(), progress_.settings.end());
  facts["epochs"] = fmt::format("{}", options_.epochs);
  facts["patience"] = fmt::format("{}", options_.patience);
  facts["step to begin with"] = fmt::format("{}", step_number());
  check_team(*team_, facts);
}

TrainingResult Training::run() {
  if (team_ != nullptr) check_processes();
  while (!stopping_ && !is_finished(progress_, options_)) {
    train_epoch();
    if (progress_.position.batch == batches_) finish_epoch();
  }
  save();
  TrainingResult result{{}, {}, progress_.position.epoch, is_finished(progress_, options_)};
  if (has_best(progress_)) {
    result.best = best_model();
    result.best_epoch = progress_.best_epoch;
  }
  return result;
}

/// Trains to the end of the epoch, or until a callback wants to stop.
void Training::train_epoch() {
  const Clock::time_point start = Clock::now();
  Position& position = progress_.position;
  const double seconds_before = position.seconds;
  const EpochOrder order = shuffle(dataset_, split_.train, options_.seed, position.epoch);
  while (position.batch < batches_ && !stopping_) {
    const LossSum sum = train_batch(order);
    stopping_ = stopping_ || (team_ != nullptr && team_->stops());
    check_loss(sum);
    position.sum.loss += sum.loss;
    position.sum.correct += sum.correct;
    ++position.batch;
    position.seconds = seconds_before + seconds_since(start);
    report_batch();
    if (keeps_files() && seconds_since(saved_) > save_interval) save();
  }
}

LossSum Training::train_batch(const EpochOrder& order) {
  const std::size_t begin = progress_.position.batch * options_.batch;
  Batch batch = order.batch(begin, options_.batch);
  batch.smoothing = options_.smoothing;
  batch.number = step_number();
  const std::size_t digits = batch.labels.size();
  const Share rows = plan_.own_rows(digits + extras_of(options_, digits).size());
  const Share own = digits_of(rows, digits);
  if (options_.augmentation != Augmentation() || !teachers_.empty())
    augment_batch(begin, own, batch);
  if (!teachers_.empty()) predict_targets(own, batch);
  if (options_.outliers > 0 || options_.rare_styles > 0) {
    batch = extras_.mix(batch, progress_.position.epoch, begin, rows, workers_);
  }
  return plan_.step(batch, sgd(), order.batch(begin + options_.batch, options_.batch).images);
}

/// Of a batch's digits, those among the rows of the batch with its extras that this process takes,
/// and a few more: teachers are asked about whole groups.
Share Training::digits_of(const Share& own, std::size_t digits) const {
  if (own.size() == 0) return {};
  const std::size_t extras = extras_of(options_, digits).size();
  const auto digits_before = [&](std::size_t row) {
    return row - extras_before(row, extras, digits + extras);
  };
  return {
      digits_before(own.begin) / teacher_rows * teacher_rows,
      std::min(digits, (digits_before(own.end) + teacher_rows - 1) / teacher_rows * teacher_rows)};
}

/// Puts changed copies in place of the images from `begin` of the epoch on, of those of its digits
/// that are `own`. The random numbers are those of the image's place in the training, whichever
/// worker makes the copy.
void Training::augment_batch(std::size_t begin, const Share& own, Batch& batch) {
  constexpr std::size_t rows = 16;  // of a task
  const std::size_t size = batch.labels.size();
  augmented_.resize(options_.batch * glyph_pixels);
  augmented_at_.resize(options_.batch);
  const auto epoch = static_cast<std::uint64_t>(progress_.position.epoch);
  for (std::size_t row = 0; row < size; ++row)
    augmented_at_[row] = augmented_.data() + row * glyph_pixels;
  workers_.run((own.size() + rows - 1) / rows, [&](std::size_t task, std::size_t) {
    const std::size_t first = own.begin + task * rows;
    for (std::size_t row = first; row < std::min(own.end, first + rows); ++row) {
      augment(GlyphView(batch.images[row], glyph_pixels), options_.augmentation,
              Random({options_.seed, random_augmentation, epoch, begin + row}),
              augmented_.data() + row * glyph_pixels);
    }
  });
  batch.images = std::span(augmented_at_).first(size);
}

/// Puts the average of the teachers' probabilities for the batch's images, which augment_batch has
/// gathered, in place of its labels, of those that are `own`.
void Training::predict_targets(const Share& own, Batch& batch) {
  const std::size_t size = batch.labels.size();
  targets_.assign(size * digit_count, 0);
  const float weight = 1.0F / static_cast<float>(teachers_.size());
  workers_.run((own.size() + teacher_rows - 1) / teacher_rows, [&](std::size_t task, std::size_t) {
    const std::size_t begin = own.begin + task * teacher_rows;
    const std::size_t count = std::min(teacher_rows, own.end - begin);
    std::array<float, teacher_rows * digit_count> logits;
    for (const InferencePlan& teacher : teachers_) {
      teacher.run(std::span(augmented_).subspan(begin * glyph_pixels, count * glyph_pixels),
                  std::span(logits).first(count * digit_count));
      for (std::size_t row = 0; row < count; ++row) {
        add_softmax(std::span(logits).subspan(row * digit_count, digit_count), weight,
                    std::span(targets_).subspan((begin + row) * digit_count, digit_count));
      }
    }
  });
  batch.targets = targets_;
}

/// Before it gives up, shows the best model there was; the last checkpoint is the one to go on
/// from.
void Training::check_loss(const LossSum& sum) {
  if (std::isfinite(sum.loss)) return;
  show_best();
  const Position& position = progress_.position;
  throw Error(
      fmt::format("training: the loss became {} in epoch {}, batch {}: the weights grew without "
                  "bound; lower the "
                  "learning rate (now {}) or the momentum (now {})",
                  sum.loss, position.epoch + 1, position.batch + 1, sgd().rate, options_.momentum));
}

std::size_t Training::step_number() const {
  return static_cast<std::size_t>(progress_.position.epoch) * batches_ + progress_.position.batch;
}

Sgd Training::sgd() const {
  const std::size_t step = step_number();
  return {learning_rate(options_, batches_, step), options_.momentum, options_.nesterov,
          options_.weight_decay, ema_decay(options_, step)};
}

/// Over this epoch's images so far.
Score Training::average() const {
  const Position& position = progress_.position;
  const auto images =
      static_cast<double>(std::min(position.batch * options_.batch, split_.train.size()));
  return {position.sum.loss / images, static_cast<double>(position.sum.correct) / images};
}

void Training::report_batch() {
  if (!callbacks_.on_batch) return;
  const Position& position = progress_.position;
  const bool go_on = callbacks_.on_batch(
      {position.epoch + 1, options_.epochs, position.batch, batches_, sgd().rate, average()});
  if (go_on) return;
  if (team_ != nullptr) return team_->ask_to_stop();  // so that all stop behind the same step
  stopping_ = true;
}

void Training::finish_epoch() {
  Position& position = progress_.position;
  take_state();
  EpochReport report;
  report.epoch = position.epoch + 1;
  report.epochs = options_.epochs;
  report.train = average();
  report.seconds = position.seconds;
  report.images_per_second = static_cast<double>(split_.train.size()) / position.seconds;
  std::vector<float> logits;
  if (options_.validation > 0) {
    const Clock::time_point start = Clock::now();
    logits =
        logits_of(model_now(), validation_, training_type(options_.precision), workers_, team_);
    const Evaluation evaluation = summarize(logits, validation_.labels);
    report.validation = evaluation.score;
    report.validation_seconds = seconds_since(start);
    if (callbacks_.on_validation) {
      callbacks_.on_validation({report.epoch, evaluation.confusion,
                                mistakes(logits, validation_.labels, split_.validation)});
    }
  }
  report.best = better(report, progress_.best_epoch, options_.validation > 0);
  if (report.best) {
    progress_.best_epoch = report;
    progress_.best_weights = model_weights();
    progress_.best_temperature = temperature_of(logits);
  }
  add_epoch(progress_.history,
            {report.epoch, report.train,
             options_.validation > 0 ? std::optional(report.validation) : std::nullopt});
  position = {position.epoch + 1, 0, {}, 0};
  if (callbacks_.on_epoch && !callbacks_.on_epoch(report)) stopping_ = true;
}

/// The weights as they are, at a temperature of 1.
Model Training::model_now() const {
  return {architecture_, model_weights(), normalization_, 1, {}, {}};
}

/// Of a model with such logits of the images for validation (undivided).
float Training::temperature_of(std::span<const float> logits) const {
  if (options_.temperature > 0) return options_.temperature;
  if (!logits.empty()) return fit_temperature(logits, validation_.labels);
  return options_.from ? options_.from->temperature : 1.0F;
}

Model Training::best_model() {
  Model model = model_now();
  model.metadata = progress_.settings;
  model.metadata.erase("architecture");  // which the model file holds anyway
  const EpochReport& best = progress_.best_epoch;
  model.weights = progress_.best_weights;
  model.temperature = progress_.best_temperature;
  if (ranges_of_ != best.epoch) {
    ranges_ = measure_activation_ranges(model, range_images_.images);
    ranges_of_ = best.epoch;
  }
  model.activation_ranges = ranges_;
  model.metadata[history_key] = format_history(progress_.history);
  model.metadata["epoch"] = fmt::format("{}", best.epoch);
  model.metadata["train loss"] = fmt::format("{:.6f}", best.train.loss);
  model.metadata["train accuracy"] = fmt::format("{:.6f}", best.train.accuracy);
  if (options_.validation > 0) {
    model.metadata["validation loss"] = fmt::format("{:.6f}", best.validation.loss);
    model.metadata["validation accuracy"] = fmt::format("{:.6f}", best.validation.accuracy);
  }
  return model;
}

void Training::take_state() {
  if (digest_.valid()) progress_.settings["dataset"] = digest_.get();
  if (state_of_ == step_number()) return;
  progress_.state = plan_.state();
  state_of_ = step_number();
}

void Training::save() {
  saved_ = Clock::now();
  take_state();
  if (callbacks_.on_checkpoint) callbacks_.on_checkpoint(progress_);
  show_best();
}

void Training::show_best() {
  if (callbacks_.on_best && has_best(progress_)) callbacks_.on_best(best_model());
}

TrainingResult run(const DatasetView& dataset, const Architecture& architecture,
                   const TrainingOptions& options, const TrainingCallbacks& callbacks,
                   const Checkpoint* from, Team* team = nullptr) {
  check_options(options);
  check_classifier(architecture);
  if (options.from) check_from(*options.from, architecture);
  for (const Model& teacher : options.teachers) check_model(teacher);
  check_dataset(dataset, "training");
  check_data(dataset, architecture, options);
  return Training(dataset, architecture, options, callbacks, from, team).run();
}

}  // namespace

TrainingResult train(const Dataset& dataset, const Architecture& architecture,
                     const TrainingOptions& options, const TrainingCallbacks& callbacks) {
  return run(dataset, architecture, options, callbacks, nullptr);
}

TrainingResult train_in_team(Team* team, const Checkpoint* from, const DatasetView& dataset,
                             const Architecture& architecture, const TrainingOptions& options,
                             const TrainingCallbacks& callbacks) {
  return run(dataset, architecture, options, callbacks, from, team);
}

TrainingResult resume_training(const Checkpoint& checkpoint, const Dataset& dataset,
                               const Architecture& architecture, const TrainingOptions& options,
                               const TrainingCallbacks& callbacks) {
  return run(dataset, architecture, options, callbacks, &checkpoint);
}

}  // namespace scrawl
